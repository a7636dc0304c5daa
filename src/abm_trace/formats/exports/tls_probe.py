"""TLS probes as JSON: what a handshake with an endpoint showed from a segment."""

import re
from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import (
    Certificate,
    Entry,
    expired,
    facts,
    hint,
    hostname,
    instant,
    keys,
    openssl_time,
    stale,
)

FORMAT = Format(id="tls-probe", title="TLS probe (JSON, NDJSON)", reference="docs/facts.md#tls-probe")

_STAPLED = {"true": "yes", "yes": "yes", "1": "yes", "false": "no", "no": "no", "0": "no"}
_ATTRS = {
    "segment": ("segment",),
    "port": ("port",),
    "ocsp_status": ("ocsp_status",),
    "protocol": ("protocol",),
    "staple_error": ("staple_error",),
}
_LEADING_DIGITS = re.compile(r"\d{1,6}")
_HOST = re.compile(r"[a-z.:]")
_CHAIN_MAX = 100


def score(head: Head) -> float:
    """Sure of records that name a host and say something of its certificate."""
    names = keys(head)
    said = names & {"stapled", "ocsp_status", "verify_code", "chain"}
    return min(0.6 + 0.15 * len(said), 0.95) + hint(head, "tls", "ocsp") if "host" in names and said else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """One `tls_probe` a record."""
    return facts(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    host = hostname(entry.text("host"))
    if not _HOST.search(host):
        entry.skip("a record is not used, it names no host")
        return
    at = entry.instant("captured_at")
    chain = list(_chain(entry))
    stapled = entry.text("stapled").lower()
    if stapled and stapled not in _STAPLED:
        entry.skip("a field is neither true nor false", "stapled")
    said = entry.text("verify_code")
    code = _LEADING_DIGITS.match(said)
    if said and not code:
        entry.skip("a verify_code is no number", said[:40])
    attrs = entry.attrs(_ATTRS) | {"endpoint": host}
    more = {
        "stapled": _STAPLED.get(stapled, ""),
        "verify_code": code[0] if code else "",
        "expired": expired(chain, at),
        "staple_stale": stale(_instant(entry, entry.text("staple_until"), "staple_until"), at),
        "issuer": chain[0].issuer if chain else "",
    }
    yield Fact("tls_probe", at, "tls", "", attrs | {name: value for name, value in more.items() if value}, entry.origin)


def _chain(entry: Entry) -> Iterator[Certificate]:
    """The certificates as they were served; what is none is named."""
    chain = entry.items("chain")
    if len(chain) > _CHAIN_MAX:
        entry.skip("a chain is too long to be used in full", f"{len(chain):,} certificates")
    for item in chain[:_CHAIN_MAX]:
        if isinstance(item, dict):
            certificate = entry._replace(fields=item)
            not_after = certificate.text("not_after")
            ends_at = _instant(entry, not_after, "not_after")
            yield Certificate(certificate.text("subject"), certificate.text("issuer"), ends_at)
        else:
            entry.skip("a certificate of the chain is no object")


def _instant(entry: Entry, text: str, name: str) -> int | None:
    """µs UTC of an RFC 3339 stamp or openssl's own form; None for "" and (named) for an impossible one."""
    if not text:
        return None
    try:
        return openssl_time(text) if text[:1].isalpha() else instant(text, entry.zone)
    except ValueError as error:
        entry.skip("a time is not used", f"{name}, {error}")
        return None
