# The guide's rule in the old syntax (before OPA 1.0): the same decisions as guide.rego beside it.
package abm.guide_v0

import data.abm.version

deny[{"msg": msg, "fix": "Give the profile enrollmentMethod = abm."}] {
	version.at_least(input.device.os_version, data.settings.abm_from_version)
	method := input.payload.enrollmentMethod
	method != "abm"
	msg := sprintf("from %v on the enrollmentMethod must be abm, it is %v", [data.settings.abm_from_version, method])
}

deny[{"msg": msg, "fix": "Give the profile enrollmentMethod = abm."}] {
	version.at_least(input.device.os_version, data.settings.abm_from_version)
	input.payload != {}
	not input.payload.enrollmentMethod
	msg := sprintf("from %v on the enrollmentMethod must be abm, the profile has none", [data.settings.abm_from_version])
}

deny[{"msg": msg, "fix": "Write it as 18.4 or 18.4.1."}] {
	text := input.device.os_version
	not version.known(text)
	msg := sprintf("device.os_version is no version: %v", [text])
}

unknown["device.os_version is not known"] {
	not input.device.os_version
	not method_is_abm
}

unknown["the payload is not known"] {
	version.at_least(input.device.os_version, data.settings.abm_from_version)
	input.payload == {}
}

method_is_abm {
	input.payload.enrollmentMethod == "abm"
}
