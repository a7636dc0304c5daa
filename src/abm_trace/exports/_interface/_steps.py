"""What to do next: one ranked list for every medium, a step for each thing that is to be done.

Devices that need the same are one step, whatever their verdicts; a source that lacks is a step too. One that may clear
many of the failed is the first; the others rank among the steps by the devices that they would settle.
"""

import re
import shlex
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from abm_trace.core.nouns import FAILED, VERDICTS, Verdict
from abm_trace.exports._interface import _places
from abm_trace.exports._interface._numbers import ACTION
from abm_trace.exports._interface._report import Missing, Report
from abm_trace.exports._interface._screen import clip, count, moment
from abm_trace.exports._interface._words import meaning, stopped_by

_NAME_WIDTH_MAX: Final = 24
_ON_ONE_MIN: Final = 0.9
"""From this share on a step is one of an MDM server. Origin: ours."""

_SETTLED_MIN: Final = 0.1
"""From this share of the failed on, what may clear them is the first step; from this share of a step's devices on, it
goes before that step. Origin: ours.
"""

_SELF_MIN: Final = 4
"""A shorter serial could be part of any word."""

_MEANS: Final = {"vanished": "nothing in the evidence says what stopped them"}

# The words of the catalogue of actions (verdict/actions.toml) for what cannot be taken back.
_FOR_GOOD: Final = re.compile(r"\b(?:erase|reimage|release it|taken out)\b", re.IGNORECASE)
# What the catalogue says where a sentence for many devices cannot name theirs.
_VAGUE: Final = re.compile(r"\bits (?:site|staging host|ABM endpoint)\b")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: about what, for which devices (the surest first), where, and what to be careful of.

    `page` is the word that `explain` knows, "" for a source, which is to be fetched; `clears` says that the source may
    show of devices which failed that they are well; `is_same` that a step before it is for the very same devices.
    """

    name: str
    means: str
    page: str
    devices: tuple[Verdict, ...]
    do: str
    caution: str
    place: str
    clears: bool = False
    is_same: bool = False

    @property
    def is_cause(self) -> bool:
        """Whether its name says why: a lack of proof, a side without a record, or the verdict's own name does not."""
        first = self.devices[0]
        return bool(first.layer) and first.cause != first.verdict

    @property
    def count(self) -> int:
        """How many devices."""
        return len(self.devices)

    @property
    def failed(self) -> int:
        """How many of them failed."""
        return sum(verdict.verdict in FAILED for verdict in self.devices)

    @property
    def lead(self) -> str:
        """What its command is, or when it is of use."""
        return "Look at one device first" if self.page else "When it is there"

    @property
    def words(self) -> str:
        """What to do, up to the command where no caution goes between."""
        return self.do if self.caution else f"{self.do} {self.lead}:"

    @property
    def tone(self) -> str:
        """Its colour: of a failure, or of what is not known yet."""
        return "failed" if self.failed and self.page else "unknown"

    @property
    def who(self) -> str:
        """How many devices, by verdict."""
        each = _counted(self.devices)
        if self.is_same:
            each = {name: f"the same {words}" if name == next(iter(each)) else words for name, words in each.items()}
        said = ", ".join(each.values())
        if self.page:
            return said
        if not self.clears:
            return f"would explain {said}"
        settled = f"would settle {each.pop('unknown')}" if "unknown" in each else ""
        return ", ".join(part for part in (f"may clear {', '.join(each.values())}" * bool(each), settled) if part)

    @property
    def title(self) -> str:
        """The step in a line."""
        return " · ".join(each for each in (self.name, self.who, self.place) if each)


def groups(report: Report) -> list[Step]:
    """The devices that somebody must do something about, by what stopped them, the most first: each in one group."""
    found: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in report.told:
        if verdict.verdict in ACTION:
            found[stopped_by(verdict)].append(verdict)
    return sorted((_group(*each, report) for each in found.items()), key=_rank)


def causes(report: Report) -> list[Step]:
    """The groups in which devices failed, those with the most failures first: they add up to the failed."""
    return sorted((each for each in groups(report) if each.failed), key=lambda each: (-each.failed, each.name))


def proved(report: Report) -> list[Step]:
    """The groups with a layer."""
    return [each for each in groups(report) if each.devices[0].layer]


def undecided(report: Report) -> Step | None:
    """The devices of which nothing but a missing source is known, where there is such a source to fetch."""
    found = (each for each in groups(report) if _is_undecided(each))
    return next(found, None) if report.wanted else None


def steps(report: Report) -> list[Step]:
    """Everything that is to be done: what may clear many of the failed, then what helps most devices, but nothing
    before what may show that its devices are well.
    """
    found = [each for each in groups(report) if not (report.wanted and _is_undecided(each))]
    fetches = sorted((_source(each, report) for each in report.wanted), key=_rank)
    failed = sum(each.failed for each in found)
    ranked = [each for each in fetches if each.clears and each.failed and each.failed >= _SETTLED_MIN * failed]
    for step in sorted([*found, *fetches], key=_rank):
        ranked += [fetch for fetch in fetches if fetch not in ranked and _comes_first(fetch, step)]
        if step not in ranked:
            ranked.append(step)
    return [replace(step, is_same=_is_same(step, ranked[:at])) for at, step in enumerate(ranked)]


def _is_same(step: Step, before: Sequence[Step]) -> bool:
    """Whether a step before it is for the very same devices, which two numbers alone do not tell."""
    serials = {each.serial for each in step.devices}
    return any(each.count == step.count and serials == {one.serial for one in each.devices} for each in before)


def explain(step: Step, report: Report) -> str:
    """The command that tells one device of a step."""
    return f"abm-trace explain {shlex.quote(step.devices[0].serial)} --case {shlex.quote(report.case)}"


def meant(step: Step) -> str:
    """The command that says what stopped the devices of a step."""
    return f"abm-trace explain {shlex.quote(step.page)}"


def runbook(step: Step) -> str:
    """The command that says step by step what to do."""
    return f"abm-trace remedy runbook {shlex.quote(step.page)}"


def again(report: Report) -> str:
    """The command that traces the case."""
    return f"abm-trace triage {shlex.quote(report.case)}"


def kept(report: Report) -> str:
    """The command that keeps the verdicts for the next hand-over."""
    return f"{again(report)} --format ndjson --out verdicts.ndjson"


def command(step: Step, report: Report) -> str:
    """The command that a step begins with: look at its surest device, or trace again with what was fetched."""
    return explain(step, report) if step.page else again(report)


def _is_undecided(step: Step) -> bool:
    return step.page == "unknown"


def _comes_first(fetch: Step, step: Step) -> bool:
    """Whether a source may show of many devices of a step that nothing must be done."""
    if not (step.page and fetch.clears):
        return False
    settled = {verdict.serial for verdict in fetch.devices}
    return sum(verdict.serial in settled for verdict in step.devices) >= _SETTLED_MIN * step.count


def _rank(step: Step) -> tuple[int, bool, str]:
    return -step.count, not step.page, step.name


def _group(name: str, each: Sequence[Verdict], report: Report) -> Step:
    devices = tuple(sorted(each, key=lambda v: (ACTION.index(v.verdict), -v.confidence, v.serial)))
    first = devices[0]
    layer, cause = first.layer or "", first.cause or ""
    do = _do(devices)
    means = meaning(layer, cause) if layer else _MEANS.get(first.verdict, "")
    page = cause or layer or first.verdict
    return Step(name, means, page, devices, do, _caution(devices, do, report), _place(devices, report))


def _counted(devices: Sequence[Verdict]) -> dict[str, str]:
    """Verdict → how many of the devices have it, in words."""
    found = Counter(verdict.verdict for verdict in devices)
    return {name: f"{found[name]:,} {name.replace('_', ' ')}" for name in VERDICTS if found[name]}


def _do(devices: Sequence[Verdict]) -> str:
    """What to do with each; where all have the same site, host or endpoint, with its name."""
    first = devices[0]
    advice = first.advice or first.next_action
    different: dict[str, list[Verdict]] = {}
    for each in devices:
        different.setdefault(each.advice, []).append(each)
    if first.layer and all(different) and len(different) > 1:  # What proved the layer of some asks for something else.
        return " ".join(f"The {', '.join(_counted(some).values())}: {advice}" for advice, some in different.items())
    if not _VAGUE.search(advice):
        return advice
    said = {
        each.next_action.replace(each.serial, "the device") if len(each.serial) >= _SELF_MIN else each.next_action
        for each in devices
    }
    only = said.pop() if len(said) == 1 else advice
    return f"{only[:1].upper()}{only[1:].removesuffix('.')}."


def _caution(devices: Sequence[Verdict], do: str, report: Report) -> str:
    """What to think of before: that missing evidence may clear its devices, and that it cannot be taken back."""
    open_ = sum(bool(each.missing) and each.verdict != "half_confirmed" for each in devices) if report.wanted else 0
    said = [f"before a device is touched, fetch what is missing: it may clear {open_:,} of them" if open_ else ""]
    if _FOR_GOOD.search(do):
        held = sum(each.verdict == "half_confirmed" and each.missing == ("apple",) for each in devices)
        said += [
            f"the MDM holds {held:,} of them already, and what is on them would be lost" if held else "",
            "this cannot be undone",
        ]
    text = "; ".join(each for each in said if each)
    return text[:1].upper() + text[1:]


def _place(devices: Sequence[Verdict], report: Report) -> str:
    """Where they are: the MDM server if most are on one, else the site with the most of them."""
    if name := _places.on_server(devices, report, _ON_ONE_MIN):
        on = sum(report.servers.get(each.serial) == name for each in devices)
        return f"{'all' if on == len(devices) else f'{on:,}'} on MDM server {clip(name, _NAME_WIDTH_MAX)}"
    found = Counter(verdict.site for verdict in devices if verdict.site)
    if not found:
        return ""
    name, number = min(found.items(), key=lambda item: (-item[1], item[0]))
    total = sum(verdict.site == name for verdict in report.told)
    if total == len(report.told):
        return ""
    at = f"{clip(name, _NAME_WIDTH_MAX)} ({number:,} of its {total:,})"
    if number == len(devices):
        return f"all at {at}" if number > 1 else f"at {at}"
    return f"most at {at}" if number * 2 > len(devices) else f"at {count(len(found), 'site')}"


def _source(missing: Missing, report: Report) -> Step:
    # A sentence names the folder within the case; a command has its whole path, to be copied.
    case = shlex.quote(report.case.rstrip("/"))
    devices = tuple(sorted(missing.verdicts, key=lambda v: (-ACTION.index(v.verdict), -v.confidence, v.serial)))
    do = missing.how.replace("into CASE/", "into the case’s ").replace("CASE/", f"{case}/")
    if server := _places.on_server(devices, report, 1):
        do = do.replace("its MDM server", f"MDM server {clip(server, _NAME_WIDTH_MAX)}")
    name = "both" if len(missing.sides) > 1 else missing.name
    past = "" if missing.until is None else f"; {name} must reach past {moment(missing.until, report.zone)}"
    do = f"{do[:1].upper()}{do[1:]}{past}; then trace again."
    return Step(f"fetch {missing.name}", "", "", devices, do, "", _place(devices, report), bool(missing.sides))
