package abm.firmware_test

import data.abm.firmware
import rego.v1

needs := [{
	"id": "clock", "fix": "the update", "do": "Update it.",
	"models": ["iPad16,3"], "model_numbers": ["A2836"], "names": ["iPad Pro M4"],
	"fixed_from": "18.4", "fixed_builds": ["22D81"],
}]

nobody_knows := [object.union(needs[0], {"fixed_from": "", "fixed_builds": []})]

denied(device, wanted) := found if {
	found := count(firmware.deny) with input as {"device": device} with data.firmware as wanted
}

unsaid(device, wanted) := found if {
	found := count(firmware.unknown) with input as {"device": device} with data.firmware as wanted
}

test_each_name_of_a_model_is_meant if {
	every device in [{"model": "iPad16,3"}, {"model_number": "a2836ll/a"}, {"model": "iPad Pro 11-inch (M4)"}] {
		denied(object.union(device, {"os_version": "18.3", "build": "22D60"}), needs) == 1
	}
}

test_the_fix_is_a_build_or_a_version if {
	denied({"model": "iPad16,3", "os_version": "18.10", "build": "22X1"}, needs) == 0
	denied({"model": "iPad16,3", "os_version": "18.3", "build": "22D81"}, needs) == 0
}

test_where_nobody_knows_the_fix_all_need_it if {
	denied({"model": "iPad16,3", "os_version": "26.1", "build": "23B85"}, nobody_knows) == 1
	denied({"model": "iPad16,3"}, nobody_knows) == 1
}

test_another_model_needs_nothing if {
	denied({"model": "iPad13,1", "os_version": "15.0"}, needs) == 0
	denied({"model": "iPad Pro 11-inch (M1)"}, needs) == 0
	unsaid({"model": "iPad13,1"}, needs) == 0
}

test_missing_facts_are_no_failure if {
	unsaid({"model": "iPad16,3"}, needs) == 1
	unsaid({"model": "iPad16,3", "os_version": "18.3"}, needs) == 1
	denied({"model": "iPad16,3", "os_version": "18.3"}, needs) == 0
	denied({"model": "iPad16,3", "os_version": "18.4"}, needs) == 0
	unsaid({"model": "iPad16,3", "os_version": "18.4"}, needs) == 0
	unsaid({}, needs) == 1
	unsaid({}, []) == 0
}
