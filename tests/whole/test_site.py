"""The site of the documents, built as `make docs` builds it: whole, its links good, and nothing fetched."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from abm_trace.cli.explain._pages import names

ROOT = Path(__file__).parents[2]
LOADED = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}


class Links(HTMLParser):
    """What a page names: `loaded` by the browser itself, `led` to by a click, the `anchors` that it has."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.led: list[str] = []
        self.anchors: set[str] = set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of the links of one tag."""
        named = {key: value for key, value in attrs if value}
        if (key := LOADED.get(tag)) and key in named:
            self.loaded.append(named[key])
        if tag == "a" and "href" in named:
            self.led.append(named["href"])
        if "id" in named:
            self.anchors.add(named["id"])


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the built site."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", folder)
    shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("reference"))
    script = ROOT / "scripts/make_reference.py"
    subprocess.run([sys.executable, script, folder / "docs/reference"], check=True)
    builder = [sys.executable, "-m", "zensical", "build", "--clean", "--strict"]
    done = subprocess.run(builder, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / ".site"


def test_every_name_has_its_page(site: Path) -> None:
    """If this failed, a name of the output would have no page on the site."""
    for kind, each in names().items():
        for name in each:
            page = site / f"reference/{kind}/{name}.html"
            assert page.is_file()
            assert f"<code>abm-trace explain {name}</code>" in page.read_text(encoding="utf-8")


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """If this failed, the site would not open in a closed network, or would tell others who reads it."""
    for page in site.rglob("*.html"):
        for link in Links(page).loaded:
            assert not urlsplit(link).netloc, f"{page.name} loads {link}"
    for style in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style.name


def test_every_link_leads_somewhere(site: Path) -> None:
    """If this failed, a reader would click into nothing: the builder checks the texts, but not the menus."""
    pages = {page: Links(page) for page in site.rglob("*.html") if page.name != "404.html"}
    assert list(_dead(pages)) == []


def _dead(pages: dict[Path, Links]) -> Iterator[str]:
    for page, links in pages.items():
        for link in (*links.loaded, *links.led):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not target.is_file():
                yield f"{page.name}: {link}"
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors | {""}:
                yield f"{page.name}: {link} has no such anchor"


def test_data_is_shown_to_the_letter(site: Path) -> None:
    """If this failed, Markdown would swallow what a rule or a sentence says: asterisks, underscores."""
    page = (site / "reference/layer/L1.html").read_text(encoding="utf-8")
    assert "<code>*.abm.apple.com</code>" in page
    push = (site / "reference/signature/push-unavailable.html").read_text(encoding="utf-8")
    assert "*.push.apple.com (443, 5223, 2197)" in push
