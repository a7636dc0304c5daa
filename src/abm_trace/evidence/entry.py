"""One entry of the log: canonical JSON of at most 4 KiB, without a serial number or other personal data."""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Final, Literal, get_args

import msgspec

from abm_trace.core import instants
from abm_trace.evidence.errors import FormatError

ENTRY_BYTES_MAX: Final = 4096
VERSION: Final = 1

Kept = Literal["raw", "verdict", "check", "action"]
"""Kinds that keep bytes: an input; verdicts; the report of a check; the record of what a person did."""

Kind = Literal["raw", "verdict", "check", "action", "purge", "hold", "release", "key", "config"]

KEPT: Final[frozenset[Kept]] = frozenset(get_args(Kept))
_KINDS: Final[dict[bytes, Kept]] = {kind.encode(): kind for kind in KEPT}
_NEEDS: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys(KEPT, frozenset({"c", "size_bytes", "stored", "binds", "source"})),
    "purge": frozenset({"ranges", "policy", "holds", "actor", "reason"}),
    "hold": frozenset({"actor", "reason"}),
    "release": frozenset({"hold", "actor", "second", "reason"}),
    "key": frozenset({"act", "key", "actor", "reason"}),
    "config": frozenset({"days_min", "actor", "reason"}),
}
_MAY: Final[dict[str, frozenset[str]]] = {"hold": frozenset({"ranges"}), "config": frozenset({"days_max"})}
_SOURCE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
_TEXT_MAX: Final = {"actor": 100, "second": 100, "reason": 500, "policy": 100, "key": 400}


@lru_cache(maxsize=1024)
def _instant(text: str) -> int:
    """The instant of a stamp that is written as we write it. Raises ValueError."""
    at = instants.parse(text)
    if instants.render(at) != text:
        raise ValueError("its time is not written as RFC 3339 in UTC")
    return at


class Entry(
    msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, rename={"size_bytes": "bytes"}
):
    """What an entry says. Its JSON has the keys in this order, without those that are absent, and without blanks.

    `t` is RFC 3339 in UTC. Of a kind that keeps bytes, with a nonce of 32 random bytes that is kept beside them:
    `c` = SHA256(nonce‖bytes), `size_bytes` their number (`bytes` in JSON), `stored` = SHA256(nonce‖bytes as stored),
    `binds` = SHA256(nonce‖binding) (path, hardware ids, token), `lines` the digest of the commitments to their lines
    (evidence.lines), `source` where they came from.
    `ranges` are first and last index of what is purged or held; a hold without them holds everything, also what is
    still to come. `holds` is the digest of the holds that a purge consulted, `policy` the retention it went by.
    `hold` is the index of the hold that a release lifts. `key` is a verifier key (C2SP signed-note).
    """

    v: int
    t: str
    kind: Kind
    c: str = ""
    size_bytes: int | None = None
    stored: str = ""
    binds: str = ""
    lines: str = ""
    source: str = ""
    ranges: tuple[tuple[int, int], ...] = ()
    hold: int | None = None
    policy: str = ""
    holds: str = ""
    act: Literal["", "add", "retire"] = ""
    key: str = ""
    days_min: int | None = None
    days_max: int | None = None
    actor: str = ""
    second: str = ""
    reason: str = ""

    @property
    def at(self) -> int:
        """When it was made, µs UTC, by the clock of the machine that wrote the log."""
        return _instant(self.t)


_FORM: Final = re.compile(
    rb'\{"v":1,"t":"([0-9T:.Z-]{20,27})","kind":"(raw|verdict|check|action)","c":"([0-9a-f]{64})",'
    rb'"bytes":(0|[1-9][0-9]{0,17}),"stored":"([0-9a-f]{64})","binds":"([0-9a-f]{64})",'
    rb'(?:"lines":"([0-9a-f]{64})",)?"source":"([a-z0-9][a-z0-9._-]{0,63})"\}',
    re.ASCII,
)
"""The JSON of an entry that keeps bytes. They come by the hundred thousand, so one look has to be enough."""

_DECODER: Final = msgspec.json.Decoder(Entry)
_ENCODER: Final = msgspec.json.Encoder()


def encode(entry: Entry) -> bytes:
    """The one JSON of the entry. Raises FormatError if it says too little, too much, or is longer than 4 KiB."""
    data = _ENCODER.encode(entry)
    if reason := _complaint(entry, data):
        raise FormatError(f"no entry for the log: {reason}")
    return data


def decode(data: bytes) -> Entry:
    """The entry. Raises FormatError for bytes that are not exactly what `encode` would have made."""
    if (found := _FORM.fullmatch(data)) and len(data) <= ENTRY_BYTES_MAX:
        return _of_form(found)
    try:
        entry = _DECODER.decode(data)
        encoded = _ENCODER.encode(entry)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise FormatError(f"is no entry: {ascii(str(error))[1:-1]}") from error
    if encoded != data:
        raise FormatError("is no canonical JSON")
    if reason := _complaint(entry, data):
        raise FormatError(f"is no entry: {reason}")
    return entry


def _of_form(found: "re.Match[bytes]") -> Entry:
    t, kind, c, size, stored, binds, lines, source = found.groups()
    text = t.decode()
    try:
        _instant(text)
    except ValueError as error:
        raise FormatError(f"is no entry: {error}") from error
    return Entry(
        VERSION,
        text,
        _KINDS[kind],
        c=c.decode(),
        size_bytes=int(size),
        stored=stored.decode(),
        binds=binds.decode(),
        lines=(lines or b"").decode(),
        source=source.decode(),
    )


def commitment(nonce: bytes, data: bytes) -> str:
    """SHA256(nonce‖data) in hex: says nothing of the data to whoever lacks the nonce."""
    return sha256(nonce + data).hexdigest()


def _complaint(entry: Entry, data: bytes) -> str:
    """Why this is no entry; "" if it is one."""
    if len(data) > ENTRY_BYTES_MAX:
        return f"{len(data):,} bytes, at most {ENTRY_BYTES_MAX:,} are allowed"
    if entry.v != VERSION:
        return f"version {entry.v}, known is {VERSION}"
    try:
        _instant(entry.t)
    except ValueError as error:
        return str(error)
    if entry.kind in KEPT:
        wants = "c, bytes, stored, binds, lines and source"
        return "" if _FORM.fullmatch(data) else f"a {entry.kind} entry has {wants}, and no more"
    said = {name for name in entry.__struct_fields__[3:] if getattr(entry, name) not in {"", None, ()}}
    needs = _NEEDS[entry.kind]
    if lacks := needs - said:
        return f"a {entry.kind} entry needs {', '.join(sorted(lacks))}"
    if more := said - needs - _MAY.get(entry.kind, frozenset()):
        return f"a {entry.kind} entry has no {', '.join(sorted(more))}"
    for name in _TEXT_MAX:
        if (text := getattr(entry, name)) and (reason := complaint(name, text)):
            return f"{name} {reason}"
    if entry.holds and not _DIGEST.fullmatch(entry.holds):
        return "holds is no SHA-256"
    if entry.hold is not None and entry.hold < 0:
        return "hold is no index"
    if not are_ranges(entry.ranges):
        return "its ranges are not in order"
    return ""


def complaint(name: str, text: str) -> str:
    """Why a text that a person states (`actor`, `second`, `reason`), or a source, is none; "" if it is one."""
    if name == "source":
        return "" if _SOURCE.fullmatch(text) else "is no id: small letters, digits, . _ and - alone, 64 at most"
    if text and len(text) <= _TEXT_MAX[name] and text.isprintable() and text == text.strip():
        return ""
    return f"is empty, longer than {_TEXT_MAX[name]} characters, or has some that are not shown, or blanks around it"


def are_ranges(ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether these are first and last of ranges, in order, none within another."""
    previous = -1
    for first, last in ranges:
        if not previous < first <= last:
            return False
        previous = last
    return True
