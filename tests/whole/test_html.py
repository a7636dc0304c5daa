"""The HTML report in a real browser: it opens from a file, filters, sorts, shows a device and leads to its proof."""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Dialog, Locator, Page, expect, sync_playwright
from tests.exports.building import AS_OF, healthy, reading, report, verdict
from tests.exports.html.hostile import POLYGLOTS

from abm_lab.truth import CaseTruth
from abm_trace.cli.triage import _report
from abm_trace.core.changes import Changes
from abm_trace.core.nouns import Finding, Origin, Skipped
from abm_trace.exports import Missing, Report, Screen, Telling
from abm_trace.exports._interface import stopped_by
from abm_trace.exports.html import render
from abm_trace.pipeline.triage import Triage
from abm_trace.views.changes import changes

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium; on Debian: sudo apt-get install chromium")

PHONE, LAPTOP, WALL = (360, 780), (1280, 800), (2560, 1440)
PAPER = (718, 1047)
"""A4 without its margins, in CSS pixels."""

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""What axe is asked for: WCAG 2.2 to AA, and what its makers advise."""


@dataclass
class Opened:
    """A page with everything that it did and should not have done."""

    page: Page
    deeds: list[str] = field(default_factory=list)

    def watch(self, address: str) -> None:
        """Note each request but that for the file itself, and each word, error, dialog and window."""
        self.page.on("request", lambda each: self._note(each.url) if each.url.split("#")[0] != address else None)
        self.page.on("console", lambda each: self._note(each.text))
        self.page.on("pageerror", lambda each: self._note(str(each)))
        self.page.on("dialog", self._dismiss)
        self.page.on("popup", lambda each: self._note(each.url))

    def _dismiss(self, dialog: Dialog) -> None:
        self._note(dialog.message)
        dialog.dismiss()

    def _note(self, deed: str) -> None:
        self.deeds.append(deed)

    def __getitem__(self, selector: str) -> Locator:
        """The elements of a selector."""
        return self.page.locator(selector)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser without a screen."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """`opened(report)`: its page, from a file; at the end it has asked for nothing, and complained of nothing."""
    pages: list[Opened] = []

    def open_(shown: Report, size: tuple[int, int] = LAPTOP, *, anchor: str = "", dark: bool = False) -> Opened:
        path = tmp_path / "report.html"
        path.write_bytes(render(shown, Screen()))
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
        )
        found = Opened(context.new_page())
        pages.append(found)
        address = path.as_uri()
        found.watch(address)
        found.page.goto(address + anchor)
        return found

    yield open_
    for each in pages:
        assert each.deeds == []
        each.page.context.close()


@pytest.fixture
def chicago(traced: Callable[[str], tuple[Triage, CaseTruth]]) -> Report:
    """The report of the reference rollout, made small."""
    return _report(Path("case"), traced("chicago")[0], "html", files=False, bare=False)


def serials(opened: Opened) -> list[str]:
    """The serials of the list, as it stands."""
    return opened["#rows .open"].all_inner_texts()


def test_filter(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, a person could not find a site's lost devices among thousands."""
    page = opened(chicago)
    expect(page["#status"]).to_contain_text(f"{len(chicago.verdicts):,} devices of {len(chicago.verdicts):,}")
    lost = [each for each in chicago.verdicts if each.verdict == "vanished"]
    site, layer = lost[0].site, lost[0].layer
    page["#find"].fill(f"{site} vanished {layer}")
    want = {each.serial for each in lost if each.site == site and each.layer == layer}
    assert want <= set(serials(page))
    page["#by-layer"].select_option(index=page["#by-layer option"].all_inner_texts().index(_what(page, layer)))
    assert set(serials(page)) == want
    page["#find"].fill("nothing has these words")
    expect(page["#status"]).to_contain_text("nothing fits")
    page["#clear"].click()
    expect(page["#status"]).to_contain_text(f"{len(chicago.verdicts):,} devices")
    page["#find"].fill(lost[3].serial.lower())
    assert lost[3].serial in serials(page)


def _what(page: Opened, layer: str | None) -> str:
    return next(each for each in page["#by-layer option"].all_inner_texts() if each.startswith(f"{layer} "))


def test_a_number_of_the_summary_leads_to_its_devices(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, a reader of "112 vanished" could not see which."""
    page = opened(chicago)
    page["#sites button.pick"].first.click()
    site = page["#sites button.pick"].first.inner_text()
    assert page["#by-site"].input_value() == f"={site}"
    assert set(page["#rows .c-site"].all_inner_texts()) == {site}
    total = sum(each.site == site for each in chicago.verdicts)
    expect(page["#status"]).to_contain_text(f"{total} devices of")


def test_a_step_leads_to_its_devices(opened: Callable[..., Opened]) -> None:
    """If this failed, who is to erase 155 devices could not see which, whatever their verdicts."""
    half, released = {"verdict": "half_confirmed", "layer": None}, {"A1": "vanished", "A2": "unknown"}
    groups = [
        [verdict(serial=serial, verdict=name, layer="L0", cause="released") for serial, name in released.items()],
        [verdict(serial="B1", missing=("mdm",), **half)],
        [verdict(serial="C1", missing=("apple",), **half)],
        [verdict(serial="D1", layer=None)],
    ]
    page = opened(report(*(each for group in groups for each in group), healthy("H1")))
    found = []
    for number in range(page["#todo button.pick"].count()):
        page["#todo button.pick"].nth(number).click()
        found.append(serials(page))
    assert sorted(found) == [[each.serial for each in group] for group in groups]


def test_sort_and_pages_by_keyboard(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, who cannot use a mouse could not put the list in order, or not turn its pages."""
    page = opened(chicago)
    page["[data-sort=serial]"].focus()
    page.page.keyboard.press("Enter")
    everyone = sorted(each.serial for each in chicago.verdicts)
    assert serials(page) == everyone[:100]
    expect(page["th.c-serial[aria-sort]"]).to_have_attribute("aria-sort", "ascending")
    page["#next"].focus()
    page.page.keyboard.press("Enter")
    assert serials(page) == everyone[100:200]
    page["[data-sort=serial]"].focus()
    page.page.keyboard.press("Space")
    assert serials(page) == everyone[::-1][:100]
    page["[data-sort=confidence]"].click()
    numbers = [int(each.removesuffix(" %")) for each in page["#rows .c-confidence"].all_inner_texts()]
    assert numbers == sorted(numbers, reverse=True)


def test_a_device_leads_to_its_proof(
    opened: Callable[..., Opened], chicago: Report, traced: Callable[[str], tuple[Triage, CaseTruth]],
    lab_case: Callable[[str], Path],
) -> None:  # fmt: skip
    """If this failed, a claim of the page could not be walked back to the bytes that it cites (SPEC T6)."""
    cases = lab_case("chicago")
    device = next(
        each
        for each in chicago.verdicts
        if each.verdict == "vanished" and _plain_line(cases, each.findings[0].evidence[:1])
        and each.findings[0].layer == each.layer
    )  # fmt: skip
    page = opened(chicago)
    page["#find"].fill(device.serial)
    page["#rows .open"].first.click()
    expect(page["#rows .open"].first).to_have_attribute("aria-expanded", "true")
    detail = page[".detail"]
    expect(detail.locator(".todo")).to_contain_text(device.next_action)
    assert f"#device={device.serial}" in page.page.url
    ladder = detail.locator("table").first.locator("tbody tr").all_inner_texts()
    states = {row.split("\t")[0]: row.split("\t")[1] for row in ladder}
    proved = {rung for rung, origin in device.rungs.items() if origin is not None}
    assert {rung for rung, state in states.items() if state == "✓ proved"} == proved
    assert states["configured"] == "– not applicable"
    detail.get_by_role("button", name="proof 1").click()
    proof = detail.locator(".findings > li").first
    expect(proof).to_be_focused()
    path, line = proof.locator(".place").first.inner_text().rsplit(":", 1)
    cited = (cases / path).read_bytes().splitlines()[int(line) - 1]
    assert proof.locator(".sha").first.inner_text() == hashlib.sha256(cited).hexdigest()
    assert proof.locator("blockquote").first.inner_text() == " ".join(cited.decode().split())
    silent = detail.locator(".findings > li", has_text="apple-silent")
    expect(silent.locator("li").first).to_contain_text("read to here, and beyond it nothing")
    expect(silent.locator("blockquote")).to_have_count(0)
    page["#rows .open"].first.click()
    expect(detail).to_have_count(0)


def _plain_line(case: Path, evidence: tuple[Origin, ...]) -> bool:
    """Whether the proof is a line of a file that is no archive."""
    return bool(evidence) and evidence[0].line is not None and evidence[0].path.endswith((".log", ".txt"))


def test_a_link_opens_its_device(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, a device could not be named in a ticket; or a made-up link would break the page."""
    device = chicago.verdicts[len(chicago.verdicts) // 2]
    page = opened(chicago, anchor=f"#device={device.serial}")
    expect(page[".detail h3"].first).to_contain_text(device.serial)
    for wrong in ("#device=%E0%A4%A", "#device=<img src=x>", "#device=nobody"):
        page = opened(chicago, anchor=wrong)
        expect(page[".detail"]).to_have_count(0)
        assert len(serials(page)) == 100


def test_a_device_and_its_proof_by_keyboard(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, who cannot use a mouse could read the list, and nothing of what stands behind it."""
    lost = next(each for each in chicago.verdicts if each.verdict == "vanished" and each.layer)
    page = opened(chicago)
    keys = page.page.keyboard
    keys.press("Tab")
    expect(page[".skip"]).to_be_focused()
    keys.press("Enter")
    for _ in range(20):
        keys.press("Tab")
        if page["#find"].evaluate("(each) => each === document.activeElement"):
            break
    keys.type(lost.serial)
    page["#rows .open"].first.focus()
    keys.press("Enter")
    expect(page["#rows .open"].first).to_have_attribute("aria-expanded", "true")
    for _ in range(20):
        keys.press("Tab")
        if page.page.evaluate("document.activeElement.className") == "jump":
            break
    keys.press("Enter")
    expect(page[".findings > li:focus blockquote, .findings > li:focus .place"].first).to_be_visible()
    page["#rows .open"].first.focus()
    keys.press("Space")
    expect(page[".detail"]).to_have_count(0)


def test_what_was_not_used_of_its_files(opened: Callable[..., Opened]) -> None:
    """If this failed, nobody would see that the line which is missing may be the one that could not be read."""
    own = [Skipped("logs/F9FXQ1ABCD.log", "a damaged line", number) for number in range(1, 23)]
    page = opened(report(verdict(), healthy("A1"), skipped=(*own, Skipped("x", "a fifo"))), anchor="#device=F9FXQ1ABCD")
    said = page[".detail > td > div"].last.inner_text()
    assert "logs/F9FXQ1ABCD.log:20 a damaged line" in said
    assert "and 2 more things" in said
    assert "fifo" not in said
    page["#rows .open"].last.click()
    expect(page[".detail"]).not_to_contain_text("Not used")


def test_each_layer_says_why_not(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, a person would not know which layers are ruled out, on what, and which nobody looked at."""
    lost = next(each for each in chicago.verdicts if each.layer == "L2")
    said = _layers(opened(chicago, anchor=f"#device={lost.serial}"))
    assert said["L2"] == "✗ proved, the first that blocks"
    assert said["L5"].startswith("· ruled out: it sent a request (")
    assert said["L7"].startswith("· not asked")
    good = next(each for each in chicago.verdicts if each.verdict == "confirmed" and not each.findings)
    said = _layers(opened(chicago, anchor=f"#device={good.serial}"))
    assert all(said[layer].startswith("· ruled out: it was registered (") for layer in ("L1", "L3", "L4", "L6"))
    assert said["L0"] == "○ nothing in the evidence proves it"
    shown = report(verdict(clock_offset_us=-12_000, contributing=()), limits=(("clock_s", 5.79, "guide", ""),))
    said = _layers(opened(shown, anchor="#device=F9FXQ1ABCD"))
    assert said["L3"] == "· ruled out: its clock was -0.012 s off, the limit is 5.79 s"


def _layers(page: Opened) -> dict[str, str]:
    rows = [row.split("\t") for row in page[".detail table"].nth(1).locator("tbody tr").all_inner_texts()]
    return {row[0].split()[0]: row[1] for row in rows}


@pytest.mark.parametrize("size", [PHONE, LAPTOP])
@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_use_it(
    opened: Callable[..., Opened], chicago: Report, size: tuple[int, int], dark: bool
) -> None:
    """If this failed, some people could not read the page, or not with the tools that they read with (WCAG 2.2 AA)."""
    page = opened(chicago, size, dark=dark)
    _violates_nothing(page)
    page["#by-verdict"].select_option("=vanished")
    page["#find"].fill("L3")
    _violates_nothing(page)
    page["#rows .open"].first.click()
    page["summary"].first.click()
    _violates_nothing(page)


def _violates_nothing(page: Opened) -> None:
    found = Axe().run(page.page, options={"runOnly": list(RULES), "resultTypes": ["violations"]})
    assert found.response["passes"], "axe looked at nothing"
    assert found.response["violations"] == [], found.generate_report()


def test_on_paper(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, a printed report would be cut at its right edge, or be light words on no ground."""
    lost = next(each for each in chicago.verdicts if each.verdict == "vanished")
    page = opened(chicago, PAPER, anchor=f"#device={lost.serial}", dark=True)
    page.page.emulate_media(media="print")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= PAPER[0]
    assert page.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in ("#filter", ".parts", "#next"):
        expect(page[hidden]).to_be_hidden()
    for shown in ("h1", ".answers", ".chart", ".detail .todo", "#coverage", "#limits", "#page", ".c-seen"):
        expect(page[shown].first).to_be_visible()
    assert page["#rows tr"].first.evaluate("(each) => each.offsetHeight") < 50


def test_every_step_and_the_widest_table_are_on_paper(opened: Callable[..., Opened]) -> None:
    """If this failed, a sheet would say "3 more steps" and not which, or be shrunk until its widest table fits."""
    many = [verdict(serial=f"A{n}", layer=f"L{n % 7 + 1}") for n in range(14)] + [healthy(f"H{n}") for n in range(9)]
    names = ("staging host clinic-01-mac01", "token id tok_us_east_2026", "endpoint us-east.abm.apple.com")
    rows = tuple(Telling(None, "", name, 1200, 1400, 11, 9000, 0.2, 0.9, 0.00001) for name in names)
    page = opened(report(*many, shared=("x",), contrast=rows), PAPER)
    page.page.emulate_media(media="print")
    assert page.page.evaluate("document.documentElement.scrollWidth") <= PAPER[0]
    expect(page[".a-next"]).to_be_hidden()
    expect(page[".a-why .more"]).to_have_text("all causes")
    assert [each.is_visible() for each in page["#todo li"].all()] == [True] * 7


@pytest.mark.parametrize("size", [PHONE, LAPTOP, WALL])
@pytest.mark.parametrize("dark", [False, True])
def test_it_fits_the_screen(opened: Callable[..., Opened], chicago: Report, size: tuple[int, int], dark: bool) -> None:
    """If this failed, a person would scroll sideways on a phone, or read dark letters on a dark ground."""
    lost = next(each for each in chicago.verdicts if each.verdict == "vanished")
    page = opened(chicago, size, anchor=f"#device={lost.serial}", dark=dark)
    expect(page[".detail"]).to_have_count(1)
    assert page.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert page["#rows tr"].first.evaluate("(each) => each.offsetHeight") < 100
    ground = page.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(16, 22, 28)" if dark else "rgb(255, 255, 255)")
    small = page.page.evaluate(
        "[...document.querySelectorAll('button, select, input')].filter((each) => each.offsetHeight && "
        "(each.offsetHeight < 24 || each.offsetWidth < 24)).map((each) => each.outerHTML)"
    )
    assert small == []


def test_where_stands_on_the_first_screen_of_a_phone(opened: Callable[..., Opened]) -> None:
    """If this failed, who stands on the floor would not see the worst sites, for all that lacks stands above them."""
    lost = [
        verdict(serial=f"A{n}", site=f"clinic-{n % 9:02d}", layer=f"L{n % 7 + 1}", missing=("apple",))
        for n in range(60)
    ]  # fmt: skip
    open_ = [
        verdict(serial=f"B{n}", site=f"clinic-{n % 9:02d}", verdict="unknown", layer=None, missing=("mdm",))
        for n in range(40)
    ]  # fmt: skip
    how = (
        "save the DEP device list of its MDM server (POST /server/devices, or the MDM's own list) into CASE/dep/; "
        "export the MDM's inventory into CASE/mdm/"
    )
    wanted = (Missing("the DEP device list and the MDM inventory", tuple(lost + open_), AS_OF, how, ("apple", "mdm")),)
    shared = ("nothing that is known of them tells the failed from the healthy; 60 of them were not read far enough",)
    reach = {"apple": AS_OF - 36_000_000_000, "mdm": AS_OF - 36_000_000_000}
    phone = opened(
        report(
            *lost,
            *open_,
            healthy("H"),
            wanted=wanted,
            shared=shared,
            case="cases/may-17/chicago",
            simulated=True,
            reach=reach,
        ),
        (390, 844),
    )
    expect(phone[".warning"].first).to_be_visible()
    assert phone[".a-where"].evaluate("(each) => each.getBoundingClientRect().bottom") <= 844
    do = phone[".a-next .do"].first
    assert do.evaluate(
        "(each) => each.scrollHeight <= each.clientHeight + 1 && getComputedStyle(each).overflow === 'visible'"
    )
    expect(do).to_contain_text("then trace again")


def test_why_stands_on_the_first_screen_of_a_phone(opened: Callable[..., Opened]) -> None:
    """If this failed, why the few vanished would stand below what the many half confirmed lack."""
    half = {"verdict": "half_confirmed", "layer": None, "advice": "Check its assignment, then reimage it. " * 2}
    shown = report(
        *(verdict(serial=f"A{n}", site=f"s{n % 7}", layer=None) for n in range(11)),
        *(verdict(serial=f"B{n}", site=f"s{n % 7}", missing=("mdm",), **half) for n in range(60)),
        *(verdict(serial=f"C{n}", site=f"s{n % 7}", missing=("apple",), **half) for n in range(29)),
        *(healthy(f"H{n}", f"s{n % 7}") for n in range(90)),
        simulated=True, reach={"apple": AS_OF, "mdm": AS_OF},
    )  # fmt: skip
    phone = opened(shown, (390, 780))
    expect(phone[".a-why p"].first).to_have_text(
        "11 vanished – no layer proved: nothing in the evidence says what stopped them."
    )
    assert phone[".a-why"].evaluate("(each) => each.getBoundingClientRect().bottom") <= 780


def test_every_reason_stands_on_the_first_screen_of_a_phone(opened: Callable[..., Opened]) -> None:
    """If this failed, who has a phone would learn of one cause of seven, or scroll for the others."""
    size = {"L2": 28, "L3": 23, "L7": 23, "L1": 21, "L4": 20, "L6": 16, "L5": 14}
    lost = [verdict(serial=f"{each}{n}", layer=each, site=f"s{n % 9}") for each in size for n in range(size[each])]
    bare = [verdict(serial=f"N{n}", layer=None, site=f"s{n % 9}", missing=("mdm",) * (n < 7)) for n in range(63)]
    rejected = {"verdict": "rejected", "layer": "L0", "cause": "rejected"}
    own = [
        verdict(serial=f"R{n}", site=f"s{n % 9}", **(rejected if n < 13 else {"verdict": "rejected"}))
        for n in range(17)
    ]
    half = {"verdict": "half_confirmed", "layer": None}
    halves = [
        verdict(serial=f"B{n}", site=f"s{n % 9}", missing=("mdm" if n < 13 else "apple",), **half) for n in range(17)
    ]
    hand = {"verdict": "half_confirmed", "layer": "L0", "cause": "enrolled_by_hand"}
    halves += [verdict(serial=f"E{n}", site=f"s{n % 9}", **hand) for n in range(7)]
    open_ = [
        verdict(serial=f"U{n}", site=f"s{n % 9}", verdict="unknown", layer=None, missing=("mdm",)) for n in range(14)
    ]
    well = [healthy(f"H{n}", f"s{n % 9}") for n in range(260)]
    wanted = (Missing("the MDM inventory", tuple(bare[:7] + open_), AS_OF, "export it into CASE/mdm/", ("mdm",)),)
    shown = report(
        *lost, *bare, *own, *halves, *open_, *well, wanted=wanted, simulated=True, case="cases/may-17/chicago",
        reach={"apple": AS_OF, "mdm": AS_OF - 36_000_000_000},
    )  # fmt: skip
    phone = opened(shown, (390, 780))
    expect(phone[".a-why p"].first).to_have_text(
        "208 vanished – no layer proved for 63; 7 causes, none above half: L2 ambiguity, 28; L3 clock and L7 limbo, "
        "23 each; L1 trust, 21; L4 region, 20; 2 more, 30 together; the MDM inventory, still to fetch, may clear 7 of "
        "the 208."
    )
    expect(phone[".a-why .more"]).to_be_visible()
    assert phone[".a-why"].evaluate("(each) => each.getBoundingClientRect().bottom") <= 780


def test_when_its_command_is_of_use_is_said_on_a_phone(opened: Callable[..., Opened]) -> None:
    """If this failed, a person would trace again before there is anything new, and wonder."""
    lost = verdict(missing=("mdm",))
    how = "export the MDM's inventory into CASE/mdm/"
    phone = opened(report(lost, wanted=(Missing("the MDM inventory", (lost,), None, how, ("mdm",)),)), PHONE)
    lead = phone[".a-next .lead"].first
    expect(lead).to_be_visible()
    expect(lead).to_have_text("When it is there:")


def test_the_runbook_is_a_step_away_from_the_action_and_from_each_device(
    opened: Callable[..., Opened], chicago: Report
) -> None:
    """If this failed, who reads what to do, or whose device it is, would search for how, or find it folded (M3)."""
    page = opened(chicago)
    keys = page.page.keyboard
    page[".a-next a.runbook"].focus()
    first = page[str(page[".a-next a.runbook"].get_attribute("href"))]
    expect(first).to_be_hidden()
    keys.press("Enter")
    expect(first).to_be_in_viewport()
    expect(first).to_contain_text("Never press retry")
    _violates_nothing(page)
    page["details.book[open] summary"].focus()
    keys.press("Enter")
    expect(first).to_be_hidden()
    page[".a-next a.runbook"].focus()
    keys.press("Enter")
    expect(first).to_be_visible()
    for state in ("vanished", "confirmed"):
        device = next(each for each in chicago.verdicts if each.verdict == state)
        page["#find"].fill(device.serial)
        page["#rows .open"].first.click()
        page[".detail a.runbook"].click()
        book = page[f'details.book[data-name="{stopped_by(device) or state}"]']
        expect(book.locator("div")).to_be_in_viewport()
        expect(book.locator("summary")).to_contain_text(state)


def test_runbooks_are_unfolded_on_paper(opened: Callable[..., Opened], chicago: Report) -> None:
    """If this failed, a sheet at the staging table would say "L3 clock", and nothing of what to do about it."""
    page = opened(chicago, PAPER)
    folded = page[".book div"]
    assert folded.count() >= 8
    assert not any(each.is_visible() for each in folded.all())
    page.page.emulate_media(media="print")
    for each in folded.all():
        expect(each).to_be_visible()
        assert each.evaluate("(each) => each.getBoundingClientRect().height") > 100
    assert page.page.evaluate("document.documentElement.scrollWidth") <= PAPER[0]


def test_a_change_leads_to_its_device(opened: Callable[..., Opened]) -> None:
    """If this failed, who takes over would read that a device failed and search for it by hand."""
    before, serial = healthy("A/0 é"), "A/0 é"
    after = verdict(serial=serial)
    found = Changes("last.ndjson", AS_OF, 1, changes([before], [after]))
    page = opened(report(after, healthy("B"), changes=found))
    page["#changes summary"].click()
    page["#changes a"].click()
    expect(page[".detail h3"].first).to_contain_text(serial)


def test_times_are_those_of_the_terminal(opened: Callable[..., Opened]) -> None:
    """If this failed, the page and the terminal would show one instant as two."""
    page = opened(report(verdict()), anchor="#device=F9FXQ1ABCD")
    facts = page[".facts"].inner_text()
    assert "2026-05-17 08:46:12.883 UTC (03:46:12 CDT)" in facts
    assert "passed 27.0 s before the verdict’s moment" in facts
    assert "+19.345 s (device − reference)" in facts


def test_nothing_foreign_runs(opened: Callable[..., Opened]) -> None:
    """If this failed, evidence could run in the reader's browser, or tell somebody that it was read."""
    devices = []
    quotes = {Origin(text, text, 1, 1, 2, None, text): text for text in POLYGLOTS}
    for text, origin in zip(POLYGLOTS, quotes, strict=True):
        finding = Finding(text, text, text, text, 50, (origin,), text, text, AS_OF)
        devices.append(
            verdict(
                serial=text, site=text, layer=text, cause=text, contributing=(text,), identifiers=(text,),
                missing=(text,), findings=(finding,), next_action=text, exposure=(text,),
                rungs={"known": Origin(text, text)}, last_rung=text, attempts=3, journeys=2,
            )
        )  # fmt: skip
    skipped = tuple(Skipped(text, text) for text in POLYGLOTS)
    readings = tuple(reading(text, format=text, why=text) for text in POLYGLOTS)
    for text in POLYGLOTS[::8]:
        shown = report(
            *devices, healthy("A1"), case=text, zone_name=text, skipped=skipped, readings=readings,
            shared=POLYGLOTS, quotes=quotes,
            wanted=tuple(Missing(each, tuple(devices), None, each) for each in POLYGLOTS),
            contrast=tuple(Telling(each, each, each, 5, 6, 0, 9, 0.1, 0.9, 0.001) for each in POLYGLOTS),
        )  # fmt: skip
        page = opened(shown)
        kinds = "[...new Set([...document.querySelectorAll('*')].map((each) => each.localName))].sort()"
        before = page.page.evaluate(kinds)
        assert len(serials(page)) == len(POLYGLOTS) + 1
        for number in range(len(POLYGLOTS)):
            page.page.evaluate(f"document.querySelector('[data-device=\"{number}\"]').click()")
            assert page["#detail .findings > li"].count() == 1
        assert set(page.page.evaluate(kinds)) - set(before) <= {"h3", "dl", "dt", "dd", "blockquote"}
        page["#todo button.pick"].first.click()
        page["#find"].fill("<script>alert")
        page.page.wait_for_timeout(20)
        assert page.page.evaluate("document.scripts.length") == 3


def test_the_command_writes_it(opened: Callable[..., Opened], lab_case: Callable[[str], Path], tmp_path: Path) -> None:
    """If this failed, `--format html` would not give the page that all of this is about."""
    out = tmp_path / "chicago.html"
    program = [sys.executable, "-m", "abm_trace.cli", "triage"]
    program += [str(lab_case("chicago")), "--format", "html", "--out", str(out)]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "wrote" in done.stderr
    page = opened(report())
    page.page.goto(out.as_uri())
    expect(page["h1"]).to_contain_text("vanished of 300 devices")
    expect(page["#limits"]).to_contain_text("confirmation_s")
    expect(page["#contrast"]).to_contain_text("failed and healthy are alike")
    page["#rows .open"].first.click()
    expect(page[".detail blockquote"].first).to_be_visible()
    page.deeds.remove(out.as_uri())


def test_a_file_that_was_cut_says_so(browser: Browser, tmp_path: Path, chicago: Report) -> None:
    """If this failed, a page that came half would show its list, and nothing at all when a device is opened."""
    path = tmp_path / "report.html"
    path.write_bytes(render(chicago, Screen())[:-5_000])
    page = browser.new_page()
    page.goto(path.as_uri())
    expect(page.locator("#rows .open")).to_have_count(100)
    page.locator("#rows .open").first.click()
    expect(page.locator("#status")).to_contain_text("This file is cut or damaged")
    page.close()


def test_without_its_script_the_answer_stands(browser: Browser, tmp_path: Path, chicago: Report) -> None:
    """If this failed, a viewer that runs no script would show an empty page."""
    path = tmp_path / "report.html"
    path.write_bytes(render(chicago, Screen()))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(path.as_uri())
    expect(page.locator("h1")).to_contain_text("vanished")
    expect(page.locator("#script-needed")).to_be_visible()
    context.close()
