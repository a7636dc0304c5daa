"""The same evidence gives the same verdicts: shuffled, doubled, renamed, split, packed, read by two processes."""

import random
import shutil
from collections.abc import Callable
from functools import cache
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests.whole.rewriting import REWRITES

from abm_lab.case import write_case
from abm_lab.truth import CaseTruth
from abm_trace.core.instants import parse
from abm_trace.core.nouns import Device, Verdict
from abm_trace.pipeline import workers
from abm_trace.pipeline.triage import Options, Triage, triage
from abm_trace.verdict import judge

pytestmark = pytest.mark.slow

Standing = tuple[str, str | None, str | None, str | None, int, int, tuple[str, ...], tuple[str, ...]]
SMALL = {"poisoned": 130, "boundary": 60, "unknown": 40}


def standing(verdict: Verdict) -> Standing:
    """What may not change: everything that a verdict says but where its evidence stands."""
    return (
        verdict.verdict, verdict.layer, verdict.cause, verdict.last_rung, verdict.attempts, verdict.confidence,
        verdict.missing, verdict.identifiers,
    )  # fmt: skip


def standings(traced: Triage) -> dict[str, Standing]:
    """The standing of every device."""
    return {verdict.serial: standing(verdict) for verdict in traced.verdicts}


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, Triage]]:
    """`small(scenario)`: a small case, and how it was traced as it is."""

    @cache
    def write(scenario: str) -> tuple[Path, Triage]:
        out = tmp_path_factory.mktemp(f"small-{scenario}")
        case = write_case(out, scenario, SMALL[scenario], 4, 5, 4, jobs=1)
        return case, triage(case, Options(jobs=1))

    return write


def rewritten(case: Path, to: Path, names: list[str], seed: int) -> Triage:
    """The case traced after these rewrites, in the order of REWRITES."""
    shutil.copytree(case, to)
    chance = random.Random(seed)
    for name in REWRITES:
        if name in names:
            REWRITES[name](to, chance)
    return triage(to, Options(jobs=1))


@pytest.mark.parametrize("scenario", SMALL)
@pytest.mark.parametrize("name", REWRITES)
def test_a_rewritten_case_is_judged_alike(
    name: str, scenario: str, small: Callable[[str], tuple[Path, Triage]], tmp_path: Path
) -> None:
    """If this failed, a verdict would depend on the order, the number, the names or the packing of files."""
    case, before = small(scenario)
    after = rewritten(case, tmp_path / "case", [name], seed=3)
    assert after.as_of == before.as_of
    assert standings(after) == standings(before)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=some.lists(some.sampled_from(sorted(REWRITES)), min_size=2, max_size=5, unique=True),
    seed=some.integers(0, 999),
)
def test_a_case_rewritten_in_several_ways_is_judged_alike(
    names: list[str], seed: int, small: Callable[[str], tuple[Path, Triage]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """If this failed, two harmless rewrites together would change a verdict."""
    case, before = small("poisoned")
    folder = tmp_path_factory.mktemp("rewritten")
    after = rewritten(case, folder / "case", names, seed)
    shutil.rmtree(folder)
    assert after.as_of == before.as_of
    assert standings(after) == standings(before)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_two_processes_judge_like_one(
    small: Callable[[str], tuple[Path, Triage]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, how the work was split would change verdicts or evidence."""
    case, before = small("poisoned")
    monkeypatch.setattr(workers, "ALONE_BYTES_MAX", 0)
    after = triage(case, Options(jobs=2))
    assert after.verdicts == before.verdicts
    assert after.skipped == before.skipped


@pytest.mark.parametrize("scenario", SMALL)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_and_number_of_facts_does_not_matter(
    seed: int, scenario: str, small: Callable[[str], tuple[Path, Triage]]
) -> None:
    """If this failed, `judge` would depend on how facts reach it."""
    _, traced = small(scenario)
    chance = random.Random(seed)
    for device in traced.devices:
        facts = [*device.facts, *chance.choices(device.facts, k=5)] if device.facts else []
        chance.shuffle(facts)
        mixed = Device(device.serial, device.attrs, tuple(facts), device.conflicts)
        before, after = (judge(each, traced.context, traced.as_of) for each in (device, mixed))
        assert standing(after) == standing(before), device.serial
        assert [finding.id for finding in after.findings] == [finding.id for finding in before.findings], device.serial


def test_a_later_as_of_changes_only_what_was_open(
    traced: Callable[[str], tuple[Triage, CaseTruth]],
) -> None:
    """If this failed, time alone would confirm devices, or undo confirmations and rejections."""
    found, _ = traced("boundary")
    for device, before in zip(found.devices, found.verdicts, strict=True):
        after = judge(device, found.context, found.as_of + 3_600_000_000)
        if before.verdict in {"confirmed", "rejected", "not_started", "vanished", "half_confirmed"}:
            assert after.verdict == before.verdict, device.serial


def _audit(*events: tuple[str, str, str]) -> str:
    head = "id,event_type,occurred_at,serial_number,request_id\n"
    rows = (f"evt_{number},{kind},{at},{serial},req_{number}\n" for number, (kind, at, serial) in enumerate(events))
    return head + "".join(rows)


_EVENTS = (
    ("device_enrollment_requested", "2026-05-17T03:47:05Z", "F9FXQ1ABCD"),
    ("device_enrollment_requested", "2026-05-17T03:48:05Z", "F9FXQ1ABCE"),
    ("device_enrollment_requested", "2026-05-17T05:00:05Z", "F9FXQ1ABCE"),
)


def test_a_doubled_last_event_does_not_move_as_of(tmp_path: Path) -> None:
    """If this failed, a copy of an event would bear that event out, and "now" would depend on duplicates."""
    once, twice = tmp_path / "once", tmp_path / "twice"
    for case in (once, twice):
        case.mkdir()
        (case / "manifest.csv").write_text("serial,site\nF9FXQ1ABCD,a\nF9FXQ1ABCE,a\n")
        (case / "audit.csv").write_text(_audit(*_EVENTS))
    (twice / "audit-copy.csv").write_text(_audit(*_EVENTS))
    assert triage(twice).as_of == triage(once).as_of


_LINES = (
    "2026-05-17T03:47:00.000Z DEBUG com.apple.DeviceManagement.Enrollment [ABM] ABMRegistrationStarted\n",
    "2026-05-17T03:47:20.000Z DEBUG com.apple.DeviceManagement.Enrollment waiting\n",
    "2026-05-17T03:47:40.000Z DEBUG com.apple.DeviceManagement.Enrollment still waiting\n",
)


def test_the_order_of_lines_does_not_move_the_boot(tmp_path: Path) -> None:
    """If this failed, a log that arrived out of order would put a device's deadline off."""
    deadlines = set()
    for number, order in enumerate(permutations(_LINES)):
        case = tmp_path / str(number)
        (case / "logs").mkdir(parents=True)
        (case / "manifest.csv").write_text("serial,site\nF9FXQ1ABCD,a\n")
        (case / "logs/F9FXQ1ABCD.log").write_text("".join(order))
        (verdict,) = triage(case, Options(as_of=parse("2026-05-17T03:48:10Z"))).verdicts
        deadlines.add(verdict.deadline_at)
    assert deadlines == {parse("2026-05-17T03:48:03Z")}
