package abm.version_test

import data.abm.version
import rego.v1

test_versions_are_compared_as_versions if {
	version.less("18.4", "18.10")
	version.less("9.3", "18.4")
	version.less("18.4", "18.4.1")
	not version.less("18.10", "18.4")
	not version.less("18.4", "18.4.0")
}

test_at_least if {
	version.at_least("18.10", "18.4")
	version.at_least("18.4.0", "18.4")
	not version.at_least("18.3.9", "18.4")
}

test_what_is_no_version_is_neither_less_nor_more if {
	every text in ["", "18.x", "v18", "18..4", "18.4 beta", "018.4", "1.2.3.4.5"] {
		not version.known(text)
		not version.less(text, "18.4")
		not version.at_least(text, "18.4")
	}
}

test_a_rapid_response_is_a_version if version.at_least("18.4.1 (a)", "18.4")
