"""What a Mac answers when it is asked: `profiles status|show -type enrollment`, `fdesetup status`, `csrutil status`.

The answers have no time of their own. They belong to the device that their file or folder is named after.
"""

import re
from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Notes, hint, lines

FORMAT = Format(id="mac-checks", title="profiles, fdesetup and csrutil output", reference="docs/facts.md#mac-checks")

_STATUS: Final = re.compile(r"(Enrolled via DEP|MDM enrollment|MDM server): *(\S.{0,500})")
_CONFIGURATION: Final = "Device Enrollment configuration:"
_FAILED: Final = ("Error fetching Device Enrollment configuration", "[ERROR] Unable to get activation record")
_FILEVAULT: Final = re.compile(r"FileVault is (On|Off)\b.*")
_SIP: Final = re.compile(r"System Integrity Protection status: *(enabled|disabled|unknown)\b.*")
_PROMPT: Final = re.compile(r"[$#%] |\S+@\S+.{0,80}[$#%] |sudo |profiles s|fdesetup s|csrutil s")
_PROTECTION: Final = {
    "On": "FileVault on",
    "Off": "FileVault off",
    "enabled": "System Integrity Protection on",
    "disabled": "System Integrity Protection off",
}
_SAID_CHARS_MAX: Final = 2000
_SETTINGS_MAX: Final = 500
"""The most lines of a configuration. Origin: ours; real ones have some forty."""


def score(head: Head) -> float:
    """Sure where one of the first lines is such an answer."""
    first = head.data[:8192].decode("utf-8", "replace").split("\n")[:60]
    found = any(
        _STATUS.fullmatch(text) or text.startswith((_CONFIGURATION, *_FAILED)) or _FILEVAULT.fullmatch(text)
        or _SIP.fullmatch(text)
        for line in first
        if (text := line.strip())
    )  # fmt: skip
    return 0.9 + hint(head, "profiles", "fdesetup", "csrutil") if found else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One fact an answer: what the Mac says of its enrolment, and how it is protected."""
    notes = Notes(content.path)
    rows = lines(content, FORMAT.id)
    for text, origin in rows:
        if match := _STATUS.fullmatch(text):
            yield from _status(match[1], match[2], origin)
        elif match := _FILEVAULT.fullmatch(text) or _SIP.fullmatch(text):
            said = _PROTECTION.get(match[1], f"{text[:40]}")
            yield Fact("posture", None, "log", said, {"item": said.rpartition(" ")[0]}, origin)
        elif text.startswith(_CONFIGURATION):
            yield from _configuration(text.removeprefix(_CONFIGURATION).strip(), rows, origin, notes)
        elif text.startswith(_FAILED):
            yield Fact("said", None, "log", text[:_SAID_CHARS_MAX], {"process": "profiles"}, origin)
        elif not _PROMPT.match(text):
            notes.add("a line is not used, it is no answer of these tools", text[:80], origin.line, origin.offset)
    yield from notes


def _status(name: str, value: str, origin: Origin) -> Iterator[Fact]:
    """`profiles status`: the device's own word proves a rung, and no confirmation (SPEC section 2)."""
    yes = value.casefold().startswith("yes")
    if name == "Enrolled via DEP" and yes:
        yield Fact("enrolled", None, "log", "enrolled via DEP, by its own word", {}, origin)
    elif name == "MDM enrollment":
        said = f"MDM enrollment {'yes' if yes else 'no'}"
        yield Fact("posture", None, "log", said, {"item": "MDM enrollment"}, origin)


def _configuration(
    first: str, rows: Iterator[tuple[str, Origin]], origin: Origin, notes: Notes
) -> Iterator[Fact | Skipped]:
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
