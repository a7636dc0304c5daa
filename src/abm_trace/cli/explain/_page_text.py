"""The pages of the reference on a screen, and the list of them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from abm_trace.cli.explain._pages import Page, Section, Topic, summary
from abm_trace.exports._interface import Screen

if TYPE_CHECKING:
    from abm_trace.signatures import Signature

TITLES: Final = {
    "layer": "Layers: what stopped a device", "cause": "Causes of L0", "verdict": "Verdicts, the worst first",
    "rung": "Rungs of the ladder, the lowest first", "signature": "Signatures: what log messages mean",
}  # fmt: skip


def lines(page: Page, screen: Screen) -> Iterator[str]:
    """A page as lines of the screen's width."""
    style = page.topic.name if page.topic.kind == "verdict" else "bold"
    yield from screen.sentence(page.title, style=style)
    yield ""
    yield from screen.sentence(page.lead)
    for section in page.sections:
        yield from _section(section, screen)


def _section(section: Section, screen: Screen) -> Iterator[str]:
    yield ""
    yield screen.paint(section.title, "bold")
    for text in section.texts:
        yield from screen.sentence(f"· {text}" if len(section.texts) > 1 else text, indent="  ")
    yield from screen.columns([(topic.name, note) for topic, note in section.topics])
    for quote in section.quotes:
        yield from (screen.paint(line, "faint") for line in screen.sentence(f"> {quote}", indent="    "))


def listing(known: Mapping[str, Iterable[str]], rules: "Mapping[str, Signature]", screen: Screen) -> Iterator[str]:
    """Every topic, a line each, by kind."""
    for kind, each in known.items():
        yield screen.paint(TITLES[kind], "bold")
        topics = [Topic(kind, name) for name in each if kind != "signature" or name in rules]
        yield from screen.columns([(topic.name, summary(topic, rules)) for topic in topics])
        yield ""
