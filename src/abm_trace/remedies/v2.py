"""What in a configuration or script depends on the ABM API's v1 (SPEC V1), and its rewriting where it is understood.

What the guide tells of v2: a device is asked for at `/v2/devices/{id}/lifecycle`, and answers `registrationStatus` with
`state`, `reason` and `timestamp` instead of `status` and `status_since`. Of everything else no v2 is known: it is told,
and left. Apple's own API (api-business.apple.com/v1) has no other version and is none of this.
"""

import difflib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Final, NamedTuple

_LINE_MAX: Final = 16 * 1024
_CALLS_MAX: Final = 20
"""How long a line may be, and how much is told of one: nobody looks at more. Origin: ours."""

_HOST: Final = r"https?://(?:[^/\s\"'`<>{}]|\{\{[^{}]*\}\}|\{[^{}]*\})*\.abm\.apple\.com(?::\d+)?"
_VARIABLE: Final = r"\$\{[^{}\n]*\}|\$\w+|\{\{[^{}]*\}\}|\{\w[\w.\[\]'\"]*\}|%\(\w+\)s|%s"
_SEGMENT: Final = rf"(?:{_VARIABLE}|\$\([^()]*\)|<\w+>|:\w+|[\w.%-])+"
_CALL: Final = re.compile(
    rf"(?P<base>{_HOST}|{_VARIABLE}|(?<=[\"'`\s=(]))/v1(?:/(?P<path>(?:{_SEGMENT}|/)*)(?P<query>\?[^\s\"'`]*)?)?(?![\w-])"
)
_ENDED: Final = re.compile(r"[\"'`](?!\s*\+|\s\.\s|[\w$\"'`{])|[\s),;|<>\\\]]|$")
"""What stands behind an address that is whole: a quote that nothing goes on after, or a sign that is none of it."""
_DEVICE: Final = re.compile(rf"devices/(?!predeclare\b){_SEGMENT}")
_ENDPOINT: Final = re.compile(r"(?:devices|tokens|health|audit)(?:/|$)")
_ASSIGNED: Final = re.compile(rf"(?<!\w)(\w{{1,64}})\s{{0,8}}[:=]\s{{0,8}}[\"']?{_HOST}")
_NAME: Final = re.compile(r"\w+")
_PIPED: Final = re.compile(r"(?P<between>[^;&|]*\|\s*jq\b)(?P<filter>[^;&]*)")
_FIELD: Final = re.compile(r"(?<![\w\])}])\.(\w+)")
_SHORT: Final = re.compile(r"[{,]\s*(?:status|status_since)\s*[,}]")
"""A field of jq by its name alone: `{status}`, which would be null."""
_SETS: Final = re.compile(r"(?:[:=]|^\s*-)\s*[\"']?$")
"""What stands before the value of a setting, or of a list's line; a command in such a file begins otherwise."""
_READS: Final = re.compile(r"\bstatus_since\b|\.status\b|\[[\"']status[\"']\]")
"""What reads an answer of v1 somewhere in a configuration file, as a play of Ansible does."""
_PYTHON: Final = re.compile(
    r"(\.json\(\))(?:\[([\"'])(status_since|status)\2\]|\.get\(([\"'])(status_since|status)\4\))"
)
_WRITES: Final = re.compile(
    r"\b(?:POST|PUT|DELETE|PATCH)\b|\.(?:post|put|delete|patch)\(|\s(?:-d|-F|-T|--data[\w-]*|--json)[\s=]"
    r"|\b(?:data|json)="
)
_CERTIFICATE: Final = re.compile(r"\babm-client-cert\b(?!-v\d)")
_VERSION: Final = re.compile(r"(?i)\babm\w*version[\"']?\s*[:=]\s*[\"']?v?(?:1|3\.2\.1)\b(?!\.\d)")

_V2: Final = {
    "status": "registrationStatus.state", "status_since": "registrationStatus.timestamp", "device_id": "device_id",
    "serial_number": "serial_number",
}  # fmt: skip
"""The fields of a device in v1 that the lifecycle has too, by their place there."""

CONFIGURATION: Final = frozenset(
    {".cfg", ".conf", ".env", ".ini", ".json", ".properties", ".tf", ".tfvars", ".toml", ".yaml", ".yml"}
)
"""What is read by another program: an address there may be rewritten, and the program must know the new answer."""

_ANSWER: Final = (
    "whatever reads the answer must take registrationStatus.state, .reason and .timestamp for status and status_since"
)
_STAYS: Final = {
    "devices": "the list of devices is known of v1 alone; for one device ask /v2/devices/{id}/lifecycle",
    "predeclare": "no v2 of predeclaring is known: it stays on v1",
    "enrol": "no v2 of enrolling is known: it stays on v1, and is the device's own to do",
    "tokens": "no v2 of tokens is known: it stays on v1",
    "health": "no v2 of the health answer is known: it stays on v1",
    "audit": "no v2 of the audit is known; a rejection by v2 is device_enrollment_rejected with a reason",
    "": "everything below this address is v1: look at each call that is made with it",
}


class Note(NamedTuple):
    """A line that depends on v1: `rewritten`, or `look` where a person has to decide, and why."""

    line: int
    kind: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A text, as it was and as it would be, and what was seen in it."""

    before: str
    after: str
    notes: tuple[Note, ...]

    @property
    def to_look_at(self) -> tuple[Note, ...]:
        """What a rewriting leaves for a person."""
        return tuple(each for each in self.notes if each.kind == "look")


def look(path: str, text: str) -> Looked:
    """What in the text depends on v1, and the text with what is understood rewritten. It may be any text."""
    is_read_elsewhere = PurePath(path).suffix.casefold() in CONFIGURATION or PurePath(path).name.startswith(".env")
    file = _File(
        frozenset(found[1].casefold() for found in _ASSIGNED.finditer(text)),
        "abm.apple.com" in text,
        is_read_elsewhere and not _READS.search(text),
    )
    lines, notes, number = [], [], 1
    for line in _logical(text):
        after, told = line, list[Note]()
        if not line.lstrip().startswith(("#", "//")) or line.startswith("#!"):
            after, told = _line(line, file)
        lines.append(after)
        notes += [each._replace(line=number + each.line) for each in told]
        number += line.count("\n")
    return Looked(text, "".join(lines), tuple(notes))


def diff(path: str, looked: Looked) -> str:
    """The rewriting as a unified diff, which `patch -p1` takes; "" where nothing is rewritten."""
    names = (_named(f"a/{path}"), _named(f"b/{path}"))
    lines = difflib.unified_diff(_physical(looked.before), _physical(looked.after), *names)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _named(path: str) -> str:
    """A name as git and patch read it in a header: in quotes, as C has them, where it could end its line or itself."""
    if not re.search(r'[\x00-\x1f\x7f"\\\udc80-\udcff]', path):
        return f"{path}\t" if " " in path else path  # The tab ends a name with blanks.
    octal = (chr(each) if 32 <= each < 127 and each not in b'"\\' else f"\\{each:03o}" for each in os.fsencode(path))
    return f'"{"".join(octal)}"'


class _File(NamedTuple):
    """What is known of the whole file: the variables that hold an ABM address, whether it speaks of ABM, its kind.

    `only_configures` says that it is read by another program, and reads no answer itself.
    """

    addresses: frozenset[str]
    speaks_abm: bool
    only_configures: bool


def _physical(text: str) -> list[str]:
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _logical(text: str) -> Iterator[str]:
    """The lines with their ends; what a backslash goes on is one."""
    held = ""
    for line in _physical(text):
        held += line
        if not line.rstrip("\r\n").endswith("\\"):
            yield held
            held = ""
    if held:
        yield held


def _line(line: str, file: _File) -> tuple[str, list[Note]]:
    """The line as it would be, and what is to be told of it; a note's line is counted from the line's first."""
    if len(line) > _LINE_MAX:
        shown = line[:200].partition("\n")[0].strip()
        return line, [Note(0, "look", shown, f"has {len(line):,} characters in a line: it was not looked at")]
    calls = list(islice((found for found in _CALL.finditer(line) if _is_abm(found, file)), _CALLS_MAX))
    notes = [_note(line, found, "look", why) for pattern, why in _OTHERS if (found := pattern.search(line))]
    if len(calls) == 1 and (after := _rewritten(line, calls[0], file)):
        why = f"/v2/{calls[0]['path']}/lifecycle; {_ANSWER}"
        return after, [_note(line, calls[0], "rewritten", why), *notes]
    return line, [*(_note(line, found, "look", _why(line, found)) for found in calls), *notes]


def _is_abm(found: re.Match[str], file: _File) -> bool:
    """Whether a call is ABM's: by its host, else by its path in a file that speaks of ABM."""
    return _is_surely(found, file) or (file.speaks_abm and _ENDPOINT.match(found["path"] or "") is not None)


def _is_surely(found: re.Match[str], file: _File) -> bool:
    if "://" in found["base"]:
        return True
    names = [each.casefold() for each in _NAME.findall(found["base"])]
    return any(each in file.addresses or "abm" in each for each in names)


def _rewritten(line: str, call: re.Match[str], file: _File) -> str:
    """The line with v2, "" where it is not understood: the call and what reads its answer go together or not at all."""
    path = call["path"] or ""
    if not _DEVICE.fullmatch(path) or call["query"] or _WRITES.search(line) or not _is_surely(call, file):
        return ""
    tail = line[call.end() :]
    if not _ENDED.match(tail):
        return ""
    read = _read(tail)
    if read == tail and not (file.only_configures and _SETS.search(line[: call.start()])):
        return ""
    return f"{line[: call.start()]}{call['base']}/v2/{path}/lifecycle{read}"


def _read(tail: str) -> str:
    """What reads the answer behind a call, for v2; the same where it reads nothing, or more than is understood."""
    piped = _PIPED.match(tail)
    if piped and len(re.findall(r"\bjq\b", tail)) == 1:
        fields = _FIELD.findall(piped["filter"])
        if not set(fields) <= _V2.keys() or _SHORT.search(piped["filter"]):
            return tail
        filtered = _FIELD.sub(lambda found: f".{_V2[found[1]]}", piped["filter"])
        return piped["between"] + filtered + tail[piped.end() :]
    if tail.count(".json()") == 1:
        return _PYTHON.sub(lambda found: found[1] + _indexed(found[3] or found[5]), tail)
    return tail


def _indexed(field: str) -> str:
    return "".join(f'["{part}"]' for part in _V2[field].split("."))


def _why(line: str, call: re.Match[str]) -> str:
    path = call["path"] or ""
    if _DEVICE.fullmatch(path):
        if _WRITES.search(line):
            return _STAYS["enrol"]
        return f"ask /v2/{path}/lifecycle; {_ANSWER}"
    parts = path.split("/")
    name = "predeclare" if parts[:2] == ["devices", "predeclare"] else parts[0]
    if name == "devices" and _WRITES.search(line):
        name = "enrol"
    return _STAYS.get(name, "no v2 of this address is known: it stays on v1")


_OTHERS: Final = (
    (_CERTIFICATE, "v2 has a certificate of its own (abm-client-cert-v2): have it issued; a new name alone is none"),
    (_VERSION, "it names v1 as the version of the whole API, of which v2 is known in part: look at each call"),
)


def _note(line: str, found: re.Match[str], kind: str, why: str) -> Note:
    begin = line.rfind("\n", 0, found.start()) + 1
    end = line.find("\n", begin)
    return Note(line.count("\n", 0, found.start()), kind, line[begin : end if end >= 0 else None].strip()[:200], why)
