"""What to do step by step, for each verdict, layer and cause that occurs: one folded runbook each (SPEC M3)."""

import re
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import VERDICTS, Verdict
from abm_trace.exports._interface import MARKS, Report, count, numbers, steps, stopped_by
from abm_trace.exports.html._markup import Markup, join, tag
from abm_trace.exports.html._words import pick, section, sentence

_YOURS: Final = re.compile(r"\b(?:SERIAL|CASE)\b")
_REBUILD: Final = "Rebuild"
"""The part that the case itself fills in: what to do with these devices, and what to be careful of."""


@dataclass(frozen=True, slots=True)
class Book:
    """A runbook of this case: what it is of, by the name that the list gives it; its devices, the surest first."""

    anchor: str
    name: str
    page: str
    devices: tuple[Verdict, ...]
    step: steps.Step | None


def books(report: Report) -> dict[str, Book]:
    """Name → runbook, of everything that occurs here and has one: what needs somebody first, then what does not."""
    groups = [(each.name, each.page, each.devices, each) for each in steps.groups(report)]
    calm = [name for name in VERDICTS if name not in numbers.ACTION]
    rest = [(name, name, tuple(each for each in report.told if each.verdict == name), None) for name in calm]
    return {
        name: Book(f"runbook-{number}", name, page, devices, step)
        for number, (name, page, devices, step) in enumerate([*groups, *rest], 1)
        if devices and page in report.runbooks
    }


def link(name: str, found: Mapping[str, Book]) -> Markup:
    """A link to the runbook of that name; nothing where there is none."""
    return tag("a", "step by step", href=f"#{found[name].anchor}", class_="runbook") if name in found else join()


def runbooks(report: Report, found: Mapping[str, Book], rows: Sequence[Verdict]) -> Markup:
    """The section; nothing where the report was given no runbooks."""
    if not found:
        return join()
    listed = Counter(stopped_by(each) for each in rows if each.verdict in numbers.ACTION)
    note = sentence("Abort, diagnose, rebuild, try one. A command names the surest device; other capitals are yours.")
    return section("runbooks", "Runbooks", note, *(_book(each, report, listed[each.name]) for each in found.values()))


def _book(book: Book, report: Report, listed: int) -> Markup:
    """One runbook, numbered through, for devices of which so many are listed.

    Its anchor stands inside the fold, so that a link to it opens it.
    """
    if book.step is None:
        title = join(f"{MARKS[book.name]} {book.name.replace('_', ' ')} · {count(len(book.devices), 'device')}")
    else:
        title = join(f"{book.name} · ", tag("span", book.step.who, class_=f"v-{_tone(book)}"))
    parts, number = [], 1
    for heading, said in report.runbooks[book.page]:
        told = list(_told(heading, said, book, report))
        parts += [tag("h3", heading), tag("ol", *(tag("li", each) for each in told), start=number)]
        number += len(told)
    if book.step is not None:
        some = f"{listed:,} listed of the " if listed < len(book.devices) else ""
        parts.insert(0, sentence(pick(f"show the {some}{count(len(book.devices), 'device')}", layer=book.name)))
    body = tag("div", *parts, id=book.anchor, tabindex=-1)
    return tag("details", tag("summary", title), body, class_="book", data_name=book.name)


def _tone(book: Book) -> str:
    return "vanished" if book.step is not None and book.step.failed else "unknown"


def _told(heading: str, said: tuple[str, ...], book: Book, report: Report) -> Iterator[Markup]:
    """The steps of a part, for the devices of this case."""
    if heading == _REBUILD and book.step is not None:
        words = f"!\u00a0{book.step.caution}. {book.step.lead}."
        caution = tag("span", words, class_="caution") if book.step.caution else ""
        yield join(book.step.do, " ", caution)
        return
    for each in said:
        texts = each.split("`")
        yield join(*(tag("code", _filled(text, book, report)) if at % 2 else text for at, text in enumerate(texts)))


def _filled(command: str, book: Book, report: Report) -> str:
    """A command with this case's path and serial, each as one word of a shell."""
    own = {"SERIAL": book.devices[0].serial, "CASE": report.case}
    return _YOURS.sub(lambda mark: shlex.quote(own[mark[0]]), command)
