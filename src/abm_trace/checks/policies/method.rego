# The profile enrols by ABM, at an ABM endpoint, and has none of the keys that ABM no longer reads (SPEC G1).
package abm.method

import rego.v1

deny contains {"msg": msg, "fix": "Give the profile enrollmentMethod = abm."} if {
	method := input.payload.enrollmentMethod
	method != "abm"
	msg := sprintf("enrollmentMethod is %v, and must be abm", [method])
}

deny contains {"msg": "the profile has no enrollmentMethod", "fix": "Give the profile enrollmentMethod = abm."} if {
	input.payload != {}
	not input.payload.enrollmentMethod
}

deny contains {"msg": "the profile has no serverUrl", "fix": fix} if {
	input.payload != {}
	not input.payload.serverUrl
}

deny contains {"msg": msg, "fix": fix} if {
	url := input.payload.serverUrl
	not regex.match(`^https://[a-z0-9-]+\.abm\.apple\.com(/.*)?$`, url)
	msg := sprintf("serverUrl is no ABM endpoint: %v", [url])
}

deny contains {"msg": msg, "fix": "Take the key out of the profile."} if {
	some key in ["enrollmentType", "mdmURL"]
	object.get(input.payload, key, null) != null
	msg := sprintf("%v is deprecated", [key])
}

unknown contains "the payload is not known" if input.payload == {}

fix := "Give the profile serverUrl = https://REGION.abm.apple.com, with the region of the token."
