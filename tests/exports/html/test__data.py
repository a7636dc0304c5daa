"""What the page embeds is what the NDJSON says."""

import json
import re

import msgspec
import pytest
from tests.exports.building import AS_OF, healthy, report, verdict
from tests.exports.html import reading
from tests.exports.html.hostile import POLYGLOTS

from abm_trace.core.nouns import Fact, Finding, Origin, Skipped, Verdict
from abm_trace.exports import Report, Screen, ndjson
from abm_trace.exports._interface import stopped_by
from abm_trace.exports.html import _coverage, _data, render


def lines(shown: Report, schema: str = "verdict") -> list[dict[str, object]]:
    """The verdicts of the NDJSON."""
    found = [json.loads(line) for line in ndjson.render(shown, Screen()).decode().splitlines()]
    return [each for each in found if each["schema"] == f"abm-trace/{schema}/1"]


def test_a_traced_case_is_embedded_as_the_ndjson_says_it(traced: Report) -> None:
    """If this failed, the page would show other verdicts than the machine formats."""
    page = reading.embedded(render(traced, Screen()))
    assert reading.verdicts(page) == lines(traced)
    assert reading.skipped(page) == lines(traced, "skipped") != []


@pytest.mark.parametrize("text", POLYGLOTS)
def test_any_text_in_every_field_comes_back(text: str) -> None:
    """If this failed, a text would be changed on its way to the page, or end the element that holds it."""
    finding = Finding(text, text, text, text, 50, (Origin(text, text, 1, 1, 2, None, text),), text, text, AS_OF)
    hostile = verdict(
        serial=text, site=text, verdict=text, last_rung=text, layer=text, cause=text, contributing=(text,),
        identifiers=(text,), missing=(text, text), findings=(finding,), next_action=f"{text}{text} F9FX",
        exposure=(text,), rungs={"known": Origin(text, text)},
    )  # fmt: skip
    shown = report(hostile, healthy("F9FX"), case=text, zone_name=text)
    data, proofs, _ = _data.pack(shown, shown.verdicts)
    for document in (data, proofs):
        assert document.isascii()
        assert not re.search(b"[<>&\x7f]", document)
    assert reading.verdicts(reading.together(data, proofs)) == lines(shown)


@pytest.mark.parametrize(
    "changes",
    [
        {"first_seen": None},
        {"first_seen": None, "last_seen": None, "deadline_at": None, "last_rung": None, "last_rung_at": None},
        {"first_seen": -62_000_000_000_000_000, "last_seen": 253_000_000_000_000_000},
        {"first_seen": 253_000_000_000_000_001, "last_rung_at": 253_000_000_000_000_003},
        {"clock_offset_us": None, "serial": "A"},
    ],
)
def test_what_is_not_known_and_far_times(changes: dict[str, object]) -> None:
    """If this failed, a missing time would become 1970, or a far one would lose its microseconds in a script."""
    shown = report(verdict(**changes))
    page = reading.embedded(render(shown, Screen()))
    assert reading.verdicts(page) == lines(shown)
    numbers = [each for row in reading.devices(page) for each in row.values() if isinstance(each, int)]
    assert numbers
    assert all(abs(each) < 1 << 53 for each in numbers)


def test_own_serial_is_said_once() -> None:
    """If this failed, 12,400 devices would not fit into the page."""
    path = "logs/F9FXQ1ABCD.log"
    page = reading.embedded(render(report(verdict(rungs={"known": Origin(path, "article", 0, 9, 3)})), Screen()))
    assert "logs/\x00s.log" in page["words"]
    assert "Erase \x00s and reimage it once." in page["words"]


@pytest.mark.parametrize("attrs", [{}, {"ip": "10.1.2.3", "hostname": "<b>", "until": "2026-05-18T00:00:00Z"}])
@pytest.mark.parametrize("at", [None, AS_OF - 5])
def test_a_sighting_is_embedded(attrs: dict[str, str], at: int | None) -> None:
    """If this failed, the page would not say where a device was seen last, which the NDJSON does."""
    seen = Fact(
        "sighting", at, "sighting", "vlan 7" if attrs else "", attrs, Origin("leases.csv", "kea-leases", 3, 9, 2)
    )
    shown = report(verdict(sighting=seen))
    assert reading.verdicts(reading.embedded(render(shown, Screen()))) == lines(shown)


def test_so_many_things_are_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a case full of damage would make a page that nobody can open, or things would lack silently."""
    for module in (_data, _coverage):
        monkeypatch.setattr(module, "SKIPPED_MAX", 3)
    page = render(report(skipped=tuple(Skipped("x", "damaged", line) for line in range(5))), Screen())
    assert [each["line"] for each in reading.skipped(reading.embedded(page))] == [0, 1, 2]
    assert b"The pages of the devices leave out the last 2." in page


def test_a_place_is_quoted() -> None:
    """If this failed, a reader would see where a proof stands, and not what stands there; or the page would burst."""
    device = verdict()
    (origin,) = device.findings[0].evidence
    for text, said in (
        ("a line", "a line"),
        ("", ""),
        ("x" * 280, "x" * 280),
        ("x" * 199 + "y" * 200, f"{'x' * 120} … {'y' * 160}"),
    ):
        page = reading.embedded(render(report(device, quotes={origin: text}), Screen()))
        assert [place[6] for place in page["places"]] == [said]
    assert [place[6] for place in reading.embedded(render(report(device), Screen()))["places"]] == [None]


@pytest.mark.parametrize(("dialects", "bits"), [((), 0), (("guide",), 1), (("apple",), 2), (("guide", "apple"), 3)])
def test_the_dialects_of_a_device(dialects: tuple[str, ...], bits: int) -> None:
    """If this failed, a layer that cannot occur would be shown as passed, or one that can as not applicable."""
    page = reading.embedded(render(report(verdict(dialects=dialects)), Screen()))
    assert page["devices"]["dialects"] == [bits]


def test_the_list_stands_before_the_script_and_names_what_stopped_a_device(traced: Report) -> None:
    """If this failed, nobody could filter before all proofs were read, or the list would say another cause."""
    page = render(traced, Screen())
    assert page.index(b'id="data"') < page.index(b'<script>"use strict"') < page.index(b'id="proofs"')
    data, proofs, _ = _data.pack(traced, traced.verdicts)
    assert len(data) < len(proofs)
    listed = json.loads(data)
    said = [listed["words"][each] for each in listed["devices"]["stopped_by"]]
    assert said == [stopped_by(each) for each in traced.verdicts]


def test_twelve_thousand_devices_fit() -> None:
    """If this failed, the report of the reference incident would no longer be a page that one can send."""
    many = [
        msgspec.structs.replace(_like(number), serial=f"F9F{number:07d}", identifiers=(f"{number:032X}",))
        for number in range(2_000)
    ]
    assert len(render(report(*many), Screen())) * 12_400 / 2_000 < 6_000_000


def _like(number: int) -> Verdict:
    path = f"logs/clinic-{number % 47:02d}/F9F{number:07d}.log"
    rungs = {
        rung: Origin(path, "log", 100 * at, 60)
        for at, rung in enumerate(("known", "synced", "booted", "requested", "accepted"))
    }
    if number % 4:
        return msgspec.structs.replace(healthy("x"), rungs=rungs)
    finding = Finding(
        "clock-beyond-limit", "rule", "L3", "high", 95, (Origin(path, "log", number, 60, 7, None, f"{number:064x}"),),
        "", f"its clock is {number / 7:.3f} s off", AS_OF - number,
    )  # fmt: skip
    return verdict(findings=(finding,), rungs=rungs)
