"""Makes the pictures of the HTML report in docs/pictures/, and says how large the page is and how quick.

`python scripts/make_report_pictures.py`. The page is that of the Chicago rollout with 12,400 simulated iPads, in the
Chromium of this machine; a time is the median of nine, from the deed until the browser has drawn what came of it.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Page, sync_playwright

from abm_lab.case import write_case

ROOT: Final = Path(__file__).parents[1]
PICTURES: Final = ROOT / "docs/pictures"
LAPTOP, PHONE, DEVICE = (1280, 800), (390, 844), (1240, 1120)
RUNS: Final = 9

# When the list stands and is drawn, after the browser began to open the page.
_STANDS: Final = """
const note = () => { window.stands = performance.now(); };
const stands = () => document.querySelector("#rows .open, .empty");
const look = () => requestAnimationFrame(() => (stands() ? requestAnimationFrame(note) : look()));
look();
"""
_EMPTY: Final = "<!DOCTYPE html><title>empty</title><p class='empty'>nothing</p>\n"

# Waits for the frame that follows the next one: by then the browser has drawn.
_TIMED: Final = """
async (deed) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  await drawn();
  const begun = performance.now();
  new Function(deed)();
  await drawn();
  return performance.now() - begun;
}
"""
_SAID: Final = "const find = document.getElementById('find'); find.value = {words!r}; find.dispatchEvent(new Event('input', {{ bubbles: true }}))"  # noqa: E501
DEEDS: Final = {
    "filter by words": [_SAID.format(words=words) for words in ("clinic-21 clock", "f9f0", "vanished")],
    "clear the filter": ["document.getElementById('clear').click()"],
    "sort by last seen": ["document.querySelector('[data-sort=seen]').click()"],
    "open a device": ["document.querySelector('#rows .open').click()"],
}  # fmt: skip
"""What a person does → the scripts that do it, taken in turn."""


def main() -> None:
    """Makes the page, measures it, and takes its pictures."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium; on Debian: sudo apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page = _report(Path(folder))
        print(f"the page: {page.stat().st_size / 1e6:.2f} MB")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        _measure(browser, page.as_uri())
        PICTURES.mkdir(exist_ok=True)
        _take(browser, page.as_uri(), "light", LAPTOP)
        _take(browser, page.as_uri(), "phone", PHONE)
        _take(browser, page.as_uri(), "dark", DEVICE, device=True)
        browser.close()


def _report(folder: Path) -> Path:
    """The page of the rollout, made in this folder by the command itself."""
    write_case(folder, "chicago", devices=12_400, sites=47, seed=1, log_kb=2).rename(folder / "chicago")
    trace = [sys.executable, "-m", "abm_trace.cli", "triage", "chicago", "--format", "html", "--out", "report.html"]
    subprocess.run([*trace, "--fail-on", "none"], cwd=folder, check=True, capture_output=True)
    return folder / "report.html"


def _measure(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": LAPTOP[0], "height": LAPTOP[1]}, bypass_csp=True)
    page.add_init_script(_STANDS)
    empty = Path(unquote(urlsplit(address).path)).with_name("empty.html")
    empty.write_text(_EMPTY, encoding="utf-8")
    pairs = [(_opened(page, empty.as_uri()), _opened(page, address)) for _ in range(RUNS)]  # Others use the machine.
    for at, until in enumerate(("the list stands", "all is read")):
        bare, whole = ([pair[which][at] for pair in pairs] for which in (0, 1))
        said = f"{statistics.median(whole):.0f} ms, at best {min(whole):.0f} ms"
        print(f"open it until {until}: {said} (an empty page: {statistics.median(bare):.0f} ms)")
    for name, scripts in DEEDS.items():
        taken = [page.evaluate(_TIMED, scripts[number % len(scripts)]) for number in range(RUNS)]
        print(f"{name}: {statistics.median(taken):.0f} ms, at most {max(taken):.0f} ms")
    page.close()


def _opened(page: Page, address: str) -> tuple[float, float]:
    """How many ms after the browser began to open it the list is drawn, and all is read."""
    page.goto(address)
    stands: float = page.wait_for_function("window.stands").json_value()
    loaded: float = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    return stands, loaded


def _take(browser: Browser, address: str, name: str, size: tuple[int, int], *, device: bool = False) -> None:
    page = browser.new_page(
        viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if name == "dark" else "light"
    )
    page.goto(address)
    if device:
        page.locator("#by-layer").select_option(label="L3 clock")
        page.locator("#rows .open").first.click()
        page.locator(".detail h3").first.evaluate("(each) => each.scrollIntoView()")
    path = PICTURES / f"report-{name}.png"
    page.screenshot(path=path)
    page.close()
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
