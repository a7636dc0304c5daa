# Versions of Apple's systems, compared as versions: 18.10 comes after 18.4. Compared as texts it comes before, and
# "9.3" after "18.4".
package abm.version

import rego.v1

# 18.4, 18.4.1, 16.5.1 (c): what follows the number is a rapid security response.
known(text) if regex.match(`^(0|[1-9][0-9]{0,5})(\.(0|[1-9][0-9]{0,5})){0,3}( \([a-z]\))?$`, text)

# Padded, so that 18.4 and 18.4.0 are one version.
parts(text) := array.slice(array.concat([to_number(part) | some part in split(split(text, " ")[0], ".")], [0, 0, 0, 0]), 0, 4)

less(one, other) if {
	known(one)
	known(other)
	parts(one) < parts(other)
}

at_least(one, other) if {
	known(one)
	known(other)
	not less(one, other)
}
