"""Damaged documents of Apple's services and of every MDM product: each is named, none harms its neighbours."""

import itertools

import pytest
from tests.hostile.apple import KINDS, OTHER, Damage, Kind, damages
from tests.hostile.base_case import EXPECTED
from tests.hostile.registry import Says
from tests.hostile.running import Outcome, Sandbox


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_damaged_documents_are_named_and_harm_nobody(kind: Kind, sandbox: Sandbox, base: Outcome) -> None:
    """If this failed, one odd answer of a service would hide a device, invent one, or change another's verdict."""
    numbers = itertools.count(10)
    serials = (f"F9H{KINDS.index(kind):02d}{number}K2C" for number in numbers)
    made: dict[str, tuple[str, Damage]] = {}
    (sandbox.case / "apple").mkdir()
    for serial, damage in damages(kind, serials):
        made[f"apple/{damage.id}.json"] = serial, damage
        (sandbox.case / f"apple/{damage.id}.json").write_bytes(damage.body)

    outcome = sandbox.triage()

    assert outcome.broken_bound is None
    assert outcome.code == 1, outcome.stderr.decode(errors="replace")
    assert b"Traceback" not in outcome.stderr
    assert outcome.written == frozenset()
    standings, skipped = outcome.standings(), outcome.skipped()
    assert {serial: standings.get(serial) for serial in EXPECTED} == base.standings()
    invented = standings.keys() - EXPECTED.keys() - {serial for serial, _ in made.values()} - {OTHER}
    assert {serial for serial in invented if not serial.startswith("F9FX?")} == set()
    for path, (serial, damage) in made.items():
        about = [thing for thing in skipped if thing.path == path]
        if damage.says is Says.NAMED:
            assert about, f"{damage.id} is not named"
        if damage.says is Says.READ:
            assert about == [], damage.id
        if damage.shows and not (damage.says is Says.EITHER and about):
            assert standings.get(serial, ("", "", ""))[2] == kind.rung, (damage.id, standings.get(serial), about[:3])
