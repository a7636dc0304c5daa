package abm.method_test

import data.abm.method
import rego.v1

good := {"enrollmentMethod": "abm", "serverUrl": "https://eu-west.abm.apple.com/v1"}

test_a_good_profile if {
	count(method.deny) == 0 with input as {"payload": good}
	count(method.unknown) == 0 with input as {"payload": good}
}

test_another_method if count(method.deny) == 1 with input as {"payload": object.union(good, {"enrollmentMethod": "none"})}

test_no_method if count(method.deny) == 1 with input as {"payload": object.remove(good, ["enrollmentMethod"])}

test_no_server if count(method.deny) == 1 with input as {"payload": object.remove(good, ["serverUrl"])}

test_another_server if {
	every url in ["http://eu-west.abm.apple.com", "https://abm.apple.com.evil.example", "https://eu-west.abm.apple.com.evil.example/", "https://evil.example/eu-west.abm.apple.com"] {
		count(method.deny) == 1 with input as {"payload": object.union(good, {"serverUrl": url})}
	}
}

test_deprecated_keys if {
	count(method.deny) == 2 with input as {"payload": object.union(good, {"enrollmentType": "", "mdmURL": "x"})}
}

test_no_profile_is_no_failure if {
	count(method.deny) == 0 with input as {"payload": {}}
	count(method.unknown) == 1 with input as {"payload": {}}
}
