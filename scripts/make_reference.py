"""Writes docs/reference/, or the folder that is named: the pages of `abm-trace explain NAME`, for the site.

The folder is made anew by `make docs` and not kept: a signature is added by one file, and not by two.
"""

import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from abm_trace import signatures
from abm_trace.cli.explain import _pages
from abm_trace.cli.explain._page_text import TITLES
from abm_trace.cli.explain._pages import Page, Section, Topic

Row = tuple[Topic, str]

FOLDER = Path(__file__).parent.parent / "docs/reference"
# `code` stays as it is, all else loses what Markdown or HTML would obey.
_CODE = re.compile(r"(`[^`]*`)")
_OBEYED = re.compile(r"([\\*_{}\[\]<>&#|~])")


def pages() -> dict[str, str]:
    """Path below the folder → Markdown, for each topic and for the list of them."""
    rules = {each.id: each for each in signatures.load()[0]}
    topics = [Topic(kind, name) for kind, names in _pages.names().items() for name in names]
    made = {f"{topic.kind}/{topic.name}.md": _joined(_page(_pages.page(topic, rules.values()))) for topic in topics}
    return {**made, "index.md": _joined(_index([(topic, _pages.summary(topic, rules)) for topic in topics]))}


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _index(rows: Sequence[Row]) -> Iterator[str]:
    yield "# Reference\n"
    yield "A page for every name that the output shows. `abm-trace explain NAME` prints the same page in the terminal."
    for kind, title in TITLES.items():
        yield f"\n## {_text(title)}\n"
        yield from _table([row for row in rows if row[0].kind == kind], "")


def _page(page: Page) -> Iterator[str]:
    yield f"# {_text(page.title)}\n"
    yield f"{_text(page.lead)}\n"
    yield f"`abm-trace explain {page.topic.name}` prints this page."
    for section in page.sections:
        yield f"\n## {_text(section.title)}\n"
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    bullet = "- " if len(section.texts) > 1 else ""
    yield from (f"{bullet}{_text(text)}" for text in section.texts)
    if section.topics:
        yield ""
        yield from _table(section.topics, "../")
    if section.quotes:
        yield from ("", "```text", *section.quotes, "```")


def _table(rows: Sequence[Row], up: str) -> Iterator[str]:
    yield from ("| name | in a sentence |", "|---|---|")
    yield from (f"| [{_text(topic.name)}]({up}{topic.kind}/{topic.name}.md) | {_text(note)} |" for topic, note in rows)


def _text(text: str) -> str:
    """A sentence of the data as Markdown that shows it to the letter; a document that it names becomes a link."""
    parts = _CODE.split(text)
    text = "".join(part if number % 2 else _OBEYED.sub(r"\\\1", part) for number, part in enumerate(parts))
    return re.sub(r"\bdocs/(\w+)\.md", r"[\1](../../\1.md)", text)


def main(folder: Path) -> None:
    """Make the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(*sys.argv[1:]) if sys.argv[1:] else FOLDER)
