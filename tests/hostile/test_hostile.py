"""One hostile file beside a healthy rollout: it is named, it is bounded, and no neighbour notices it."""

import shutil

import pytest
from tests.hostile.base_case import ANY, EXPECTED, NEWCOMER, VICTIM, Standing
from tests.hostile.inputs import HOSTILE, by_id
from tests.hostile.registry import Hostile, Says
from tests.hostile.running import Outcome, Sandbox

NEIGHBOURS = EXPECTED.keys() - {VICTIM}


def fits(found: object, expected: Standing) -> bool:
    """Whether a standing is the expected one, where the contract says anything."""
    assert isinstance(found, tuple)
    return all(want in (ANY, is_) for is_, want in zip(found, expected, strict=True))


def test_healthy_case_is_judged_as_known(base: Outcome) -> None:
    """If this failed, the neighbours below would prove nothing: their verdicts would be wrong from the start."""
    assert base.standings() == EXPECTED, base.stderr.decode()
    assert base.skipped() == []
    assert base.code == 1
    assert base.written == frozenset()
    assert base.broken_bound is None


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda hostile: hostile.id)
def test_hostile_input_is_named_and_harms_nobody(hostile: Hostile, sandbox: Sandbox, base: Outcome) -> None:
    """If this failed, one bad file would hang, blow up, change or silence the rest of a rollout."""
    at = hostile.add_to(sandbox.case)
    outcome = sandbox.triage(meanwhile=(hostile.meanwhile, at) if hostile.meanwhile else None)

    assert outcome.broken_bound is None
    assert outcome.code == 1, outcome.stderr.decode(errors="replace")
    complaints = outcome.stderr.decode(errors="replace")
    assert "Traceback" not in complaints
    assert b"root:x:0:" not in outcome.stdout + outcome.stderr
    assert b"PRIVATE KEY-----" not in outcome.stdout + outcome.stderr

    standings = outcome.standings()
    assert {serial: standings.get(serial) for serial in NEIGHBOURS} == {s: base.standings()[s] for s in NEIGHBOURS}
    assert VICTIM in standings
    assert standings.keys() <= EXPECTED.keys() | {NEWCOMER}, "a device was invented"

    skipped = outcome.skipped()
    about = [thing for thing in skipped if hostile.is_about(thing.path)]
    if hostile.says is Says.NAMED:
        assert about, f"not named; skipped: {skipped[:5]}"
    if hostile.says is Says.READ:
        assert about == []
    if about:
        assert set(hostile.lines) <= {thing.line for thing in about}, about[:5]
    if hostile.shows and not (hostile.says is Says.EITHER and about):
        serial, expected = hostile.shows
        assert fits(standings.get(serial, ("", "", "")), expected), (serial, standings.get(serial), about[:5])

    moving = f"case/{hostile.path.rpartition('/')[0]}" if hostile.meanwhile else "\n"
    assert {name for name in outcome.written if not name.startswith(moving)} == set()


@pytest.mark.parametrize("kind", ["empty", "garbage", "fifo", "key"])
def test_a_case_of_nothing_readable_says_so(kind: str, sandbox: Sandbox) -> None:
    """If this failed, a folder of which nothing was read would look like a rollout without failures."""
    shutil.rmtree(sandbox.case)
    sandbox.case.mkdir()
    chosen = {"garbage": "binary-garbage", "fifo": "fifo", "key": "private-key"}
    hostile = by_id(chosen[kind]) if kind in chosen else None
    if hostile:
        hostile.add_to(sandbox.case)
    outcome = sandbox.triage()
    assert outcome.code == 3
    assert outcome.broken_bound is None
    assert outcome.verdicts() == {}
    assert [thing.path for thing in outcome.skipped()] == ([hostile.path] if hostile else [])
    assert b"Traceback" not in outcome.stderr
    assert outcome.written == frozenset()


def test_a_case_that_is_not_there_is_bad_usage(sandbox: Sandbox) -> None:
    """If this failed, a mistyped path would be reported as an empty rollout or with a stack of Python."""
    outcome = sandbox.run(["triage", str(sandbox.case / "missing"), "--format", "ndjson"])
    assert outcome.code == 2
    assert outcome.stdout == b""
    assert b"missing" in outcome.stderr
    assert b"Traceback" not in outcome.stderr


def test_paths_are_relative_to_the_case_however_it_is_given(sandbox: Sandbox) -> None:
    """If this failed, reports made through a link or a relative path would cite files that nobody finds."""
    by_id("binary-garbage").add_to(sandbox.case)
    (sandbox.aside / "link").symlink_to(sandbox.case)
    for given in ("../case", "../case/", str(sandbox.aside / "link")):
        outcome = sandbox.run(["triage", given, "--format", "ndjson"])
        assert outcome.standings() == EXPECTED
        assert [thing.path for thing in outcome.skipped()] == ["garbage.bin"]
