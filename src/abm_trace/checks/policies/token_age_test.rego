package abm.token_age_test

import data.abm.token_age
import rego.v1

of(created, expiry) := {"as_of": "2026-05-17T00:00:00Z", "token": {"createdAt": created, "tokenExpiry": expiry}}

test_a_young_token if {
	count(token_age.deny) == 0 with input as of("2026-04-17T00:00:00Z", "2026-08-01T00:00:00Z")
	count(token_age.warn) == 0 with input as of("2026-04-17T00:00:00Z", "2026-08-01T00:00:00Z")
	count(token_age.unknown) == 0 with input as of("2026-04-17T00:00:00Z", "2026-08-01T00:00:00Z")
}

test_an_old_token if count(token_age.deny) == 1 with input as of("2026-04-16T23:59:59Z", "2026-08-01T00:00:00Z")

test_an_expired_token if {
	count(token_age.deny) == 1 with input as of("2026-05-01T00:00:00Z", "2026-05-17T00:00:00Z")
	count(token_age.warn) == 0 with input as of("2026-05-01T00:00:00Z", "2026-05-17T00:00:00Z")
}

test_a_token_of_the_future if count(token_age.deny) == 1 with input as of("2026-05-17T02:00:01+02:00", "2026-08-01T00:00:00Z")

test_soon_is_told if count(token_age.warn) == 1 with input as of("2026-05-01T00:00:00Z", "2026-05-23T23:59:59Z")

test_missing_facts_are_no_failure if {
	count(token_age.unknown) == 3 with input as {"token": {}}
	count(token_age.deny) == 0 with input as {"token": {}}
}
