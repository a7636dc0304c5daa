# Some models need a fix before they are staged (SPEC G7). data.firmware is checks/firmware.toml, and a file of your own:
# a device is meant by its model, its model number or the words of its name; it has the fix by its build or its version,
# and where neither is known to hold the fix, every device that is meant needs it.
package abm.firmware

import data.abm.version
import rego.v1

meant contains need if {
	some need in data.firmware
	input.device.model in need.models
}

meant contains need if {
	some need in data.firmware
	some number in need.model_numbers
	startswith(upper(input.device.model_number), number)
}

meant contains need if {
	some need in data.firmware
	some name in need.names
	words := {word | some word in regex.split(`[^a-z0-9]+`, lower(input.device.model))}
	every word in split(lower(name), " ") { word in words }
}

fixed(need) if input.device.build in need.fixed_builds

fixed(need) if {
	need.fixed_from != ""
	version.at_least(input.device.os_version, need.fixed_from)
}

# Whether nobody can say: there is a build or a version with the fix, and the device's own is missing.
unsaid(need) if {
	count(need.fixed_builds) > 0
	not input.device.build
}

unsaid(need) if {
	need.fixed_from != ""
	not input.device.os_version
}

deny contains {"msg": msg, "fix": need.do} if {
	some need in meant
	not fixed(need)
	not unsaid(need)
	msg := sprintf("%v needs %v first (%v)", [device, need.fix, need.id])
}

unknown contains sprintf("the build or version of %v is not known (%v)", [device, need.id]) if {
	some need in meant
	not fixed(need)
	unsaid(need)
}

unknown contains "neither device.model nor device.model_number is known" if {
	count(data.firmware) > 0
	not input.device.model
	not input.device.model_number
}

device := object.get(input.device, "model", object.get(input.device, "model_number", "the device"))
