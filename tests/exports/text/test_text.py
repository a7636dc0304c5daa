"""What a tired person reads."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.exports.building import AS_OF, POLYGLOT, healthy, reading, report, verdict

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.exports import Missing, Report, Screen
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


def test_golden_of_a_pipe(traced: Report, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what a file or another program gets of a case has changed."""
    golden(DATA / "chicago-all.txt", render(traced, Screen(width=120)))


APPLES = {"dialects": ("apple",), "last_rung": "accepted", "layer": "L0", "cause": "mdm_refused", "contributing": ()}
WAITING = {"verdict": "not_started", "last_rung": "synced", "layer": None, "attempts": 0, "contributing": ()}
OPEN = [
    verdict(serial=f"U{n}", verdict="unknown", layer=None, missing=("mdm",), site=f"clinic-{n % 2}") for n in range(6)
]
INVENTORY = Missing("the MDM inventory", tuple(OPEN), AS_OF, "export the MDM's inventory into CASE/mdm/", ("mdm",))
SUMMARIES: dict[str, Report] = {
    "no-sites": report(
        *(verdict(serial=f"F{n}", site="") for n in range(6)), *(healthy(f"H{n}", "") for n in range(6))
    ),
    "one-site": report(verdict(), healthy("H1"), verdict(serial="W1", **WAITING)),
    "nothing-vanished": report(
        healthy("H1"), healthy("H2", "clinic-02"), simulated=True, reach={"apple": AS_OF, "mdm": AS_OF}
    ),
    "everything-vanished": report(*(verdict(serial=f"F{n}", site=f"clinic-{n % 3}") for n in range(6))),
    "apple-only": report(
        verdict(**APPLES), verdict(serial="H1", verdict="half_confirmed", missing=("mdm",), **APPLES),
        verdict(serial="C1", verdict="confirmed", site="b", dialects=("apple",), last_rung="configured", layer=None),
        verdict(serial="W1", dialects=("apple",), **WAITING),
    ),
    "not-read": report(
        *OPEN, reach={"apple": AS_OF, "mdm": AS_OF - 3_600_000_000}, wanted=(INVENTORY,),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMMARIES)
def test_golden_of_what_is_not_usual(name: str, golden: Callable[[Path, bytes], None]) -> None:
    """If this failed, what is said where columns or a dialect lack, or nothing or everything vanished, changed."""
    golden(DATA / f"summary-{name}.txt", render(SUMMARIES[name], Screen(width=80, rows=40)))


@pytest.mark.parametrize("shown", SUMMARIES.values(), ids=SUMMARIES)
@pytest.mark.parametrize("width", [80, 100, 150, 160, 200])
def test_a_line_fits_the_screen_but_for_commands(width: int, shown: Report) -> None:
    """If this failed, bars and columns would be broken by the terminal."""
    for line in text(shown, width=width, rows=40).splitlines():
        assert len(line) <= width or "abm-trace " in line


def test_headline_counts() -> None:
    """If this failed, the first sentence would not say how many vanished of how many, nor what was not read."""
    refused = reading("x.bin", format="", why="not recognised")
    shown = text(
        report(verdict(), healthy("A1"), readings=(reading(), refused), skipped=(Skipped("fifo", "a fifo"),)), width=200
    )
    lines = shown.splitlines()
    assert lines[0] == "✗ 1 vanished of 2 devices (50.0 %), 0 unknown"
    read = "Read      1 of 3 files, 2 refused; ABM or DEP reaches 2026-05-17 08:47:12 UTC (03:47:12 CDT)"
    assert read in lines[:3]


def test_no_green_zero() -> None:
    """If this failed, a case of which little was read would look like an all-clear."""
    lines = text(report(verdict(verdict="unknown", layer=None, missing=("mdm",))), colour=True).splitlines()
    assert "\x1b[32m" not in lines[0]
    assert lines[0] == "\x1b[35m? 0 vanished of 1 device (0.0 %), 1 unknown\x1b[0m"
    assert [line for line in lines if "vanished  " in line and "\x1b" in line] == []


def test_what_a_side_lacks_is_a_warning_under_the_headline() -> None:
    """If this failed, nobody would learn that the MDM was never read, or would read it as a matter of no weight."""
    lines = text(report(verdict(), healthy("A1")), colour=True).splitlines()
    assert lines[1] == "\x1b[33m! MDM inventory not read, the case holds none\x1b[0m"
    assert not any("! MDM" in line for line in text(report(reach={"apple": AS_OF, "mdm": AS_OF})).splitlines())


def test_all_clear_is_said_in_words_and_with_a_check_mark() -> None:
    """If this failed, a healthy rollout would look like one of which nothing is known."""
    shown = text(report(healthy("A1"), healthy("A2"), reach={"apple": AS_OF, "mdm": AS_OF}), colour=True)
    first, second = shown.splitlines()[:2]
    assert first == "\x1b[32m✓ 0 vanished of 2 devices (0.0 %), 0 unknown\x1b[0m"
    assert second == "  Every device is confirmed."
    assert "nothing to mend, no device needs anyone: go on" in shown
    assert shown.endswith("abm-trace triage case --format ndjson --out verdicts.ndjson\n") or "--files" in shown


def test_simulated_is_labelled() -> None:
    """If this failed, a made-up rollout could be taken for a real one."""
    assert text(report(simulated=True)).startswith("SIMULATED")
    assert "SIMULATED" not in text(report())


def test_a_terminal_gets_a_short_page_and_a_file_everything() -> None:
    """If this failed, a terminal would scroll the answer away, or devices would be left out in silence."""
    layers: list[dict[str, Any]] = [{"layer": f"L{number}"} for number in range(1, 8)] + [
        {"layer": "L0", "cause": "released"},
        {"layer": None},
    ]
    many = [
        verdict(serial=f"F9FXQ1{at:04}", site=f"clinic-{at % 47}", advice="A long sentence. " * 9, **layers[at % 9])
        for at in range(900)
    ]
    shown = text(report(*many), rows=40)
    assert len(shown.splitlines()) <= 78
    assert "and 5 more, 500 devices" in shown
    assert "and 43 more sites with failures" in shown
    assert "  6 more steps, and the devices of each:\n     abm-trace triage case --out devices.txt\n" in shown
    whole = text(report(*many))
    assert whole.count("       F9FXQ1") == 900
    assert re.search(r"and \d+ more", whole) is None


def test_the_first_and_the_last_screen_answer() -> None:
    """If this failed, a person at 80 by 24 would have to scroll to learn how many vanished, why, where, what next."""
    many = [verdict(serial=f"F9FXQ1{at:04}", advice="Erase the device.") for at in range(30)]
    page = text(report(*many, *(healthy(f"H{n}", "clinic-02") for n in range(3)), simulated=True), rows=40).splitlines()
    first, last = "\n".join(page[:24]), "\n".join(page[-23:])
    for screen in (first, last):
        assert "✗ 30 vanished of 33 devices" in screen
        assert "L6" in screen
        assert "clinic-01" in screen
        assert "Erase the device." in screen
        assert "abm-trace explain F9FXQ10000 --case case" in screen
    assert page[-8:-7] == ["Next step by step:  abm-trace remedy runbook L6"]
    assert page[-7:] == [
        "✗ 30 vanished of 33 devices (90.9 %), 0 unknown",
        "Where     at 1 of 2 sites; one stands out, clinic-01: 30 of 30 failed (100.0 %;",
        "          all sites 90.9 %)",
        "Why       L6 identity, all 30: identifier unstable, duplicate or not certified",
        "Next      L6 identity · 30 vanished",
        "          ! This cannot be undone. Look at one device first:",
        "          abm-trace explain F9FXQ10000 --case case",
    ]


def test_the_steps_of_the_first_screen_are_those_at_the_end() -> None:
    """If this failed, a person would be told two different things to do first."""
    alike = {"advice": "Erase the device."}
    shown = text(
        report(
            verdict(serial="A1", layer="L3", advice="Set the clock."),
            verdict(serial="B1", **alike), verdict(serial="B2", verdict="half_confirmed", missing=("mdm",), **alike),
            *OPEN, wanted=(INVENTORY,), case="my case/",
        ), width=140, rows=40,
    )  # fmt: skip
    first, done = shown[: shown.index("Why,")], shown[shown.index("Do next") :]
    titles = [
        "fetch the MDM inventory · would settle 6 unknown · at 2 sites",
        "L6 identity · 1 vanished, 1 half confirmed · all at clinic-01 (2 of its 3)",
        "L3 clock · 1 vanished · at clinic-01 (1 of its 3)",
    ]
    for number, title in enumerate(titles, 1):
        assert f"  {title}\n" in first
        assert f"  {number}  {title}\n" in done
    assert "Export the MDM's inventory into the case’s mdm/" in first
    assert "     ! This cannot be undone. Look at one device first:\n" in done
    assert "abm-trace explain L6 " in done


def test_a_file_has_every_step_with_its_devices_and_the_undecided() -> None:
    """If this failed, the command that is to name the devices of a step would not."""
    groups = [
        verdict(serial=f"{layer}{at}", layer=layer, advice=layer)
        for layer in ("L1", "L3", "L4", "L6")
        for at in range(9)
    ]
    shown = text(report(*groups, *OPEN, wanted=(INVENTORY,)), width=160)
    done = shown[shown.index("Do next") :].splitlines()
    assert [line.split(" · ")[0] for line in done if re.match("  [1-9–] ", line)] == [
        "  1  L1 trust", "  2  L3 clock", "  3  L4 region", "  4  L6 identity", "  5  fetch the MDM inventory",
        "  –  undecided: not read far enough",
    ]  # fmt: skip
    assert sum(line.startswith("       ") for line in done) == 42


def test_pending_is_a_failure() -> None:
    """If this failed, Pending would have a neutral colour (SPEC T7)."""
    facts = (Fact("pending", AS_OF, "audit", "", {"serial": "F9FXQ1ABCD"}, Origin("a", "b")),)
    lines = text(report(readings=(reading(facts=facts),)), colour=True).splitlines()
    assert "\x1b[1;31m  ✗ Pending: 1 device without a confirmation; past 90 s that is a failure\x1b[0m" in lines


def test_a_warning_and_the_unknown_are_not_red() -> None:
    """If this failed, what may still turn out well would look like a failure."""
    lost = [verdict(serial=f"V{n}", missing=("mdm",), advice="Erase the device.") for n in range(6)]
    shown = report(*lost, *OPEN, reach={"apple": AS_OF, "mdm": None}, wanted=(INVENTORY,))
    lines = text(shown, colour=True).splitlines()
    said = [line for line in lines if "! " in line]
    assert len(said) > 2
    assert all("\x1b[33m" in line and "31m" not in line for line in said)
    assert any(line.startswith("\x1b[35m  ?  unknown") for line in lines)


def test_words_of_verdicts_are_words() -> None:
    """If this failed, the names of the NDJSON would stand before people, who read "half confirmed" elsewhere."""
    half = verdict(verdict="half_confirmed", missing=("mdm",), layer=None)
    table = text(report(half, verdict(serial="W", **WAITING)), width=160).split("abm-trace explain", maxsplit=1)
    assert "half confirmed" in table[1]
    assert "_" not in table[0] + table[1].replace("explain half_confirmed", "")


def test_the_last_column_of_the_sites_is_whole() -> None:
    """If this failed, "the MDM has no reco…" would stand for what stopped most of a site."""
    half = {"verdict": "half_confirmed", "layer": None, "missing": ("mdm",)}
    shown = text(report(*(verdict(serial=f"B{n}", site=f"clinic-{n % 3:02d}", **half) for n in range(60))), rows=40)
    assert "  20 the MDM has no record\n" in shown


def test_every_failure_has_a_colour_and_a_shape() -> None:
    """If this failed, a failure would look neutral, or hang on its colour alone."""
    for name, mark in (("vanished", "✗"), ("rejected", "■"), ("half_confirmed", "◐")):
        word = f"  {name.replace('_', ' ')} "
        rows = [line for line in text(report(verdict(verdict=name)), colour=True).splitlines() if word in line]
        assert rows[0].startswith(("\x1b[31m", "\x1b[1;31m"))
        assert mark in rows[0]
        assert mark in text(report(verdict(verdict=name)))


def test_retried_share() -> None:
    """If this failed, the retries that make duplicates would not be seen."""
    shown = text(report(verdict(attempts=2), healthy("A1"), verdict(serial="A2", attempts=0, last_rung="booted")))
    assert "Retried   1 of 2 devices that asked (50.0 %)" in shown


@pytest.mark.parametrize("rows", [40, None])
@pytest.mark.parametrize("width", [80, 160])
def test_nothing_raw(width: int, rows: int | None) -> None:
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
        rows=rows,
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
