"""Scenarios and how they share out a fleet."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from abm_lab import scenario as scenarios
from abm_lab.fates import discover


def _vanished(devices: int) -> int:
    chicago = scenarios.load("chicago")
    rows = scenarios.rows(chicago)
    counts = scenarios.allot(chicago, devices)
    return sum(count for row, count in zip(rows, counts, strict=True) if row.fate.truth.verdict == "vanished")


def test_chicago_loses_3182_of_12400() -> None:
    """The reference incident would not be the one of the article."""
    chicago = scenarios.load("chicago")
    rows = scenarios.rows(chicago)
    drawn = Counter(scenarios.assign(chicago, 12_400, 1))
    truths = Counter[tuple[str, str | None]]()
    for index, count in drawn.items():
        truths[rows[index].fate.truth.verdict, rows[index].fate.truth.layer] += count
    assert sum(count for (verdict, _), count in truths.items() if verdict == "vanished") == 3182
    assert truths["confirmed", None] == 12_400 - 3182
    assert truths["vanished", "L1"] == 611
    assert sum(row.weight for row in chicago.fates) == 12_400


@pytest.mark.parametrize("devices", [62, 600, 2000, 12_399, 124_000, 1_000_000])
def test_other_sizes_lose_their_exact_share(devices: int) -> None:
    """Rounding errors of thirty rows would add up."""
    assert _vanished(devices) == (2 * 3182 * devices + 12_400) // (2 * 12_400)


@pytest.mark.parametrize("name", [*scenarios.names(), *scenarios.names("apple")])
def test_counts_sum_up_from_the_smallest_fleet_on(name: str) -> None:
    """Devices would be lost or added in sharing out, or a row would stay empty unseen."""
    scenario = scenarios.load(name)
    least = sum(row.count or int(scenario.at_least_one) for row in scenario.fates)
    for devices in (least, least + 1, 2 * least + 7):
        counts = scenarios.allot(scenario, devices)
        assert sum(counts) == devices
        assert min(counts) >= int(scenario.at_least_one)
    with pytest.raises(scenarios.ScenarioError, match=f"--devices {least} or more"):
        scenarios.allot(scenario, least - 1)


def test_every_layer_and_verdict_is_in_a_scenario() -> None:
    """A layer rule or a verdict of the tracer could break unseen."""
    seen = {
        (truth.verdict, truth.layer)
        for name in scenarios.names()
        for row in scenarios.load(name).fates
        for truth in [discover()[row.id].unlogged if row.logs_lost else discover()[row.id].truth]
    }
    assert {layer for verdict, layer in seen if verdict == "vanished"} >= {f"L{number}" for number in range(1, 8)}
    assert {verdict for verdict, _ in seen} == {
        "confirmed",
        "rejected",
        "not_started",
        "in_progress",
        "half_confirmed",
        "vanished",
        "unknown",
    }


def test_apple_scenarios_are_those_of_the_dialect() -> None:
    """A scenario would not be found by the tests of its dialect."""
    assert scenarios.names("apple") == [
        "apple-mixed",
        "apple-poisoned",
        "dead-token",
        "hosts-blocked",
        "interception",
        "migration",
        "mixed-dialect",
        "night-shift",
        "no-abm",
        "old-inventory",
        "released",
        "stuck-cursor",
        "terms-not-accepted",
        "wrong-server",
    ]
    for name in scenarios.names("apple"):
        scenario = scenarios.load(name)
        assert scenarios.has_guide(scenario) == (name == "mixed-dialect")
        assert set(scenarios.covered_until(scenario)) == {
            "mixed-dialect": {"audit", "abm", "mdm"},
            "night-shift": {"dep", "mdm"},
            "old-inventory": {"mdm"},
        }.get(name, set())


def test_apple_mixed_has_every_product_and_verdict() -> None:
    """A product, or a verdict of Apple's own way, could break unseen."""
    mixed = scenarios.load("apple-mixed")
    assert {server.product for server in mixed.servers} == {
        "fleet",
        "intune",
        "jamf",
        "kandji",
        "mosyle",
        "nanomdm",
        "simplemdm",
    }
    verdicts = {row.fate.unlogged.verdict if row.logs_lost else row.fate.truth.verdict for row in scenarios.rows(mixed)}
    assert verdicts == {"confirmed", "not_started", "in_progress", "half_confirmed", "vanished", "unknown"}
    assert sum(row.count or 1 for row in mixed.fates) <= 300


def test_moving_as_of_moves_the_rollout() -> None:
    """A moved rollout would be longer or shorter than the scenario's own."""
    moved = scenarios.load("chicago", datetime(2027, 1, 2, tzinfo=UTC))
    own = scenarios.load("chicago")
    assert moved.as_of - moved.starts_at == own.as_of - own.starts_at


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("title = ", "docs/lab.md"),
        ('title = "x"\nproportions = "x"\nfates = []', "docs/lab.md"),
        ('fates = [{ id = "nobody", weight = 1 }]', "no fate is called nobody"),
        ('fates = [{ id = "ade_healthy", weight = 1 }]', "ade_healthy needs an MDM server"),
        (
            'fates = [{ id = "ade_healthy", weight = 1 }]\nservers = [{ name = "m", product = "none" }]',
            "product is one of fleet, intune",
        ),
        (
            'fates = [{ id = "ade_pushed", weight = 1 }]\nservers = [{ name = "m", product = "mosyle", dep = "none" }]',
            "is none of mosyle's",
        ),
        ('fates = [{ id = "healthy" }]', "at least one of them with a weight"),
        ('timezone = "Mars/Base"\nfates = [{ id = "healthy", weight = 1 }]', "no time zone"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(text: str, words: str, tmp_path: Path) -> None:
    """Somebody who writes a scenario would get a traceback, or a scenario other than the one that was written."""
    head = (
        'title = "x"\nproportions = "x"\nstarts_at = 2026-05-12T12:00:00Z\nas_of = 2026-05-17T08:47:00Z\n'
        if "fates = [{" in text
        else ""
    )
    path = tmp_path / "own.toml"
    path.write_text(head + text, encoding="utf-8")
    with pytest.raises(scenarios.ScenarioError, match=words):
        scenarios.load(str(path))
