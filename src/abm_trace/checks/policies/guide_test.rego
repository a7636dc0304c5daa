package abm.guide_test

import data.abm.guide
import rego.v1

test_abm_is_allowed if {
	count(guide.deny) == 0 with input as {"device": {"os_version": "18.10"}, "payload": {"enrollmentMethod": "abm"}}
	count(guide.unknown) == 0 with input as {"device": {"os_version": "18.10"}, "payload": {"enrollmentMethod": "abm"}}
}

# As texts "18.10" stands before "18.4".
test_another_method_is_denied_from_18_4_on if {
	every text in ["18.4", "18.4.1", "18.10", "26.1"] {
		count(guide.deny) == 1 with input as {"device": {"os_version": text}, "payload": {"enrollmentMethod": "none"}}
	}
}

test_older_ones_may if {
	every text in ["18.3.2", "17.7", "9.3"] {
		count(guide.deny) == 0 with input as {"device": {"os_version": text}, "payload": {"enrollmentMethod": "none"}}
	}
}

test_a_lost_method_is_denied if {
	count(guide.deny) == 1 with input as {"device": {"os_version": "18.4"}, "payload": {"serverUrl": "https://x"}}
}

test_no_version_is_denied if {
	count(guide.deny) == 1 with input as {"device": {"os_version": "18.x"}, "payload": {"enrollmentMethod": "abm"}}
}

test_missing_facts_are_no_failure if {
	guide.unknown == {"the payload is not known"} with input as {"device": {"os_version": "18.4"}, "payload": {}}
	guide.unknown == {"device.os_version is not known"} with input as {"device": {}, "payload": {"enrollmentMethod": "none"}}
	count(guide.deny) == 0 with input as {"device": {}, "payload": {}}
}
