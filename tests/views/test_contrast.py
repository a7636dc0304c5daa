"""What the failed share: planted causes are named, chance is not."""

import random
from zoneinfo import ZoneInfo

import pytest
from tests.exports.building import verdict

from abm_trace.core.instants import parse
from abm_trace.core.nouns import Device, Fact, Origin, Verdict
from abm_trace.views.contrast import (
    AFTER,
    Cause,
    Contrast,
    Numbers,
    Row,
    _difference,
    by_cause,
    contrast,
    left_out,
    sentences,
    wilson,
)

MODELS = ("iPad13,18", "iPad14,1", "iPad16,3")
VERSIONS = ("18.4.1", "18.5", "26.1")
PROFILES = ("3f2a", "77b1")
BEGIN = parse("2026-05-17T00:00:00Z")
CHICAGO = ZoneInfo("America/Chicago")


def fleet(count: int, seed: int, failing: float = 0.25) -> list[Row]:
    """Devices of which some fail, whatever they are."""
    rng = random.Random(seed)
    return [
        Row(
            rng.random() < failing,
            {
                "model": rng.choice(MODELS), "os_version": rng.choice(VERSIONS), "profile": rng.choice(PROFILES),
                "site": f"clinic-{rng.randrange(20):02d}", "serial": f"F9F{number:07d}", "ticket": f"{number}",
            },
            BEGIN + rng.randrange(86_400_000_000),
        )
        for number in range(count)
    ]  # fmt: skip


def planted(count: int, seed: int, **conditions: str) -> list[Row]:
    """The same, where those that fail have these values, and the others never all of them."""
    rng = random.Random(seed)
    found = []
    for row in fleet(count, seed):
        values = dict(row.values)
        if row.failed and rng.random() < 0.97:
            values |= conditions
        elif not row.failed and all(values.get(name) == value for name, value in conditions.items()):
            name = rng.choice(list(conditions))
            values[name] = "other"
        found.append(Row(row.failed, values, row.booted_at))
    return found


def named(found: Contrast | None) -> set[tuple[str, str]]:
    """The conditions of a contrast."""
    return {(each.column, each.value) for each in found.conditions} if found else set()


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("count", [100, 1000])
def test_chance_names_nothing(count: int, seed: int) -> None:
    """If this failed, an engineer would chase a site that is as good as all others."""
    assert contrast(fleet(count, seed)) is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "conditions",
    [
        {"model": "iPad16,3", "os_version": "18.4.1"},
        {"site": "clinic-07"},
        {"model": "iPad16,3", "os_version": "18.4.1", "profile": "3f2a"},
    ],
)
def test_a_planted_cause_is_named_whole(conditions: dict[str, str], seed: int) -> None:
    """If this failed, the one sentence that explains the rollout would miss its cause."""
    found = contrast(planted(800, seed, **conditions))
    assert named(found) <= set(conditions.items())
    assert found is not None
    assert found.numbers.failed / found.numbers.failed_of > 0.9
    assert found.numbers.healthy == 0


def test_a_time_is_a_cause_too() -> None:
    """If this failed, "after the change at 02:10" would stay unseen."""
    changed = BEGIN + 8 * 3_600_000_000
    rows = [Row((row.booted_at or 0) >= changed, row.values, row.booted_at) for row in fleet(600, 1)]
    found = contrast(rows)
    assert found is not None
    (condition,) = found.conditions
    assert condition.column == AFTER
    assert abs(int(condition.value) - changed) < 600_000_000
    assert found.numbers.healthy == 0


MINUTE = 60_000_000


def judged(number: int, kind: str, at: int, **fields: object) -> tuple[Verdict, Device]:
    """A device that booted then, and its verdict."""
    serial = f"F9F{number:07d}"
    said = verdict(serial=serial, verdict=kind, layer=None, cause=None, deadline_at=at + MINUTE, **fields)
    boot = Fact("booted", at, "log", "", {}, Origin("a", "b"))
    return said, Device(serial, {"site": f"clinic-{number % 3}", "server": fields.get("site", "")}, (boot,))  # type: ignore[dict-item]  # A text.


def test_what_was_not_read_far_enough_is_no_evidence_of_failing() -> None:
    """If this failed, "all of them booted after 08:47" would be found of every export that ends at 08:47."""
    end = BEGIN + 100 * MINUTE
    pairs = [judged(n, "confirmed" if n % 2 else "vanished", BEGIN + n * MINUTE) for n in range(90)]
    pairs += [judged(n, "vanished", BEGIN + n * MINUTE, missing=("apple", "mdm")) for n in range(100, 200)]
    verdicts, devices = zip(*pairs, strict=True)
    assert by_cause(verdicts, devices, end) == []
    # A side that was read to the end for others, and not for these: they count, but not their hour.
    assert [each.column for cause in by_cause(verdicts, devices) for each in cause.contrast.conditions] == []


def test_a_server_that_was_never_read_is_no_cause() -> None:
    """If this failed, the mere name of a list that nobody read would be what the failed have in common."""
    well = [judged(n, "confirmed", BEGIN + n * MINUTE, site="main") for n in range(60)]
    lost = [judged(n, "vanished", BEGIN + n * MINUTE, site="lost", missing=("apple",)) for n in range(60, 90)]
    verdicts, devices = zip(*well, *lost, strict=True)
    assert by_cause(verdicts, devices, BEGIN + 900 * MINUTE) == []
    assert left_out(verdicts, devices, BEGIN + 900 * MINUTE) == 30
    read = [*well, *lost, judged(99, "confirmed", BEGIN, site="lost")]
    verdicts, devices = zip(*read, strict=True)
    (found,) = by_cause(verdicts, devices, BEGIN + 900 * MINUTE)
    assert [(each.column, each.value) for each in found.contrast.conditions] == [("server", "lost")]
    assert left_out(verdicts, devices, BEGIN + 900 * MINUTE) == 0


def test_what_one_layer_shares_is_not_said_of_all() -> None:
    """If this failed, what 11 of 285 devices share would be read as the cause of all."""
    whole = contrast(planted(800, 1, site="clinic-07"))
    assert whole is not None
    own, every = Cause("L6", "", whole), Cause("", "", whole, overall=True)
    lost = [verdict(serial=f"F9F{number:07d}") for number in range(285)]
    (said,) = sentences([own], lost, CHICAGO)
    number, of = whole.numbers.failed, whole.numbers.failed_of
    assert said.startswith(f"nothing that all 285 have. But {number} of the {of} with L6 (98 %, likely ")
    (said,) = sentences([every], lost, CHICAGO)
    assert said.startswith(f"{number} of the {of} that vanished (98 %, likely ")
    assert ") have site clinic-07; " in said
    assert said.endswith(f" ({285 - of:,} more were not read far enough to compare)")


def test_columns_that_name_single_devices_are_not_looked_at() -> None:
    """If this failed, the cause of every failure would be its serial number, or its ticket."""
    found = contrast(planted(200, 3, model="iPad16,3"))
    assert found is not None
    assert {share.condition.column for share in found.columns} <= {"model", "os_version", "profile", "site", AFTER}


def test_too_few_devices_say_nothing() -> None:
    """If this failed, three broken devices would have a shared cause."""
    rows = [Row(True, {"model": "a"}), Row(False, {"model": "b"})] * 4
    assert contrast(rows) is None
    assert contrast([]) is None
    assert contrast(fleet(100, 1, failing=0.0)) is None
    assert contrast(fleet(100, 1, failing=1.0)) is None


def test_the_order_of_devices_does_not_matter() -> None:
    """If this failed, the same case would have two explanations."""
    rows = planted(400, 5, model="iPad16,3", os_version="18.4.1")
    shuffled = random.Random(1).sample(rows, len(rows))
    assert contrast(rows) == contrast(shuffled)


def test_the_figures_are_those_of_the_books() -> None:
    """If this failed, an auditor's own calculation would differ (Wilson 1927; Newcombe 1998)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert _difference(Numbers(56, 70, 48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)
