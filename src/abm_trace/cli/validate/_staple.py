"""The servers that the payloads name, each shaken hands with once: what their devices would meet (SPEC G1, C4)."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from OpenSSL import crypto

from abm_trace.checks.payload import NOT_KNOWN, Endpoint, Hit, catalogue, certificates
from abm_trace.cli import _sheet
from abm_trace.cli.validate._asked import own_store
from abm_trace.cli.validate._outcome import Outcome
from abm_trace.core.errors import UsageError
from abm_trace.core.nouns import Finding, Origin
from abm_trace.gates.looks import Subject, together
from abm_trace.gates.looks import tls as looks
from abm_trace.net.allow import Allow
from abm_trace.net.http import url
from abm_trace.net.reach import Place, ReachError, place
from abm_trace.sources.probes.tls import Plan

ENDPOINTS_MAX: Final = 100
"""With how many servers hands are shaken in one run: payloads are foreign, and may name thousands. Origin: ours."""


@dataclass(frozen=True, slots=True)
class How:
    """How to shake hands: `at` another place that answers for every server, `trust` certificates, as in a Plan."""

    at: Place | None = None
    proxy: Place | None = None
    trust: str | None = None
    timeout_s: float = 10.0
    loopback: bool = False


def how(*, at: str | None, proxy: str | None, trust: Path | None, timeout: str, loopback: bool) -> How:
    """What the options say of it. Raises UsageError and ReachError."""
    if trust is not None and not trust.is_file():
        raise UsageError(f"{trust} is no file", hint=f"Check the name: ls -l {trust}")
    seconds = _sheet.number("--timeout", timeout, 0.1, 600, "10")
    other, through = place(at, 443) if at else None, place(proxy, 3128) if proxy else None
    return How(other, through, str(trust) if trust else None, seconds, loopback)


def look(outcome: Outcome, asked: How) -> None:
    """Add what a handshake with each server shows to the findings of every payload that names it.

    One handshake a server (host and port), side by side, however many payloads name it; one more where others bring
    other certificates for it. A server that does not answer is not known: a note.
    """
    outcome.stapled = True
    goals = {each: _goal(each) for checked in outcome.checked for each in checked.endpoints}
    wanted = list(dict.fromkeys(goal for goal in goals.values() if goal))[:ENDPOINTS_MAX]
    others = [each.host for each in (asked.at, asked.proxy) if each]
    allow = Allow([*(goal.place.host for goal in wanted), *others], loopback=asked.loopback)
    with tempfile.TemporaryDirectory(prefix="abm-trace-") as folder:
        files = [_trust(asked, goal, Path(folder, f"{number}.pem")) for number, goal in enumerate(wanted)]
        plans = [
            Plan(goal.place, asked.at, asked.proxy, trust=trust, timeout_s=asked.timeout_s)
            for goal, trust in zip(wanted, files, strict=True)
        ]
        outcome.endpoints = together([partial(looks.look, plan, allow) for plan in plans])
    seen = dict(zip(wanted, outcome.endpoints, strict=True))
    more = Subject("", problem=f"{ENDPOINTS_MAX:,} other servers were looked at, and no more: validate fewer files")
    for number, checked in enumerate(outcome.checked):
        hits = list(checked.hits)
        for each in checked.endpoints:
            if goal := goals[each]:
                hits += _hits(each, goal.place, seen.get(goal, more))
        hits.sort(key=lambda hit: hit.finding.evidence[0].line or 0)
        outcome.checked[number] = replace(checked, hits=tuple(hits))


class _Goal(NamedTuple):
    """A server, and the certificates that a payload brings for it: for none of Apple's own hosts do they count."""

    place: Place
    brought: tuple[bytes, ...]


def _goal(endpoint: Endpoint) -> _Goal | None:
    """None for an address that is none, of which the rules tell."""
    try:
        place = url(endpoint.url).place
    except ReachError:
        return None
    return _Goal(place, () if place.host.endswith(".apple.com") else endpoint.brought)


def _trust(asked: How, goal: _Goal, file: Path) -> str | None:
    """The file of certificates that a chain must lead to: what is brought, beside what else is trusted."""
    found = [pem for data in goal.brought for pem in _pems(data)]
    if not found:
        return asked.trust
    store = asked.trust or own_store()
    file.write_bytes((Path(store).read_bytes() if store else b"") + b"\n" + b"".join(found))
    return str(file)


def _pems(data: bytes) -> Iterator[bytes]:
    with contextlib.suppress(ValueError, crypto.Error):  # What one of the two cannot read vouches for nobody.
        for each in certificates(data):
            yield crypto.dump_certificate(crypto.FILETYPE_PEM, crypto.X509.from_cryptography(each))


def _hits(endpoint: Endpoint, goal: Place, subject: Subject) -> list[Hit]:
    found = [(each.id, each.layer, each.severity, each.text, each.evidence) for each in subject.findings]
    if subject.problem:
        rule = catalogue()[NOT_KNOWN]
        found.append((rule.id, rule.layer, rule.severity, subject.problem, ()))
    return [
        Hit(Finding(id_, "check", layer, severity, 100, (_origin(endpoint, id_), *seen), "", _text(goal, text)),
            endpoint.key)
        for id_, layer, severity, text, seen in found
    ]  # fmt: skip


def _origin(endpoint: Endpoint, by: str) -> Origin:
    return msgspec.structs.replace(endpoint.origin, by=by)


def _text(goal: Place, text: str) -> str:
    """What was found of whom; a problem says so by itself."""
    return text if text.startswith(f"{goal.host}:") else f"{goal}: {text}"
