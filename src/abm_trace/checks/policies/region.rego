# One region for all: that of the token, of the endpoint that the profile names, of the device and of the site. A token
# that is used elsewhere is answered with 204, and nothing is recorded (L4).
package abm.region

import rego.v1

named["the profile's serverUrl"] := region if {
	[_, region] := regex_parts(input.payload.serverUrl)
}

named["the device"] := input.device.region

named["the site"] := input.site.region

regex_parts(url) := [url, trim_suffix(split(trim_prefix(url, "https://"), "/")[0], ".abm.apple.com")] if {
	regex.match(`^https://[a-z0-9-]+\.abm\.apple\.com(/.*)?$`, url)
}

deny contains {"msg": msg, "fix": fix} if {
	some what, region in named
	region != input.token.region
	msg := sprintf("the token is of %v, %v of %v", [input.token.region, what, region])
}

deny contains {"msg": msg, "fix": "Use a token of a region that is allowed, or allow the region: regions = [...]"} if {
	count(data.settings.regions) > 0
	region := input.token.region
	not region in data.settings.regions
	msg := sprintf("the token's region %v is not allowed", [region])
}

unknown contains "token.region is not known" if not input.token.region

unknown contains "neither the profile's serverUrl nor the device nor the site names a region" if count(named) == 0

fix := "Give the device a token of its region, or send it to the token's own region."
