"""Signatures: what a log message means for a device. Each is one Sigma rule, a YAML file in `rules/` or of the user."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from abm_trace.core.nouns import NO_ATTRS, Fact, Origin, Record, Skipped
from abm_trace.signatures import own
from abm_trace.signatures._error import SignatureError
from abm_trace.signatures._interface import Signature

PROCESSES = frozenset(
    {
        "teslad", "cloudconfigurationd", "profiled", "profiles", "mdmclient", "mdmd", "dmd", "Setup", "Setup Assistant",
        "mobileactivationd",
    }
)  # fmt: skip
"""The processes of enrolment; only their lines count (SPEC section 2)."""

SUBSYSTEMS: Final = re.compile(
    r"com\.apple\.(?:DeviceManagement.*|(?:ManagedClient|CloudConfigurationDaemon|MCX)(?:\..*)?)"
)
"""The subsystems of enrolment (SPEC section 2); of the guide's com.apple.DeviceManagement any that begins so."""


def load(folders: Iterable[Path] = ()) -> tuple[list[Signature], list[Skipped]]:
    """Our own signatures and those of the user's folders, and what could not be used of the latter, by name.

    One of our own that is broken raises SignatureError: that is a fault of the release, not of the user.
    """
    signatures = own.load()
    skipped = []
    taken = {signature.id for signature in signatures}
    for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
        if path.suffix.lower() not in {".yml", ".yaml"} or path.is_dir():  # Its rules have names of their own.
            continue
        if not path.is_file():
            skipped.append(Skipped(str(path), "signature not used: no regular file"))
            continue
        from abm_trace.signatures import rule  # noqa: PLC0415  # The parser for Sigma takes a while to load.

        try:
            signature = rule.read(path, str(path))
        except SignatureError as error:
            reason = f"signature not used: {error.reason()}"
            skipped.append(Skipped(str(path), reason, line=error.line))
            continue
        if signature.id in taken:
            skipped.append(Skipped(str(path), f"signature not used: {signature.id!r} exists already", line=1))
            continue
        taken.add(signature.id)
        signatures.append(signature)
    return signatures, skipped


@lru_cache(maxsize=1024)
def in_scope(process: str, subsystem: str) -> bool:
    """Whether a line of this process (or path of one) and subsystem is one of enrolment."""
    return process.rpartition("/")[2] in PROCESSES or any(map(SUBSYSTEMS.fullmatch, (subsystem, process)))


Sighting = tuple[str, int | None, str, dict[str, str], int | None, int]
"""What a signature saw: its id, the time, the value and the attributes of the fact, offset and length of the line."""


def match(record: Record, candidates: Iterable[Signature], offset: int, length: int) -> list[Sighting]:
    """What the candidates see in a record, whose line is `length` bytes long at `offset`."""
    scoped = in_scope(record.process, record.subsystem)
    names = {**record.attrs, "host": record.host} if record.host else record.attrs
    return [
        (signature.id, record.at, *said(signature, record.message, names), offset, length)
        for signature in candidates
        if (scoped or signature.everywhere) and signature.test(record)
    ]


VALUE_CHARS_MAX: Final = 1_024
"""How much of a value is kept, and of what it tells beside. Origin: ours; an answer of ABM has some hundred."""

_MORE: Final = "…"
"""How a value ends of which the rest is not kept."""


def shortened(sighting: Sighting) -> bool:
    """Whether not all of the value was kept."""
    value = sighting[2]
    return len(value) == VALUE_CHARS_MAX and value[-1] == _MORE


def said(signature: Signature, message: str, names: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The value of the fact that a matching message makes, and its attributes beside the line's `names`."""
    if signature.value is None or (found := signature.value.search(message)) is None:
        return "", names
    value = found[0]
    if len(value) > VALUE_CHARS_MAX:
        value = value[: VALUE_CHARS_MAX - len(_MORE)] + _MORE
    if not found.re.groups:
        return value, names
    attrs = {key: text[:VALUE_CHARS_MAX] for key, text in found.groupdict().items() if text}
    return value, {**names, **attrs}


_ALIKE_MAX: Final = 1_000


class Alike(dict[str, tuple[str, dict[str, str]]]):
    """What signatures saw lately, value and attributes, by the value; `made` counts what was unlike all of it.

    Devices of a fleet say much alike, and their facts share it (12,400 logs: 26 MB less). Origin of the limit: ours.
    """

    made = 0

    def add(self, value: str, attrs: dict[str, str]) -> tuple[str, dict[str, str]]:
        """Remember what is not known; also what facts share of it."""
        if len(self) >= _ALIKE_MAX:
            self.clear()
        self.made += 1
        known = self[value] = value, attrs or NO_ATTRS
        return known


ALIKE: Final = Alike()
"""Of this process."""


Place = tuple[int, str]
"""Line and digest of what was seen, as an origin has them; (0, "") where they are not known."""


def facts(
    sightings: Sequence[Sighting],
    rules: Mapping[str, Signature],
    path: str,
    places: Sequence[Place] = (),
    alike: Alike = ALIKE,
) -> tuple[Fact, ...]:
    """The facts of the sightings in the blob `path`, which stand at these places, if they are known already."""
    made = []
    cited, known_of = iter(places), alike.get
    for by, at, value, attrs, offset, length in sightings:
        rule_ = rules[by]
        known = known_of(value)
        if known is None or known[1] != attrs:
            known = alike.add(value, attrs)
        if places:
            line, sha256 = next(cited)
            origin = Origin(path, rule_.id, offset, length, line or None, None, sha256)
        else:
            origin = Origin(path, rule_.id, offset, length)
        made.append(Fact(rule_.fact, at, "log", known[0], known[1], origin, rule_.layer, rule_.cause))
    return tuple(made)


__all__ = [
    "ALIKE", "PROCESSES", "SUBSYSTEMS", "Alike", "Place", "Sighting", "Signature", "SignatureError", "facts",
    "in_scope", "load", "match", "said", "shortened",
]  # fmt: skip
