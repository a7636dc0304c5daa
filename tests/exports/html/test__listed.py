"""A page of very many devices lists some of them, says so, and counts all."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from tests.exports import building
from tests.exports.building import AS_OF, POLYGLOT, healthy, report, verdict
from tests.exports.html import reading
from tests.exports.html.reading import Page

from abm_lab.case import write_case
from abm_trace.cli import main
from abm_trace.core.changes import Changes
from abm_trace.core.nouns import Fact, Origin, Verdict
from abm_trace.core.packed import Packed
from abm_trace.exports import Report, Screen
from abm_trace.exports._interface import stopped_by
from abm_trace.exports.html import _listed, listed, render
from abm_trace.remedies.runbook import runbooks
from abm_trace.verdict.settings import actions
from abm_trace.views.brief import brief
from abm_trace.views.changes import changes

BOOKS = {name: tuple(book.parts()) for name, book in runbooks(actions()).items()}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page lists 12 devices, and of each group 2 before others."""
    monkeypatch.setattr(_listed, "LISTED_MAX", 12)
    monkeypatch.setattr(_listed, "_EXAMPLES", 2)


def many() -> list[Verdict]:
    """40 vanished at three sites of two causes, 3 rejected, 20 confirmed, in order of serial."""
    each = [verdict(serial=f"A{n:03}", site=f"s{n % 3}", confidence=50 + n) for n in range(36)]
    each += [verdict(serial=f"B{n:03}", site="s0", layer="L3") for n in range(4)]
    each += [verdict(serial=f"C{n:03}", site="s1", verdict="rejected", layer=None) for n in range(3)]
    return [*each, *(healthy(f"H{n:03}", "s2") for n in range(20))]


def serials(page: bytes) -> list[str]:
    """The serials of the devices that have a row."""
    found: list[str] = reading.embedded(page)["devices"]["serial"]
    return found


@pytest.mark.usefixtures("few")
def test_the_worst_are_listed_and_no_group_is_without_an_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a page of 300,000 vanished would show none of the three that ABM rejected, or none at a site."""
    rows = listed(many(), many())
    names = [each.serial for each in rows]
    assert names == sorted(names)
    assert len(names) == len(set(names)) == 12
    assert Counter(stopped_by(each) or each.verdict for each in rows) == {
        "L6 identity": 6, "L3 clock": 2, "rejected by ABM": 2, "confirmed": 2,
    }  # fmt: skip
    lost = [each for each in rows if each.layer == "L6"]
    assert {each.site for each in lost} == {"s0", "s1", "s2"}
    assert min(each.confidence for each in lost) == 80, "the surest"
    monkeypatch.setattr(_listed, "LISTED_MAX", 20)
    assert Counter(each.verdict for each in listed(many(), many())) == {"vanished": 16, "rejected": 2, "confirmed": 2}


@pytest.mark.usefixtures("few")
def test_many_sites_leave_room_for_every_cause() -> None:
    """If this failed, a link of the page to the surest device of a cause could lead nowhere."""
    each = [verdict(serial=f"A{n:03}", site=f"s{n}", layer="L3" if n == 19 else "L6") for n in range(30)]
    rows = listed([*each, healthy("H")], [*each, healthy("H")])
    assert len(rows) == 12
    assert {"A019", "H"} <= {one.serial for one in rows}


@pytest.mark.usefixtures("few")
def test_up_to_the_bound_all_are_listed() -> None:
    """If this failed, a page that could hold every device would leave some out."""
    assert list(listed(many()[:12], many()[:12])) == many()[:12]
    page = render(report(*many()[:12]), Screen())
    assert len(serials(page)) == 12
    assert "listed" not in Page(page).text


@pytest.mark.usefixtures("few")
def test_what_is_not_listed_is_said_beside_the_list() -> None:
    """If this failed, somebody would take the devices of the list for all, or a device for one that is not there."""
    page = render(report(*many(), case="my case", runbooks=BOOKS), Screen())
    found = Page(page)
    assert len(serials(page)) == 12
    text = found.text.replace("\xa0", " ")
    said = "51 of 63 devices are not listed here: 32 vanished, 1 rejected, 18 confirmed."
    assert said in text
    assert text.index(" Devices The list") < text.index(said) < text.index("Of those that are listed:")
    assert "have 12: some of each verdict and cause, then the worst, shared out over causes and sites." in text
    assert "All else on this page counts all 63." in text
    assert "abm-trace explain SERIAL --case 'my case'" in found.inside("code")
    assert "abm-trace triage 'my case' --format ndjson --out verdicts.ndjson" in found.inside("code")
    choices = found.inside("option")
    assert {"vanished (8 listed of 40)", "rejected (2 listed of 3)", "confirmed (2 listed of 20)"} <= set(choices)
    assert "show the 6 listed of the 36 devices" in text


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
def test_everything_else_counts_all(traced: Report, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    """If this failed, a sum of the page would be one of the devices that happen to be listed."""
    shown = traced
    if packed:
        verdicts = Packed.of(Verdict, 5, traced.verdicts)
        shown = replace(traced, verdicts=verdicts, brief=brief(verdicts))
    cut = render(shown, Screen())
    assert len(serials(cut)) == 12 < len(traced.verdicts)
    monkeypatch.setattr(_listed, "LISTED_MAX", 1000)
    whole = render(traced, Screen())
    assert _sections(cut).keys() == _sections(whole).keys() >= {"", "todo", "verdicts", "layers", "sites", "time"}
    assert [name for name, said in _sections(cut).items() if said != _sections(whole)[name]] == ["devices"]


def _sections(page: bytes) -> dict[str, str]:
    """The sections of the page by their anchor, and what stands before them by ""."""
    top, *each = page.decode().split('<script type="application/json"')[0].split("<section id=")
    return {"": top} | {part.split('"')[1]: part for part in each} if each else {"": top}


@pytest.mark.usefixtures("few")
def test_a_listed_device_is_said_as_on_a_page_of_all(traced: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the proofs of a device would be those of another one, or its times others."""
    cut = reading.embedded(render(traced, Screen()))
    monkeypatch.setattr(_listed, "LISTED_MAX", 1000)
    whole = reading.embedded(render(traced, Screen()))
    names = cut["devices"]["serial"]
    assert reading.verdicts(cut) == [each for each in reading.verdicts(whole) if each["serial"] in names]
    rungs = {each["serial"]: reading.rungs(whole, each) for each in reading.devices(whole)}
    assert [reading.rungs(cut, each) for each in reading.devices(cut)] == [rungs[name] for name in names]


@pytest.mark.usefixtures("few")
def test_requests_of_devices_that_are_not_listed_are_counted() -> None:
    """If this failed, the picture over time would show the failed alone, and alert in each of its windows."""
    origin = Origin("audit.ndjson", "audit", 0, 9)
    facts = []
    each = [verdict(serial=f"A{n:03}") for n in range(12)]
    for number in range(30):
        place = msgspec.structs.replace(origin, offset=100 * number)
        facts.append(Fact("requested", AS_OF - 5_000_000, "audit", "", {}, place))
        asked = msgspec.structs.replace(place, line=number, sha256="00")
        each.append(msgspec.structs.replace(healthy(f"H{number:03}"), rungs={"requested": asked}))
    held = building.reading("audit.ndjson", format="abm-audit", facts=tuple(facts))
    page = render(report(*each, readings=(held,)), Screen())
    assert len(serials(page)) == 12
    assert "30 devices asked, 30 were registered" in Page(page).text


@pytest.mark.usefixtures("few")
def test_a_serial_leads_only_to_a_device_that_is_listed() -> None:
    """If this failed, a link of the page would lead nowhere."""
    before = [msgspec.structs.replace(healthy(each.serial), as_of=AS_OF - 1) for each in many()]
    found = Changes("last.ndjson", AS_OF - 1, len(before), changes(before, many()))
    page = render(report(*many(), changes=found, runbooks=BOOKS), Screen())
    links = {
        str(attributes["href"]).removeprefix("#device=")
        for _, attributes in Page(page).elements
        if str(attributes.get("href", "")).startswith("#device=")
    }
    assert links
    assert links <= set(serials(page))
    assert Page(page).text.count("newly failed") == 1
    assert re.search(rb">A001<", page), "a device without a row is named all the same"


def test_sites_beyond_the_bound_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a site a device would make a page that nobody can open, or sites would lack silently."""
    monkeypatch.setattr(_listed, "SITES_MAX", 2)
    lost = [verdict(serial=f"A{n}", site=f"s{n}") for n in range(3)]
    found = Page(render(report(*lost, healthy("H", "z"), verdict(serial="U", site="u", verdict="unknown")), Screen()))
    assert "3 more sites not listed: 1 failed of 3, 1 unknown. The CSV has all." in found.text.replace("\xa0", " ")
    sites = {attributes["value"] for tag, attributes in found.elements if tag == "option"}
    assert {each for each in sites if each in {"=s0", "=s1", "=s2", "=u", "=z"}} == {"=s0", "=s1"}
    assert {str(attributes["data-site"]) for _, attributes in found.elements if "data-site" in attributes} <= {
        "s0", "s1",
    }  # fmt: skip


@pytest.mark.usefixtures("few")
def test_whatever_a_case_is_called() -> None:
    """If this failed, the name of a case could become an element of the page, or a second command."""
    known = Page(render(report(*many()), Screen()))
    found = Page(render(report(*many(), case=f"{POLYGLOT}; rm -rf ~"), Screen()))
    assert [tag for tag, _ in found.elements] == [tag for tag, _ in known.elements]
    (command,) = [each for each in found.inside("code") if "explain SERIAL" in each]
    assert re.fullmatch(r"abm-trace explain SERIAL --case '.*; rm -rf ~'", command)


@pytest.mark.usefixtures("few")
def test_the_command_says_how_many_are_listed(tmp_path: Path) -> None:
    """If this failed, who made the page would think that all devices are in it, or their lines would lack."""
    case = write_case(tmp_path / "lab", "chicago", 24, 3, 5, 2, jobs=1)
    out = tmp_path / "page.html"
    done = CliRunner().invoke(main, ["triage", str(case), "--format", "html", "--out", str(out)])
    assert done.exit_code == 1, done.stderr
    assert "(html, 24 verdicts, 12 of them listed)" in done.stderr
    places = reading.embedded(out.read_bytes())["places"]
    assert any(place[6] for place in places), "what is listed is quoted"
