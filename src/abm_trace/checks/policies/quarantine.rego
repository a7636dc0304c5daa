# A device or a site that is held back is not staged until somebody releases it, with a reason (SPEC S3).
package abm.quarantine

import rego.v1

deny contains {"msg": msg, "fix": fix} if {
	some held in data.settings.quarantine
	key(held) == key(input.device.serial)
	msg := sprintf("%v is in quarantine", [input.device.serial])
}

deny contains {"msg": "the device is in quarantine", "fix": fix} if input.device.quarantined == true

deny contains {"msg": "the site is in quarantine", "fix": fix} if input.site.quarantined == true

unknown contains "device.serial is not known, so nobody can say whether it is in quarantine" if {
	not input.device.serial
	not is_boolean(object.get(input.device, "quarantined", null))
}

# A serial however it was typed or scanned: Apple's hold neither O nor I, and a barcode puts an S before its 10 or 12.
key(text) := trim_prefix(plain(text), "S") if count(plain(text)) in {11, 13}

key(text) := plain(text) if not count(plain(text)) in {11, 13}

plain(text) := replace(replace(regex.replace(upper(text), `[\s\x{00a0}\x{200b}\x{feff}-]+`, ""), "O", "0"), "I", "1")

fix := "Find out why it is held: abm-trace explain SERIAL --case CASE. Then take it off the list (--settings), or out of its document."
