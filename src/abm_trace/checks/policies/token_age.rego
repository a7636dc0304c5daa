# A token is rotated every 30 days (SPEC K1), and an expired one enrols nobody. Ages are counted to as_of.
package abm.token_age

import rego.v1

day := ((24 * 60) * 60) * 1000000000

now := time.parse_rfc3339_ns(input.as_of)

age_days := (now - time.parse_rfc3339_ns(input.token.createdAt)) / day

left_days := (time.parse_rfc3339_ns(input.token.tokenExpiry) - now) / day

deny contains {"msg": msg, "fix": "Renew the token and put it on the server before anything is staged."} if {
	left_days <= 0
	msg := sprintf("the token expired at %v", [input.token.tokenExpiry])
}

deny contains {"msg": msg, "fix": "Rotate the token."} if {
	age_days > data.settings.token_age_days_max
	msg := sprintf("the token is %v days old, and is rotated after %v", [floor(age_days), data.settings.token_age_days_max])
}

deny contains {"msg": msg, "fix": "Set the clock of whoever wrote as_of or createdAt."} if {
	age_days < 0
	msg := sprintf("the token was made at %v, after as_of", [input.token.createdAt])
}

warn contains {"msg": msg, "fix": "Renew the token before it expires."} if {
	left_days > 0
	left_days < data.settings.token_expiry_days_min
	msg := sprintf("the token expires at %v", [input.token.tokenExpiry])
}

unknown contains sprintf("%v is not known", [name]) if {
	some name, value in {
		"as_of": object.get(input, "as_of", null),
		"token.createdAt": object.get(input.token, "createdAt", null),
		"token.tokenExpiry": object.get(input.token, "tokenExpiry", null),
	}
	value == null
}
