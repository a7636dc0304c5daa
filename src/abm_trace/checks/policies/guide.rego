# The guide's rule: from this version on (18.4) a device is staged with a profile whose enrollmentMethod is abm alone.
# The guide compares the versions as texts; here they are compared as versions.
package abm.guide

import data.abm.version
import rego.v1

deny contains {"msg": msg, "fix": "Give the profile enrollmentMethod = abm."} if {
	version.at_least(input.device.os_version, data.settings.abm_from_version)
	method := input.payload.enrollmentMethod
	method != "abm"
	msg := sprintf("from %v on the enrollmentMethod must be abm, it is %v", [data.settings.abm_from_version, method])
}

deny contains {"msg": msg, "fix": "Give the profile enrollmentMethod = abm."} if {
	version.at_least(input.device.os_version, data.settings.abm_from_version)
	input.payload != {}
	not input.payload.enrollmentMethod
	msg := sprintf("from %v on the enrollmentMethod must be abm, the profile has none", [data.settings.abm_from_version])
}

deny contains {"msg": msg, "fix": "Write it as 18.4 or 18.4.1."} if {
	text := input.device.os_version
	not version.known(text)
	msg := sprintf("device.os_version is no version: %v", [text])
}

unknown contains "device.os_version is not known" if {
	not input.device.os_version
	not method_is_abm
}

unknown contains "the payload is not known" if {
	version.at_least(input.device.os_version, data.settings.abm_from_version)
	input.payload == {}
}

method_is_abm if input.payload.enrollmentMethod == "abm"
