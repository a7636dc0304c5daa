"""Transcripts of `openssl s_client -connect … -tlsextdebug -status`, one or several in a file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from abm_trace.core import instants
from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Certificate,
    Notes,
    expired,
    hint,
    hostname,
    openssl_time,
    origin_of,
    stale,
)

FORMAT = Format(
    id="s-client",
    title="openssl s_client transcript",
    reference="https://docs.openssl.org/master/man1/openssl-s_client/",
)

_CHARS_MAX = 2000
_CHAIN_MAX = 100
# A transcript begins at the echoed command, at `Connecting to`, at `CONNECTED(`, or at the verification's `depth=`,
# whichever of them its file kept; each of these has gone by before in a transcript that is followed by another.
_BEGINS = re.compile(rb"[^\n]{0,200}\bs_client\b|Connecting to |CONNECTED\(|depth=")
_COMMAND = re.compile(r"\bs_client\b")
# 80…:error:8000006F:system library:BIO_connect:Connection refused:../crypto/bio/bio_sock2.c:114:calling connect()
_UNCONNECTED = re.compile(
    rb"(?m)^connect:errno=[0-9]|^[0-9A-Fa-f]{8,16}:error:[0-9A-F]{8}:[^\n]{0,200}\bBIO_(?:connect|lookup)"
)
_OPTION = re.compile(r"-(connect|servername) +['\"]?([^\s'\"]+)")
_COMMON_NAME = re.compile(r"CN ?= ?([^,/]+)")
# ` 0 s:CN = us-east.abm.apple.com`, `   i:C = US, O = Apple Inc., CN = Apple …`, `   v:NotBefore: …; NotAfter: …`
_SUBJECT = re.compile(r"\d{1,4} s:(.*)")
_LINES = (
    (re.compile(r"Verify return code: (\d{1,6})\b"), "returned"),
    (re.compile(r"verify error:num=(\d{1,6})\b"), "failed"),
    (re.compile(r"OCSP Response Status: ([\w ]+?) *(?:\(|$)"), "response"),
    (re.compile(r"Cert Status: (\w+)"), "ocsp_status"),
    (re.compile(r"Next Update: (.*)"), "next_update"),
    (re.compile(r"New, (TLSv[\d.]+|SSLv\d)"), "protocol"),
    (re.compile(r"Protocol *: (TLSv[\d.]+|SSLv\d)"), "protocol"),
    (re.compile(r"Start Time: (\d{1,11})\b"), "started"),
    (re.compile(r"Verified peername: (.*)"), "peername"),
    (re.compile(r"subject=(.*)"), "subject"),
    (re.compile(r"issuer=(.*)"), "issuer"),
)


@dataclass(slots=True)
class _Transcript:
    """What the lines of one transcript say."""

    said: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    chain: list[list[str]] = field(default_factory=list)
    expired: dict[str, None] = field(default_factory=dict)
    connected: bool = False
    certified: bool = True
    stapled: str = ""
    _depth: str = ""

    def take(self, line: str) -> None:
        """One line, without the blanks around it."""
        if line.startswith("CONNECTED("):
            self.connected = True
        elif line.startswith("no peer certificate available"):
            self.certified = False
        elif line.startswith("OCSP response:"):
            self.stapled = "no" if "no response sent" in line else "yes"
        elif line.startswith("depth="):
            self._depth = line.partition(" ")[2]
        elif match := _SUBJECT.match(line):
            if len(self.chain) < _CHAIN_MAX:
                self.chain.append([match[1].strip(), "", ""])
        elif self.chain and line.startswith("i:"):
            self.chain[-1][1] = line[2:].strip()
        elif self.chain and "NotAfter:" in line:
            self.chain[-1][2] = line.rpartition("NotAfter:")[2].strip()
        elif _COMMAND.search(line):
            self.options |= dict(_OPTION.findall(line))
        else:
            self._take_value(line)

    def _take_value(self, line: str) -> None:
        for pattern, name in _LINES:
            if match := pattern.match(line):
                self.said.setdefault(name, match[1].strip())
                if name == "failed" and match[1] == "10" and self._depth:
                    self.expired[self._depth] = None
                return

    def attrs(self) -> dict[str, str]:
        """The attributes of the probe."""
        said = self.said
        connect = self.options.get("connect", "")
        # A certificate for several hosts has the name of one of them: -verify_hostname says for which it was taken.
        name = (
            self.options.get("servername") or connect or said.get("peername") or _common_name(said.get("subject", ""))
        )
        if not name and self.chain:
            name = _common_name(self.chain[0][0])
        host, colon, port = connect.rpartition(":")
        returned = said.get("returned", "")
        found = {
            "endpoint": hostname(name),
            "port": port if colon and host and port.isdecimal() else "",
            "stapled": "yes" if "response" in said or "ocsp_status" in said else self.stapled,
            "ocsp_status": said.get("ocsp_status") or said.get("response", ""),
            "verify_code": returned if returned.strip("0") else said.get("failed", returned),
            "expired": "; ".join(dict.fromkeys([*self.expired, *self._expired()])),
            "staple_stale": stale(_not_after(said.get("next_update", "")), self._at()),
            "protocol": said.get("protocol", ""),
            "issuer": said.get("issuer") or (self.chain[0][1] if self.chain else ""),
        }
        return {name: value for name, value in found.items() if value}

    def _at(self) -> int | None:
        """When the session says that it began, µs UTC."""
        return int(self.said["started"]) * instants.SECOND if "started" in self.said else None

    def _expired(self) -> list[str]:
        """The expired names of the chain, at the time that the session says for itself."""
        at = self._at()
        chain = [Certificate(subject, issuer, _not_after(end)) for subject, issuer, end in self.chain]
        return [name for name in expired(chain, at).split("; ") if name]


def score(head: Head) -> float:
    """Sure of a connection with a certificate chain, or with what `-status` prints, and of one that failed."""
    data = head.data
    if b"CONNECTED(" not in data:
        return 0.9 if (b"connect:errno=" in data or b":error:" in data) and _UNCONNECTED.search(data) else 0.0
    signs = (
        b"\n---",
        b"Certificate chain",
        b"OCSP response:",
        b"Verify return code:",
        b"depth=",
        b"SSL handshake has read",
    )
    return min(0.3 + 0.2 * sum(sign in data for sign in signs), 0.95) + hint(head, "tls", "s_client")


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `tls_probe` a transcript that showed a certificate; the others are named."""
    notes = Notes(content.path)
    for record, (start, end, line) in enumerate(_blocks(content), content.record):
        raw = content.data[start:end]
        transcript = _Transcript()
        for text in raw.decode("utf-8", "replace").split("\n"):
            transcript.take(text[:_CHARS_MAX].strip())
        offset = content.offset + start
        if not transcript.connected:
            notes.add("a transcript is not used, no connection was made", "", line, offset)
        elif not transcript.certified or not (transcript.chain or "subject" in transcript.said or transcript.stapled):
            notes.add("a transcript is not used, the handshake came to no certificate", "", line, offset)
        else:
            if "returned" not in transcript.said:
                notes.add("a transcript is cut off before its verify return code", "", line, offset)
            attrs = transcript.attrs()
            if "endpoint" not in attrs:
                notes.add("a transcript does not name its server", "", line, offset)
            origin = origin_of(content, FORMAT.id, raw, start, line=line, record=record)
            yield Fact("tls_probe", None, "tls", "", attrs, origin)
    yield from notes


def _blocks(content: Content) -> Iterator[tuple[int, int, int]]:
    """(start, end, line number) of each transcript; together they are the whole content."""
    start, line = 0, content.line
    at = 0
    met: set[bytes] = set()
    for number, text in enumerate(BytesIO(content.data), content.line):
        if match := _BEGINS.match(text):
            mark = match[0] if match[0].startswith((b"Connecting", b"CONNECTED", b"depth")) else b"command"
            ends = {b"depth=": {b"verified"}, b"CONNECTED(": {mark}, b"Connecting to ": {mark, b"CONNECTED("}}
            if met & ends.get(mark, met):
                yield start, at, line
                start, line, met = at, number, set()
            met.add(mark)
        elif text.lstrip().startswith(b"Verify return code:"):
            met.add(b"verified")
        at += len(text)
    if at > start:
        yield start, at, line


def _common_name(subject: str) -> str:
    """The last common name of a subject in any of openssl's spellings; "" if it has none."""
    names = _COMMON_NAME.findall(subject)
    return str(names[-1]).strip() if names else ""


def _not_after(text: str) -> int | None:
    """µs UTC; None where the chain gives no time, or none that can be."""
    try:
        return openssl_time(text)
    except ValueError:
        return None
