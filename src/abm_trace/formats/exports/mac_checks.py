"""What a Mac answers when it is asked: `profiles status|show|list`, `mdmclient Query…`, `fdesetup|csrutil status`.

The answers have no time of their own. They belong to the device that their file or folder is named after; one of
`mdmclient QueryDeviceInformation` names its Mac.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Notes, hint, lines

FORMAT = Format(
    id="mac-checks", title="profiles, mdmclient, fdesetup and csrutil output", reference="docs/facts.md#mac-checks"
)

_STATUS: Final = re.compile(r"(Enrolled via DEP|MDM enrollment|MDM server): *(\S.{0,500})")
_CONFIGURATION: Final = ("Device Enrollment configuration:", "Activation record:")
"""What `profiles show` says before it, and `mdmclient dep nag` up to macOS 10.13."""
# May 17 08:40:21[660:1]:+CPFetchActivationRecord fetched configuration:
_FETCHED: Final = re.compile(r".{0,60}\+CPFetchActivationRecord fetched configuration:")
"""The same in /Library/Logs/ManagedClient/ManagedClient.log."""

_KEPT: Final = "The above information was obtained from local cached information"
_FAILED: Final = ("Error fetching Device Enrollment configuration", "[ERROR] Unable to get activation record")
# (34000) Error Domain=MCCloudConfigurationErrorDomain Code=34000 "…": older systems say no more.
_ERROR: Final = re.compile(r"(?:\([0-9]{1,6}\) )?Error Domain=MC[A-Za-z]{1,60}Domain Code=.*")
# _computerlevel[1] attribute: profileIdentifier: …; a user's profiles have the user's name before the number.
_LISTED: Final = re.compile(r"[^\s\[\]]{1,64}\[([0-9]{1,4})\] (?:attribute|payload)\b.*")
_COUNT: Final = re.compile(r"There are (no|[0-9]{1,6}) (?:configuration|user configuration) profiles installed\b.*")
_VERBOSE: Final = "profiles: verbose mode ON"
_NO_ROOT: Final = "Must be running as root"
_SETTING: Final = re.compile(r"(?:ConfigurationURL|AwaitDeviceConfigured|Organization[A-Z]\w+|Is[A-Z]\w+) = .{0,500};")
_CUT: Final = "a configuration is not used, its beginning is cut off: save all that profiles(1) said"
_OLDER: Final = (
    "the configuration above it is one that the Mac had kept, for it had asked Apple too often: ask again later"
)
_NO_ANSWER: Final = "profiles(1) was called, and its answer is not in this file: save what it said, as SERIAL.txt"
_TELLS_NOTHING: Final = "an answer of mdmclient says nothing of how the Mac enrolled, that of QuerySecurityInfo does"
_PROFILES: Final = "configuration profiles"
_FILEVAULT: Final = re.compile(r"FileVault is (On|Off)\b.*")
_SIP: Final = re.compile(r"System Integrity Protection status: *(enabled|disabled|unknown)\b.*")
# Daemon response: {, Agent response: (null): an old-style property list follows, of what the Mac would tell its MDM.
_TOLD: Final = re.compile(r"(?:Daemon|Agent) response: *(?:\{.*|\(null\))|Management status: *\{.*")
_BEFORE_TOLD: Final = re.compile(r"=== CPF_GetInstalledProfiles === .*|Number of <\w{1,20}> profiles found: .*")
_KEY: Final = re.compile(r'"?(\w{1,60})"? = "?([^";{}()]{1,100})"?;')
_QUOTED: Final = re.compile(r'"[^"]*"')
_WHO: Final = {"SerialNumber": "serial", "UDID": "udid"}
_KEYS: Final = {
    "FDE_Enabled": "FileVault",
    "FirewallEnabled": "firewall",
    "IsSupervised": "supervision",
    "SystemIntegrityProtectionEnabled": "System Integrity Protection",
}
_PROMPT: Final = re.compile(r"Password:|[$#%] |\S+@\S+.{0,80}[$#%] |sudo |profiles s|fdesetup s|csrutil s")
_PROTECTION: Final = {
    "On": "FileVault on",
    "Off": "FileVault off",
    "enabled": "System Integrity Protection on",
    "disabled": "System Integrity Protection off",
}
_SAID_CHARS_MAX: Final = 2000
_SETTINGS_MAX: Final = 500
"""The most lines of a configuration. Origin: ours; real ones have some forty."""
_WRAPPED_MAX: Final = 40
"""The most lines of an error that a terminal wrapped. Origin: ours; real ones have some six."""


def score(head: Head) -> float:
    """Sure where one of the first lines is such an answer; an error by itself is one only where nothing precedes it."""
    first = head.data[:8192].decode("utf-8", "replace").split("\n")[:60]
    said = [text for line in first if (text := line.strip()) and not _PROMPT.match(text)]
    found = any(_answers(text) or (_LISTED.fullmatch(text) and "attribute: " in text) for text in said) or (
        said and _ERROR.fullmatch(said[0]) and not head.data[:1].isspace()
    )
    if found:
        return 0.9 + hint(head, "profiles", "fdesetup", "csrutil")
    return 0.6 if _says_nothing([text for line in first if (text := line.strip())]) else 0.0


def _answers(text: str) -> bool:
    """Whether a line begins an answer of these tools."""
    return _ran(text) or any(pattern.fullmatch(text) for pattern in (_FILEVAULT, _SIP, _TOLD, _BEFORE_TOLD))


def _ran(text: str) -> bool:
    """Whether a line begins an answer of profiles(1), so that the Mac was booted; csrutil runs in Recovery too."""
    return text.startswith((*_CONFIGURATION, *_FAILED)) or any(
        pattern.fullmatch(text) for pattern in (_STATUS, _COUNT, _FETCHED)
    )


def _says_nothing(rows: list[str]) -> bool:
    """Whether profiles(1) was called here and nothing of its answer counts: it lacks, or its beginning is cut off."""
    said = [text for text in rows if not _PROMPT.match(text)]
    called = any("profiles s" in text or "profiles l" in text for text in rows)
    return (called and (not said or _NO_ROOT in said)) or any(_SETTING.fullmatch(text) for text in said)


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact an answer: what the Mac says of its enrolment, and how it is protected."""
    notes = Notes(content.path)
    rows = _Rows(lines(content, FORMAT.id))
    listed: tuple[set[str], Origin] | None = None
    running = cut = False
    silent = True
    for text, origin in rows:
        silent = silent and _PROMPT.match(text) is not None
        if not running and _ran(text):
            running = True
            yield Fact("booted", None, "log", "profiles(1) ran on it", {}, origin)
        if match := _STATUS.fullmatch(text):
            yield from _status(match[1], match[2], origin)
        elif match := _FILEVAULT.fullmatch(text) or _SIP.fullmatch(text):
            said = _PROTECTION.get(match[1], f"{text[:40]}")
            yield Fact("posture", None, "log", said, {"item": said.rpartition(" ")[0]}, origin)
        elif text.startswith(_CONFIGURATION) or _FETCHED.fullmatch(text):
            first = "" if text.endswith(":") else text.partition(":")[2].strip()
            yield from _configuration(first, rows, origin, notes)
        elif _TOLD.fullmatch(text):
            yield from _told(text, rows, origin, notes)
        elif text.startswith(_FAILED) or _ERROR.fullmatch(text):
            said = _unwrapped(text, rows)[:_SAID_CHARS_MAX]
            yield Fact("said", None, "log", said, {"process": "profiles"}, origin)
        elif match := _COUNT.fullmatch(text):
            listed = None
            yield _installed(match[1], origin)
        elif match := _LISTED.fullmatch(text):
            listed = (listed[0] if listed else set()) | {text.partition("]")[0]}, listed[1] if listed else origin
        elif text == _NO_ROOT:
            notes.add("profiles says nothing without root: run it again with sudo", "", origin.line, origin.offset)
        elif text.startswith(_KEPT):
            notes.add(_OLDER, "", origin.line, origin.offset)
        elif _SETTING.fullmatch(text):
            if not cut:
                notes.add(_CUT, "", origin.line, origin.offset)
            cut = True
        elif text != _VERBOSE and not (_PROMPT.match(text) or _BEFORE_TOLD.fullmatch(text)):
            notes.add("a line is not used, it is no answer of these tools", text[:80], origin.line, origin.offset)
    if silent:
        notes.add(_NO_ANSWER, "", content.line, content.offset)
    if listed:  # The line that counts them is cut off, or on another page.
        yield _installed(str(len(listed[0])), listed[1])
    yield from notes


class _Rows:
    """The lines, of which one may be put back."""

    def __init__(self, rows: Iterator[tuple[str, Origin]]) -> None:
        self._rows = rows
        self._back: list[tuple[str, Origin]] = []

    def __iter__(self) -> "_Rows":
        return self

    def __next__(self) -> tuple[str, Origin]:
        return self._back.pop() if self._back else next(self._rows)

    def put_back(self, row: tuple[str, Origin]) -> None:
        """Have this row come next."""
        self._back.append(row)


def _unwrapped(text: str, rows: _Rows) -> str:
    """An error with the lines below it that a terminal wrapped it into, up to its last brace or quote."""
    parts = [text]
    while "Error Domain=" in text and not _is_whole(parts) and len(parts) < _WRAPPED_MAX:
        row = next(rows, None)
        if row is None:
            break
        if _answers(row[0]) or _ERROR.fullmatch(row[0]) or _PROMPT.match(row[0]):
            rows.put_back(row)
            break
        parts.append(row[0])
    return " ".join(parts)


def _is_whole(parts: list[str]) -> bool:
    """Whether an error needs no more lines: `UserInfo={…}` ends it, of one without it its text in quotes."""
    said = " ".join(parts)
    if "UserInfo=" in said:
        return said.endswith("}")
    return said.count('"') >= 2 and said.endswith(('"', "}"))


def _installed(count: str, origin: Origin) -> Fact:
    """How many profiles `profiles list` shows: a Mac without any is managed by nobody."""
    said = f"{_PROFILES} {'none' if count in {'no', '0'} else count}"
    return Fact("posture", None, "log", said, {"item": _PROFILES}, origin)


def _status(name: str, value: str, origin: Origin) -> Iterator[Fact]:
    """`profiles status`: the device's own word proves a rung, and no confirmation (SPEC section 2)."""
    yes = value.casefold().startswith("yes")
    if name == "Enrolled via DEP" and yes:
        yield Fact("enrolled", None, "log", "enrolled via DEP, by its own word", {}, origin)
    elif name == "MDM enrollment":
        said = f"MDM enrollment {'yes' if yes else 'no'}"
        yield Fact("posture", None, "log", said, {"item": "MDM enrollment"}, origin)


def _told(text: str, rows: _Rows, origin: Origin, notes: Notes) -> Iterator[Fact]:
    """`mdmclient Query…`: what the Mac would tell its MDM; the user's agent says nothing of the Mac."""
    found: dict[str, Fact] = {}
    who: dict[str, str] = {}
    of_the_mac = not text.startswith("Agent")
    depth, place = 0, origin
    while True:
        if of_the_mac and (match := _KEY.fullmatch(text)):
            name, value = match[1], match[2].strip()
            if name in _WHO:
                who[_WHO[name]] = value
            elif fact := _of_key(name, value, place):
                found.setdefault(fact.value, fact)
        bare = _QUOTED.sub("", text)
        depth += sum(map(bare.count, "{(")) - sum(map(bare.count, "})"))
        if depth <= 0:
            break
        row = next(rows, None)
        if row is None:
            notes.add("an answer of mdmclient is cut", "", place.line, place.offset)
            break
        text, place = row
    if of_the_mac:
        yield Fact("booted", None, "log", "mdmclient ran on it", who, origin)
        if not found:
            notes.add(_TELLS_NOTHING, "", origin.line, origin.offset)
    yield from (replace(fact, attrs=fact.attrs | who) for fact in found.values())


def _of_key(name: str, value: str, origin: Origin) -> Fact | None:
    """What a key of such an answer says of the enrolment, or of how the Mac is protected."""
    if name == "EnrolledViaDEP" and value == "1":
        return Fact("enrolled", None, "log", "enrolled via DEP, by its own word", {}, origin)
    if name == "PayloadType" and value == "com.apple.mdm":
        return Fact("posture", None, "log", "MDM enrollment yes", {"item": "MDM enrollment"}, origin)
    if name in _KEYS and value in {"0", "1"}:
        said = f"{_KEYS[name]} {'on' if value == '1' else 'off'}"
        return Fact("posture", None, "log", said, {"item": _KEYS[name]}, origin)
    return None


def _configuration(first: str, rows: _Rows, origin: Origin, notes: Notes) -> Iterator[Fact | Skipped]:
    """`profiles show`: the configuration that Apple has for the Mac, or that it has none."""
    parts = [first] if first else []
    while not parts or (parts[0].startswith("{") and parts[-1][-1:] != "}" and len(parts) < _SETTINGS_MAX):
        row = next(rows, None)
        if row is None:
            break
        parts.append(row[0])
    body = "".join(parts)
    if body in {"(null)", "{}"}:
        yield Fact("profiles_null", None, "log", body, {}, origin, "L0", "no_profile")
    elif body.startswith("{") and body.endswith("}"):
        yield Fact("synced", None, "log", "Apple has an enrolment profile for it", {}, origin)
    else:
        notes.add("a configuration is cut, or none", body[:80], origin.line, origin.offset)
