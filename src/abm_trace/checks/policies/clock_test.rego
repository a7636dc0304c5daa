package abm.clock_test

import data.abm.clock
import rego.v1

test_within_the_limit if {
	every offset in [0, 5.79, -5.79] {
		count(clock.deny) == 0 with input as {"device": {"clock_offset_s": offset}}
		count(clock.unknown) == 0 with input as {"device": {"clock_offset_s": offset}}
	}
}

test_beyond_the_limit if {
	every offset in [5.8, -9.2] {
		count(clock.deny) == 1 with input as {"device": {"clock_offset_s": offset}}
	}
}

test_a_missing_sample_is_no_failure if {
	count(clock.deny) == 0 with input as {"device": {}}
	count(clock.unknown) == 1 with input as {"device": {}}
}
