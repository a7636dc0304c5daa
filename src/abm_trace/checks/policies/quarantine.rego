# A device or a site that is held back is not staged until somebody releases it, with a reason (SPEC S3).
package abm.quarantine

import rego.v1

deny contains {"msg": msg, "fix": fix} if {
	serial := upper(trim_space(input.device.serial))
	some held in data.settings.quarantine
	upper(trim_space(held)) == serial
	msg := sprintf("%v is in quarantine", [input.device.serial])
}

deny contains {"msg": "the device is in quarantine", "fix": fix} if input.device.quarantined == true

deny contains {"msg": "the site is in quarantine", "fix": fix} if input.site.quarantined == true

unknown contains "device.serial is not known, so nobody can say whether it is in quarantine" if {
	not input.device.serial
	not is_boolean(object.get(input.device, "quarantined", null))
}

fix := "Find out why it is held, then release it: abm-trace quarantine release"
