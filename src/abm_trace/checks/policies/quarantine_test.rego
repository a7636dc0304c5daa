package abm.quarantine_test

import data.abm.quarantine
import rego.v1

test_a_free_device if {
	count(quarantine.deny) == 0 with input as {"device": {"serial": "F9FXQ1ABCE"}, "site": {}} with data.settings.quarantine as ["F9FXQ1ABCD"]
	count(quarantine.unknown) == 0 with input as {"device": {"serial": "F9FXQ1ABCE"}, "site": {}}
}

test_a_held_device if {
	count(quarantine.deny) == 1 with input as {"device": {"serial": " f9fxq1abcd"}, "site": {}} with data.settings.quarantine as ["F9FXQ1ABCD"]
	count(quarantine.deny) == 1 with input as {"device": {"quarantined": true}, "site": {}}
}

# Scanned with the barcode's S, or typed with blanks, O for 0 and I for 1, it is the same device.
test_a_held_device_however_it_is_spelled if {
	every text in ["SF9FXQ1ABCD", "f9 fxq-1abcd", "F9FXQIABCD"] {
		count(quarantine.deny) == 1 with input as {"device": {"serial": text}, "site": {}} with data.settings.quarantine as ["F9FXQ1ABCD"]
		count(quarantine.deny) == 1 with input as {"device": {"serial": "F9FXQ1ABCD"}, "site": {}} with data.settings.quarantine as [text]
	}
	count(quarantine.deny) == 0 with input as {"device": {"serial": "S9FXQ1ABCD"}, "site": {}} with data.settings.quarantine as ["9FXQ1ABCD"]
}

test_a_held_site if count(quarantine.deny) == 1 with input as {"device": {}, "site": {"quarantined": true}}

test_a_missing_serial_is_no_failure if {
	count(quarantine.deny) == 0 with input as {"device": {}, "site": {}}
	count(quarantine.unknown) == 1 with input as {"device": {}, "site": {}}
	count(quarantine.unknown) == 0 with input as {"device": {"quarantined": false}, "site": {}}
}
