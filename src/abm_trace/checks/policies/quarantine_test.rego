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

test_a_held_site if count(quarantine.deny) == 1 with input as {"device": {}, "site": {"quarantined": true}}

test_a_missing_serial_is_no_failure if {
	count(quarantine.deny) == 0 with input as {"device": {}, "site": {}}
	count(quarantine.unknown) == 1 with input as {"device": {}, "site": {}}
	count(quarantine.unknown) == 0 with input as {"device": {"quarantined": false}, "site": {}}
}
