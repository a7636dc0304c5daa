"""A DEP server token that its owner has decrypted: when it expires. Nothing secret of it is kept or quoted.

From: nanodep tokenpki/parse.go and client/auth.go; Apple wraps it in MIME headers and `-----BEGIN MESSAGE-----`.
"""

import re
from collections.abc import Iterator

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, Notes, hint, origin_of, read_object

FORMAT = Format(
    id="server-token-json",
    title="DEP server token, decrypted (JSON, with or without its message)",
    reference="docs/facts.md#server-token-json",
)

_EXPIRES = b'"access_token_expiry"'
_SECRETS = (b'"access_token"', b'"access_secret"', b'"consumer_secret"')
# A token is a flat object.
_OBJECT = re.compile(rb"\{[^{}]{0,65536}\}")
_AROUND = re.compile(
    rb"(?im)^(?:[a-z][a-z0-9-]{0,60}:[^\n]{0,1000}|-----(?:BEGIN|END) MESSAGE-----)[ \t\r]{0,8}$|[\s,\[\]]+"
)
_KEY_SHOWN = 4


def score(head: Head) -> float:
    """Sure of a flat object with the time at which an access token expires, beside one of the token's secrets."""
    data = head.data[:16384]
    named = _EXPIRES in data and any(secret in data for secret in _SECRETS)
    return 0.96 + min(hint(head, "token"), 0.04) if named and data.lstrip()[:1] in (*_FIRST, b"{", b"[") else 0.0


_FIRST = tuple(bytes([each]) for each in b"-CcMmXx")
"""How the message begins: its wrapper, or a MIME header."""


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `server_token` a token, with its expiry. What stands around tokens is named, never quoted."""
    notes = Notes(content.path)
    data = content.data
    record, line, at = content.record, content.line, 0
    for match in _OBJECT.finditer(data):
        _name_rest(notes, content, at, match.start(), line)
        line += data.count(b"\n", at, match.start())
        origin = origin_of(content, FORMAT.id, match[0], match.start(), line=line, record=record)
        line += match[0].count(b"\n")
        record, at = record + 1, match.end()
        try:
            fields, flaws = read_object(match[0])
        except ValueError:
            notes.add("a token is damaged and is not used", "", origin.line, origin.offset)
            continue
        entry = Entry(fields, origin, notes, content.zone)
        for _ in flaws:
            entry.skip("a token is not used in full, a field of it is damaged or repeated")
        yield from _say(entry)
    _name_rest(notes, content, at, len(data), line)
    yield from notes


def _say(entry: Entry) -> Iterator[Fact]:
    if "access_token_expiry" not in entry.fields:
        entry.skip("a record is no server token and is not used")
        return
    attrs = entry.attrs({"server": ("server_name", "dep_name")})
    expires_at = _expiry(entry)
    if expires_at is not None:
        attrs["expires_at"] = instants.render(expires_at)
    key = entry.fields.get("consumer_key")
    # Of a shorter key, four characters would be too much of it.
    value = key[-_KEY_SHOWN:] if isinstance(key, str) and len(key) >= 4 * _KEY_SHOWN and key.isascii() else ""
    yield Fact("server_token", None, "token", value, attrs, entry.origin)


def _expiry(entry: Entry) -> int | None:
    """When the token expires; None (named without what stands there, it may be a secret in the wrong place)."""
    value = entry.fields["access_token_expiry"]
    try:
        return instants.parse(value, entry.zone) if isinstance(value, str) and len(value) < 64 else _refuse(value)
    except ValueError:
        entry.skip("a token's time of expiry is no time and is not used")
        return None


def _refuse(value: object) -> int:
    raise ValueError(type(value).__name__)


def _name_rest(notes: Notes, content: Content, start: int, end: int, line: int) -> None:
    """Name what stands between tokens, from this line on, and is neither a header nor the message's wrapper."""
    if rest := _AROUND.sub(b"", content.data[start:end]):
        notes.add("something beside a token is not used", f"{len(rest):,} bytes", line, content.offset + start)
