"""The built-in functions that a policy may call. Each has a case in the conformance set: it is known to be right.

Left out: what reaches out (`http.send`, `net.lookup_ip_addr`, `opa.runtime`), what depends on the moment or on chance
(`time.now_ns`, `rand.intn`, `uuid.rfc4122`: the document carries its own `as_of`), and what nobody needed yet.
"""

from typing import Final

ALLOWED: Final = frozenset(
    """
    abs array.concat array.reverse array.slice ceil concat contains count endswith floor format_int indexof
    is_array is_boolean is_null is_number is_object is_set is_string json.marshal json.unmarshal lower max min
    numbers.range object.filter object.get object.keys object.remove object.union print product regex.is_valid
    regex.match regex.replace regex.split replace round semver.compare semver.is_valid sort split sprintf startswith
    strings.any_prefix_match strings.any_suffix_match strings.reverse substring sum
    time.add_date time.date time.diff time.parse_duration_ns time.parse_ns time.parse_rfc3339_ns time.weekday to_number
    trim trim_left trim_prefix trim_right trim_space trim_suffix type_name upper walk
    intersection union
    """.split()  # noqa: SIM905  # It reads, and changes, better as words.
)
