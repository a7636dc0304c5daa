"""Tests of abm_trace.identity.naming: the first look at the exports says which facts are whose at once."""

import pytest
from msgspec.structs import replace

from abm_trace.core.nouns import Fact, Origin, Reading
from abm_trace.core.packed import Packed
from abm_trace.identity.naming import NOBODY, named
from abm_trace.identity.owners import NAMED_BY_PATH

A, B = "F9FXQ1ABC2", "F9FXQ1ABC3"


def _export(path: str, *facts: tuple[str, str, dict[str, str]], packing: bool) -> Reading:
    made = [Fact(kind, 0, source, "", attrs, Origin(path, source, n)) for n, (kind, source, attrs) in enumerate(facts)]
    return Reading(path, "x", "", facts=Packed.of(Fact, 2, made) if packing else tuple(made))


@pytest.mark.parametrize("packing", [False, True])
def test_a_serial_says_at_once_whose_a_fact_is(packing: bool) -> None:
    """A fact of the case, or of nobody, would be a device's; or a clock's serial would make one."""
    rows = [
        ("requested", "audit", {"serial": B}),
        ("coverage", "audit", {"serial": B}),
        ("requested", "audit", {"request_id": "r"}),
        ("clock_offset", "clock", {"serial": A}),
        ("clock_offset", "clock", {"serial": "F9FXQ1ZZZZ"}),
        ("token", "token", {"serial": A}),
        ("requested", "audit", {"serial": f"s{A.lower()}"}),
    ]
    manifest = _export("manifest.csv", ("known", "manifest", {"serial": A, "site": "Berlin"}), packing=packing)
    found = named([_export("audit.json", *rows, packing=packing), manifest])
    places = found.places({A: 0, B: 1}.get)
    assert [[places[number] for number in own] for own in found.whose] == [
        [1, NOBODY, NOBODY, 0, NOBODY, NOBODY, 0],
        [0],
    ]
    assert found.owners.serials.spelled.keys() == {A, B}
    assert found.owners.sites == {"berlin": "Berlin"}


@pytest.mark.parametrize("packing", [False, True])
def test_where_servers_are_named_what_is_said_for_one_is_looked_at(packing: bool) -> None:
    """A fact would lack the name of its device's server."""
    rows = [("assigned", "abm", {"serial": A, "server_id": "1", "server": "north"}), ("known", "abm", {"serial": B})]
    found = named([_export("org.json", *rows, packing=packing)])
    assert [list(own) for own in found.whose] == [[NOBODY, NOBODY]]


@pytest.mark.parametrize("packing", [False, True])
def test_a_capture_that_is_named_after_its_device_is_looked_at(packing: bool) -> None:
    """A HAR recorded at one device would be that of another, whose serial stands in it."""
    rows = [("requested", "capture", {"serial": A})]
    manifest = _export("manifest.csv", ("known", "manifest", {"serial": A}), packing=packing)
    har = replace(_export(f"{B}.har", *rows, packing=packing), format=NAMED_BY_PATH)
    lines = replace(har, format="capture-ndjson")
    found = named([manifest, har, lines])
    places = found.places({A: 7}.get)
    assert [[places[number] for number in own] for own in found.whose] == [[7], [NOBODY], [7]]
