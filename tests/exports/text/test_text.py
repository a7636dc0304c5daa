"""What a tired person reads."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.exports.building import AS_OF, POLYGLOT, healthy, reading, report, verdict

from abm_trace.core.nouns import Skipped
from abm_trace.exports import Report, Screen
from abm_trace.exports.text import render

DATA = Path(__file__).parents[2] / "data/exports"
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def text(shown: Report, **screen: object) -> str:
    """The text of a report."""
    return render(shown, Screen(**screen)).decode()  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [80, 160])
def test_golden(width: int, traced: Report, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what people see of a case has changed."""
    golden(DATA / f"chicago-{width}.txt", render(traced, Screen(width=width, rows=40)))


def test_headline_counts() -> None:
    """If this failed, the first sentence would not say how many vanished of how many, nor what was not read."""
    refused = reading("x.bin", format="", why="not recognised")
    shown = text(
        report(verdict(), healthy("A1"), readings=(reading(), refused), skipped=(Skipped("fifo", "a fifo"),)), width=200
    )
    first = shown.splitlines()[0]
    assert first.startswith("✗ 1 vanished of 2 devices (50.0 %), 0 unknown; read 1 of 3 files, 2 refused;")
    assert "evidence reaches 2026-05-17 08:47:12 UTC (03:47:12 CDT)" in " ".join(shown.split())


def test_no_green_zero() -> None:
    """If this failed, a case of which little was read would look like an all-clear."""
    lines = text(report(verdict(verdict="unknown", layer=None, missing=("mdm",))), colour=True).splitlines()
    assert "\x1b[32m" not in lines[0]
    assert lines[0].removeprefix("\x1b[1m").startswith("? 0 vanished of 1 device (0.0 %), 1 unknown")
    assert [line for line in lines if "vanished  " in line and "\x1b" in line] == []


def test_what_a_side_lacks_is_said() -> None:
    """If this failed, nobody would learn that the MDM was never read."""
    assert re.search(r"MDM inventory +not read", text(report()))


def test_simulated_is_labelled() -> None:
    """If this failed, a made-up rollout could be taken for a real one."""
    assert text(report(simulated=True)).startswith("SIMULATED")
    assert "SIMULATED" not in text(report())


def test_rows_are_bounded_and_the_rest_is_counted() -> None:
    """If this failed, a terminal would scroll the summary away, or devices would be left out in silence."""
    many = [verdict(serial=f"F9FXQ1{number:04}") for number in range(100)]
    shown = text(report(*many), rows=40)
    assert shown.count("    F9FXQ1") == 40
    assert "and 60 more" in shown
    assert "abm-trace triage case --out devices.txt" in shown
    assert text(report(*many), rows=None).count("    F9FXQ1") == 100


def test_worst_first() -> None:
    """If this failed, unknown devices would stand before those that vanished."""
    shown = text(
        report(
            verdict(serial="A1", verdict="unknown", layer=None),
            verdict(serial="B2", verdict="half_confirmed"),
            verdict(),
        )
    )
    assert shown.index("✗ vanished ·") < shown.index("◐ half_confirmed ·") < shown.index("? unknown ·")
    assert shown.splitlines()[-1] == "next  abm-trace explain F9FXQ1ABCD --case case"


def test_every_failure_has_a_colour_and_a_shape() -> None:
    """If this failed, a failure would look neutral, or hang on its colour alone."""
    for name, mark in (("vanished", "✗"), ("rejected", "■"), ("half_confirmed", "◐")):
        rows = [line for line in text(report(verdict(verdict=name)), colour=True).splitlines() if f"  {name}" in line]
        assert rows[0].startswith(("\x1b[31m", "\x1b[1;31m"))
        assert mark in rows[0]
        assert mark in text(report(verdict(verdict=name)))


def test_retried_share() -> None:
    """If this failed, the retries that make duplicates would not be seen."""
    shown = text(report(verdict(attempts=2), healthy("A1"), verdict(serial="A2", attempts=0)))
    assert "Retried: 1 of 2 devices that asked (50.0 %)" in shown


@pytest.mark.parametrize("width", [80, 160])
def test_nothing_raw(width: int) -> None:
    """If this failed, evidence could retitle, recolour or reorder the terminal that shows it."""
    hostile = verdict(serial=POLYGLOT, site=POLYGLOT, next_action=POLYGLOT, missing=(POLYGLOT,))
    readings = (reading(POLYGLOT, why=POLYGLOT), reading(f"b{POLYGLOT}", format="", skipped=(Skipped("b", POLYGLOT),)))
    shown = text(
        report(
            hostile,
            readings=readings,
            skipped=(Skipped(POLYGLOT, POLYGLOT),),
            case=POLYGLOT,
            zone_name=POLYGLOT,
            files=True,
        ),
        width=width,
    )
    assert OBEYED.findall(shown) == []
    assert r"\u202e" in shown


def test_ascii_only() -> None:
    """If this failed, a terminal without UTF-8 would show question marks or end the run."""
    shown = render(report(verdict(site="Zürich")), Screen(unicode=False))
    assert shown.isascii()
    assert b"x 1 vanished" in shown
    assert rb"Z\xfcrich" in shown


def test_files_say_how_each_was_read() -> None:
    """If this failed, nobody could see why a format was chosen or what was refused."""
    refused = reading("x.bin", format="", why="", skipped=(Skipped("x.bin", "not recognised"),), last_at=None)
    log = reading(first_at=AS_OF - 60_000_000, skipped=(Skipped("l", "cut"),))
    shown = text(report(readings=(log, refused), files=True), width=140)
    said = " ".join(shown.split())
    assert "article (its first lines fit it) · 66 lines · 0 facts · 1 not used · 2026-05-17 08:46:12 – " in said
    assert "refused: not recognised" in said
