"""One page that explains itself, runs nothing foreign and asks nothing of the network."""

import base64
import hashlib
import re
from dataclasses import replace
from importlib.resources import files

import pytest
from tests.exports.building import AS_OF, healthy, reading, report, verdict
from tests.exports.html.hostile import POLYGLOTS
from tests.exports.html.reading import Page

from abm_trace.core.nouns import Fact, Finding, Origin, Skipped, Verdict
from abm_trace.exports import Missing, Report, Screen, Telling
from abm_trace.exports._interface import say, steps
from abm_trace.exports.html import EXPORT, policy, render

CSS = (files("abm_trace.exports.html") / "report.css").read_text(encoding="utf-8")
JS = (files("abm_trace.exports.html") / "report.js").read_text(encoding="utf-8")


def page(*verdicts: object, **changes: object) -> Page:
    """The page of a report of Chicago, with changes."""
    return Page(render(report(*verdicts, **changes), Screen()))  # type: ignore[arg-type]  # Verdicts.


def test_policy_names_the_digests_of_what_stands_inline() -> None:
    """If this failed, browsers would run nothing of the report, or more than its own script."""
    data = render(report(), Screen()).decode()
    (said,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', data)
    said = said.replace("&#x27;", "'")
    rules = dict(each.split(" ", 1) for each in said.split("; "))
    assert said == policy()
    assert rules["default-src"] == rules["base-uri"] == rules["form-action"] == "'none'"
    for rule, element in (("style-src", "style"), ("script-src", "script")):
        (content,) = re.findall(rf"<{element}>(.*?)</{element}>", data, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert data.index("Content-Security-Policy") < data.index("<style>")


def test_nothing_is_fetched_or_handled_inline(traced: Report) -> None:
    """If this failed, a report on a closed network would be broken, or would tell somebody that it was opened."""
    found = Page(render(traced, Screen()))
    for tag, attributes in found.elements:
        assert not {
            name for name in attributes if name.startswith("on") or name in {"style", "src", "srcset", "action"}
        }
        assert attributes.get("href", "#").startswith("#"), tag  # type: ignore[union-attr]  # It has a value.
    assert not re.search(
        r"https?:|@import|innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|Function\(", CSS + JS
    )
    assert {tag for tag, _ in found.elements} >= {"main", "nav", "header", "table", "button", "details", "svg"}


def everywhere(text: str) -> Page:
    """The page of a report that has the text in every field which foreign text can reach."""
    origin = Origin(text, text, 1, 1, 2, None, text)
    finding = Finding(text, text, "L3", text, 50, (origin,), text, text, AS_OF)
    fact = Fact("pending", AS_OF, text, text, {"serial": text}, Origin(text, text, 0, 1))
    device = verdict(
        serial=text, site=text, layer="L0", cause=text, contributing=(text,), identifiers=(text,), missing=(text,),
        findings=(finding,), next_action=text, exposure=(text,), rungs={"requested": Origin(text, text)},
    )  # fmt: skip
    files = (reading(text, format=text, why=text, facts=(fact,)), reading("x", format="", why=text))
    return page(
        device, case=text, zone_name=text, skipped=(Skipped(text, text), Skipped(text, text, 3)), readings=files,
        shared=(text, text), wanted=(Missing(text, (device,), AS_OF, text),), servers={text: text},
        quotes={origin: text},
        contrast=(Telling(text, text, text, 5, 6, 0, 9, 0.1, 0.9, 0.001),),
        runbooks={text: (("Diagnose", ("`abm-trace explain SERIAL --case CASE`",)),)},
    )  # fmt: skip


@pytest.mark.parametrize("text", POLYGLOTS)
def test_polyglots_in_every_field(text: str) -> None:
    """If this failed, evidence could run in the browser of whoever reads the report."""
    found, known = everywhere(text), everywhere("harmless")
    assert [tag for tag, _ in found.elements] == [tag for tag, _ in known.elements]
    assert [attributes.keys() for _, attributes in found.elements] == [each.keys() for _, each in known.elements]


def test_headline_says_how_many_of_how_many_on_what_evidence() -> None:
    """If this failed, the first thing that a reader sees would not be the answer, nor what was not read."""
    refused = reading("x.bin", format="", why="not recognised")
    found = page(
        verdict(), healthy("A1"), readings=(reading(), refused), skipped=(Skipped("fifo", "a fifo"),),
        shared=("36 of 50 failed at clinic-20 share the payload.",),
    )  # fmt: skip
    assert "✗ 1 vanished of 2 devices (50.0 %), 0 unknown" in found.text
    assert "Read 1 of 3 files, 2 refused; ABM or DEP reaches 2026-05-17 08:47:12 UTC (03:47:12 CDT)" in found.text
    assert "In common: 36 of 50 failed at clinic-20 share the payload." in found.text
    assert found.inside("title")[0].startswith("1 vanished of 2 devices (50.0 %)")


def test_no_green_zero() -> None:
    """If this failed, a case of which nothing is known would look as if all were well."""
    found = page(verdict(verdict="unknown", layer=None, missing=("mdm",)))
    assert "? 0 vanished of 1 device (0.0 %), 1 unknown" in found.text
    assert "? not read, the case holds none" in found.text
    assert "! MDM inventory not read, the case holds none: 1 device cannot be settled" in found.text
    assert "! ABM or DEP and MDM inventory not read, the case holds none" in page(reach={}).text
    assert "? not read in full, the case holds some records" in page(reach={}, held={"mdm": "part"}).text
    assert "!" not in page(healthy("A"), reach={"apple": AS_OF, "mdm": AS_OF}).text
    assert ("h1", {"class": "h-unknown"}) in found.elements
    assert ("h1", {"class": "h-confirmed"}) in page(healthy("A")).elements


@pytest.mark.parametrize(
    ("verdicts", "says"),
    [
        ([verdict(serial="A"), verdict(serial="B", site="b")], "Every device vanished: none is healthy to compare"),
        ([healthy("A"), healthy("B")], "Every device is confirmed."),
        ([healthy("A"), verdict(verdict="not_started", layer=None)], "No device failed, as far as was read."),
        ([healthy("A"), verdict(verdict="unknown", layer=None)], "No failure was seen, but 1 device cannot be judged"),
        ([verdict(), healthy("A1")], "Clinic-01: it is the only site, 1 of 2 devices failed."),
        ([verdict(site=""), healthy("A1", "")], "No evidence names the site of a device"),
        (
            [verdict(), healthy("A1", "")],
            "At 1 of 1 site: clinic-01 (1 of 1 failed); none stands out.",
        ),
        ([verdict(), healthy("A1")], "In common: not known: too few to compare (1 failed, 1 confirmed)"),
    ],
)
def test_what_is_at_an_end_is_said_plainly(verdicts: list[Verdict], says: str) -> None:
    """If this failed, a reader would have to guess from bare numbers that all or nothing is lost, or where."""
    assert says in page(*verdicts).text


def test_the_contrast_is_a_table() -> None:
    """If this failed, nobody could check the sentence that stands out, nor see what came second."""
    lost = [verdict(serial=f"v{n}") for n in range(6)]
    many = [*lost, *(healthy(f"h{n}") for n in range(9))]
    rows = (
        Telling(None, "", "model iPad16,3", 5, 6, 1, 9, 0.214, 0.9, 0.00001),
        Telling("L3", "", "region eu-west", 4, 6, 3, 9, -0.1, 0.7, 0.0031),
        Telling("L3", "", "model iPad7,5", 2, 6, 3, 9, -0.4, 0.5, 1.0),
    )
    text = page(*many, shared=("83 % of the 6 that vanished have model iPad16,3.",), contrast=rows).text
    assert "any failure model iPad16,3 5 of 6 (83.3 %) 1 of 9 (11.1 %) +21 to +90 points < 0.01 %" in text
    assert "L3 clock region eu-west 4 of 6 (66.7 %) 3 of 9 (33.3 %) −10 to +70 points 0.31 %" in text
    assert "iPad7,5" not in text
    assert (
        "Nothing: in model, version, site and whatever else is known, failed and healthy are alike" in page(*many).text
    )
    assert "In common" not in page(healthy("A")).text


def test_simulated_is_said_at_the_top_and_in_the_title() -> None:
    """If this failed, somebody could take the lab's rollout for a real one."""
    found = page(simulated=True)
    assert "SIMULATED by the lab: no real device" in found.text
    assert found.inside("title")[0].startswith("SIMULATED: ")
    assert "SIMULATED" not in page().text


def test_every_table_has_a_caption_and_headings(traced: Report) -> None:
    """If this failed, a reader of the screen would hear numbers without what they count (WCAG 1.3.1)."""
    found = Page(render(traced, Screen()))
    tags = [tag for tag, _ in found.elements]
    assert tags.count("table") == tags.count("caption") == tags.count("thead") > 8
    assert tags.count("h1") == tags.count("main") == 1
    assert all(attributes.get("scope") in {"col", "row"} for tag, attributes in found.elements if tag == "th")
    anchors = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(anchors) == len(set(anchors))
    links = {attributes["href"] for tag, attributes in found.elements if tag == "a"}
    within = {
        each for each in links if not str(each).startswith("#device=")
    }  # A device's page is made when it is asked for.
    assert within <= {f"#{each}" for each in anchors}
    assert links - within <= {f"#device={each.serial}" for each in traced.verdicts}
    for tag, attributes in found.elements:
        if tag == "svg":
            assert attributes.get("aria-hidden") == "true" or attributes.get("role") == "img"


def test_pending_is_a_failure() -> None:
    """If this failed, `Pending` could be taken for a state in which one waits (SPEC T7)."""
    fact = Fact("pending", AS_OF, "abm", "", {"serial": "F9FXQ1ABCD"}, Origin("abm/devices.json", "abm-devices", 0, 9))
    held = reading("abm/devices.json", format="abm-devices", facts=(fact,))
    found = page(readings=(held,))
    assert "✗ Pending: ABM says so of 1 device without a confirmation" in found.text
    assert any(attributes.get("class") == "bad" for tag, attributes in found.elements if tag == "p")
    assert "Pending" not in page(healthy("F9FXQ1ABCD"), readings=(held,)).text


def test_a_small_site_where_all_failed_is_named_at_the_top() -> None:
    """If this failed, the site that is wholly lost would stand below larger ones that lost a few more."""
    many = [verdict(serial=f"{site}{n}", site=site) for site in "abc" for n in range(7)]
    many += [healthy(f"{site}h{n}", site=site) for site in "abc" for n in range(9)]
    found = page(*many, *(verdict(serial=f"d{n}", site="d") for n in range(9)))
    assert "At 4 of 4 sites; one stands out, d: 9 of 9 failed (100.0 %; all sites 52.6 %)." in found.text
    assert "In common: all 9 devices that were tried at d failed" in found.text


def test_where_and_why_are_the_terminal_s_words() -> None:
    """If this failed, the page would say another thing than the terminal."""
    half = {"verdict": "half_confirmed", "layer": None}
    shown = report(
        *(verdict(serial=f"A{n}", site=f"s{n % 5}", missing=("apple",)) for n in range(9)),
        *(verdict(serial=f"B{n}", site=f"s{n % 5}", missing=("mdm",), **half) for n in range(20)),
        *(verdict(serial=f"C{n}", site="lost") for n in range(12)),
        *(healthy(f"H{n}", f"s{n % 5}") for n in range(40)),
    )
    said = [
        *(each.text for each in say.where(shown)),
        *(each.text for each in say.why(shown, steps.causes(shown))),
    ]
    assert len(said) == 3
    text = Page(render(shown, Screen())).text.replace(" :", ":").replace(" ,", ",")
    for each in said:
        assert text.count(f"{each[:1].upper()}{each[1:]}.") == 2, "at the top and in its section"


def test_the_sums_of_all_verdicts_add_up() -> None:
    """If this failed, the list of what stopped 7 would hold 6 of them, or count as a cause what is none."""
    half = {"verdict": "half_confirmed", "layer": None}
    lost = [verdict(serial=f"A{n}", layer=f"L{n % 3 + 1}") for n in range(5)]
    few = [*lost, verdict(serial="B", missing=("mdm",), **half)]
    said = "Of all 6: 2 L1 trust (33.3 %) 2 L2 ambiguity (33.3 %) 1 L3 clock (16.7 %) 1 half confirmed: the MDM has no"
    assert said in page(*few).text
    more = page(*few, verdict(serial="C", missing=("apple",), **half)).text
    assert "Of all 7: 2 L1 trust (28.6 %) 2 L2 ambiguity (28.6 %) 1 L3 clock (14.3 %) 2 in 2 more groups" in more
    assert "all causes" in more
    assert "Of all" not in page(*lost).text, "the sentence has said it"


def test_a_command_says_what_it_is() -> None:
    """If this failed, `explain` would stand bare, or a trace be run again before the list is there."""
    lost = verdict(advice="Set the clock.", missing=("mdm",))
    how = "export the MDM's inventory into CASE/mdm/"
    text = page(lost, wanted=(Missing("the MDM inventory", (lost,), None, how, ("mdm",)),)).text
    assert "then trace again. When it is there: abm-trace triage case" in text
    text = page(verdict(advice="Set the clock.")).text
    assert re.search(r"Set the clock\. Look at one device first \( F9FXQ1ABCD \) ?: abm-trace explain", text)


def test_nothing_in_common_stands_behind_the_answers() -> None:
    """If this failed, that nothing was found would push the reason off a phone's first screen."""
    many = [*(verdict(serial=f"v{n}") for n in range(6)), *(healthy(f"h{n}") for n in range(9))]
    text = page(*many).text
    assert text.index("What next") < text.index("In common: nothing")
    text = page(*many, shared=("They have model iPad16,3.",)).text
    assert text.index("In common: They have") < text.index("What next")


def test_a_step_is_the_same_at_the_top_and_below_and_leads_to_its_devices() -> None:
    """If this failed, the page would say another thing first than the terminal, or split one action by verdict."""
    half = verdict(serial="B1", verdict="half_confirmed", advice="Erase the device.", missing=("mdm",))
    shown = report(verdict(advice="Erase the device."), half, healthy("H"))
    found = Page(render(shown, Screen()))
    title = "L6 identity · 1 vanished, 1 half confirmed"
    assert found.text.count(title) == 2
    assert f"{title} Erase the device. ! This cannot be undone. Look at one device first" in found.text
    assert "abm-trace explain F9FXQ1ABCD --case case" in found.inside("code")
    picks = [attributes["data-layer"] for tag, attributes in found.elements if "data-layer" in attributes]
    values = {attributes.get("value") for tag, attributes in found.elements if tag == "option"}
    assert {f"={each}" for each in picks} <= values


def test_thresholds_are_printed_with_their_origin_where_the_report_has_them() -> None:
    """If this failed, nobody could tell a limit of the guide from one of ours."""
    limit = ("confirmation_s", 63.0, "guide", "Both confirmations stand within this.")
    text = Page(render(replace(report(), limits=(limit,)), Screen())).text
    assert "confirmation_s 63 guide Both confirmations stand within this." in text


def test_colours_can_be_read() -> None:
    """If this failed, words in the colour of a verdict would be too faint for many readers (WCAG 1.4.3)."""
    blocks = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    assert len(blocks) == 3
    for block in blocks:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
        words = {"text", "faint", "link", "vanished", "rejected", "half_confirmed", "unknown", "in_progress",
                 "not_started", "confirmed"}  # fmt: skip
        grounds = {"ground", "panel"}
        merged = {**dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[0])), **colours}
        low = {
            (word, ground): ratio
            for word in words
            for ground in grounds
            if (ratio := _contrast(merged[word], merged[ground])) < 4.5
        }
        assert not low
        assert _contrast(merged["vanished"], merged["bad-ground"]) >= 4.5
        assert _contrast(merged["control"], merged["ground"]) >= 3


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    # From: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_it_is_an_export() -> None:
    """If this failed, `--format html` would not exist."""
    assert EXPORT.id == "html"
