"""What to do next: the steps that help the most devices, each with its commands."""

import shlex
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from abm_trace.core.nouns import FAILED, Verdict
from abm_trace.exports._interface import Report, Screen, clip, count, layer_name, moment, numbers, plain

_STEPS_MAX: Final = 3
_SITES_MAX: Final = 2
_NAME_WIDTH_MAX: Final = 24


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: about what (a layer, a source), for how many devices, and the commands, each with what it shows.

    `more` ends the sentence that `what` and the devices begin. `failed` says that the devices failed, and are not
    merely undecided; `name` is that of a source to fetch.
    """

    what: str
    devices: int
    more: str
    do: str
    commands: tuple[tuple[str, str], ...]
    failed: bool
    name: str = ""


def steps(report: Report) -> list[Step]:
    """The first three, those that help most devices first."""
    case = shlex.quote(report.case)
    found = [_source(each, report, case) for each in report.wanted]
    alike: dict[str, list[numbers.Group]] = defaultdict(list)
    for group in numbers.groups(report):
        if group.layer or group.verdict in FAILED or not report.wanted:
            alike[group.advice].append(group)
    found += [_action(each, case) for each in alike.values()]
    return sorted(found, key=lambda step: (-step.devices, bool(step.name)))[:_STEPS_MAX]


def _action(groups: Sequence[numbers.Group], case: str) -> Step:
    """Groups with the same advice: the same layer and cause, for the most part, with other verdicts."""
    largest = max(groups, key=lambda group: group.count)
    what = f"{largest.layer} {layer_name(largest.layer, largest.cause)}".strip()
    devices = [verdict for group in groups for verdict in group.devices]
    commands = [(f"abm-trace explain {shlex.quote(largest.first.serial)} --case {case}", "one of them")]
    if page := largest.cause or largest.layer:
        commands.append((f"abm-trace explain {page}", f"what {what} is"))
    failed = largest.verdict in FAILED
    return Step(what, len(devices), _at(devices), largest.advice, tuple(commands), failed=failed)


def _at(devices: Sequence[Verdict]) -> str:
    """Where most of them are."""
    found = Counter(verdict.site for verdict in devices if verdict.site)
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    if not ranked:
        return ""
    named = [f"{clip(name, _NAME_WIDTH_MAX)} ({number:,})" for name, number in ranked[:_SITES_MAX]]
    left = len(ranked) - len(named)
    more = f" and {left:,} more" if left else ""
    return f" at {', '.join(named)}{more}"


def _source(wanted: tuple[str, int, int | None, str], report: Report, case: str) -> Step:
    name, devices, until, how = wanted
    past = "" if until is None else f", it must reach past {moment(until, report.zone)}"
    do = fetching(how, report)
    return Step(
        name, devices, f" would be settled{past}", do[:1].upper() + do[1:],
        ((f"abm-trace triage {case}", "when it is there"),), failed=False, name=name,
    )  # fmt: skip


def fetching(how: str, report: Report) -> str:
    """How to get a source, with the folder of this case."""
    case = shlex.quote(report.case.rstrip("/"))
    return how.replace("CASE/", f"{case}/")


def lines(report: Report, screen: Screen, found: Sequence[Step]) -> Iterator[str]:
    """The steps, numbered. A command is never wrapped, so that it can be copied."""
    yield ""
    yield screen.paint("Do next", "bold")
    if not found:
        case = plain(shlex.quote(report.case))
        yield "  nothing: no device needs anyone. How each file was read:"
        yield f"     abm-trace triage {case} --files"
    for number, step in enumerate(found, 1):
        title = f"{step.what} · {count(step.devices, 'device')}{step.more}"
        yield from screen.labelled(f"  {number}", title, room=5, style="failed" if step.failed else "unknown")
        yield from screen.labelled("", step.do, room=5)
        room = max(len(plain(command)) for command, _ in step.commands)
        for command, shows in step.commands:
            text = f"     {plain(command):<{room}}"
            note = f"   # {shows}"
            yield text.rstrip() if len(text) + len(note) > screen.width else text + screen.paint(note, "faint")
