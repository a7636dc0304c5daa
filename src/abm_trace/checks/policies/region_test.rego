package abm.region_test

import data.abm.region
import rego.v1

at(token, url, device, site) := {
	"token": {"region": token},
	"payload": {"serverUrl": url},
	"device": {"region": device},
	"site": {"region": site},
}

test_one_region if {
	document := at("eu-west", "https://eu-west.abm.apple.com/v1", "eu-west", "eu-west")
	count(region.deny) == 0 with input as document
	count(region.unknown) == 0 with input as document
}

test_each_other_region_is_denied if {
	count(region.deny) == 1 with input as at("eu-west", "https://us-east.abm.apple.com", "eu-west", "eu-west")
	count(region.deny) == 1 with input as at("eu-west", "https://eu-west.abm.apple.com", "us-east", "eu-west")
	count(region.deny) == 1 with input as at("eu-west", "https://eu-west.abm.apple.com", "eu-west", "us-east")
	count(region.deny) == 3 with input as at("eu-west", "https://us-east.abm.apple.com", "us-east", "us-east")
}

test_a_foreign_host_has_no_region if {
	count(region.deny) == 0 with input as {"token": {"region": "eu-west"}, "payload": {"serverUrl": "https://us-east.evil.example"}, "device": {}, "site": {}}
}

test_regions_that_are_allowed if {
	document := at("eu-west", "https://eu-west.abm.apple.com", "eu-west", "eu-west")
	count(region.deny) == 1 with input as document with data.settings.regions as ["us-east"]
	count(region.deny) == 0 with input as document with data.settings.regions as ["us-east", "eu-west"]
}

test_missing_facts_are_no_failure if {
	count(region.deny) == 0 with input as {"token": {}, "payload": {}, "device": {}, "site": {}}
	count(region.unknown) == 2 with input as {"token": {}, "payload": {}, "device": {}, "site": {}}
}
