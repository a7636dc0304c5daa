"""What a traced case says of the health of its rollout: the measurements that the score is made of (SPEC G3).

Tokens and profiles are judged as of the case. A probe or a clock sample speaks for as long as one does for a device
(`segment_window_s`); of each subject the newest counts. Clocks of devices are the devices' own matter (L3).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from itertools import groupby
from statistics import median
from typing import Final

import msgspec

from abm_trace.checks import payload, tls
from abm_trace.checks.health import Measurement, Measurements
from abm_trace.checks.payload.document import BYTES_MAX
from abm_trace.core import instants
from abm_trace.core.instants import SECOND
from abm_trace.core.nouns import Blob, Fact, Origin
from abm_trace.pipeline.members import by_archive, each_opened, opened
from abm_trace.pipeline.triage import Triage
from abm_trace.sources.stream import Stream, StreamError
from abm_trace.verdict.context import CONFIGURATION_HOST
from abm_trace.views.tokens import DAY, ROTATION_DAYS, Servers, Token, tokens

_PROFILES: Final = frozenset({"profile", "dep-profile"})
_HAR: Final = "capture-har"
_RECORD_BYTES_MAX: Final = 1 << 22
_BLOCK: Final = 1 << 20
_STAPLES: Final = (
    "tls-no-staple", "tls-staple-", "tls-revoked",
    "tls-expired", "tls-not-yet-valid", "tls-issuer-unknown", "tls-wrong-", "tls-chain",
)  # fmt: skip
"""The findings of the TLS check that leave an endpoint without a staple that is worth anything.

Those of the chain are among them: a staple is signed in its name, and is no more valid than the chain is.
"""


class _Timings(msgspec.Struct):
    """How long a part of an exchange took, in ms; −1 where that does not apply. From: HAR 1.2, `timings`."""

    wait: float = -1


class _Timed(msgspec.Struct):
    """What a probe's record or an exchange of an HTTP archive says of the time that it took, in ms."""

    connect_ms: float | None = None
    handshake_ms: float | None = None
    timings: _Timings | None = None
    time: float | None = None

    def seconds(self) -> float | None:
        """How long the endpoint took to answer, None where nothing says."""
        said = self.time
        if self.handshake_ms is not None:
            said = self.handshake_ms + (self.connect_ms or 0)
        elif self.timings is not None and self.timings.wait >= 0:
            said = self.timings.wait
        return said / 1000 if said is not None and said >= 0 else None


def measure(traced: Triage) -> Measurements:
    """What the case says of each part of the score; a part of which it says nothing is empty."""
    used = list(_used(traced))
    probes = tuple(_probes(traced))
    return {
        "token": [_expiry(each, traced.as_of) for each in used],
        "latency": list(_latency(traced, probes)),
        "staple": list(_staples(probes)),
        "clock": list(_clocks(traced)),
        "syntax": list(_syntax(traced, {each.region for each in used} - {""})),
    }


def tokens_of(traced: Triage, rotation: float = ROTATION_DAYS) -> list[Token]:
    """The tokens of a case, those that must be rotated first on top; `rotation` in days."""
    servers = traced.context.servers
    newest = {each.token.origin: name for name, each in servers.items() if each.token is not None}
    synced_at = {
        name: max(times)
        for name, each in servers.items()
        if (times := [fact.at for fact in each.syncs if fact.kind == "sync_ok" and fact.at is not None])
    }
    return tokens(traced.readings, traced.devices, Servers(newest, synced_at), traced.as_of, rotation)


def _used(traced: Triage) -> Iterator[Token]:
    """The tokens of the rollout: the ABM tokens that its manifest names, else all; and the newest of each server."""
    named = {name for device in traced.devices if (name := device.attrs.get("token_id"))}
    for each in tokens_of(traced):
        if each.state != "replaced" and (each.kind == "server" or not named or each.id in named):
            yield each


def _expiry(token: Token, as_of: int) -> Measurement:
    name = f"server token of {token.name}" if token.kind == "server" else token.name
    if token.expires_at is None:
        return Measurement(
            name, None, token.why if not token.evidence else "nothing says when it expires", evidence=token.evidence
        )
    left = token.expires_at - as_of
    days = abs(left) / DAY
    stamp = instants.render(token.expires_at)
    said = f"expires {stamp}, in {days:.1f} days" if left > 0 else f"expired {stamp}, {days:.1f} days ago"
    return Measurement(name, left / SECOND, said, evidence=token.evidence)


def _probes(traced: Triage) -> Iterator[tuple[str, Fact]]:
    """The newest handshake of each segment with each endpoint of enrolment, by (endpoint from segment)."""
    for (_, segment), facts in sorted(traced.context.probes.items()):
        newest: dict[str, Fact] = {}
        for fact in _fresh(traced, facts):
            endpoint = fact.attrs.get("endpoint", "")
            if tls.is_abm(endpoint) or endpoint == CONFIGURATION_HOST:
                newest[endpoint] = fact
        for endpoint, fact in sorted(newest.items()):
            yield f"{endpoint} from {segment}" if segment else endpoint, fact


def _fresh(traced: Triage, facts: Iterable[Fact]) -> Iterator[Fact]:
    """Those that still speak, in the order of time that they come in; without a time they always do."""
    first = traced.as_of - traced.context.thresholds.us("segment_window_s")
    return (fact for fact in facts if fact.at is None or first <= fact.at <= traced.as_of)


def _staples(probes: Iterable[tuple[str, Fact]]) -> Iterator[Measurement]:
    for subject, fact in probes:
        if not tls.is_abm(fact.attrs.get("endpoint", "")) or not fact.attrs.get("stapled"):
            continue  # Elsewhere a missing staple only informs; a transcript that did not ask says nothing.
        wrong = [each.text for each in tls.check(fact) if each.severity == "error" and each.id.startswith(_STAPLES)]
        said = "; ".join(wrong) or f"stapled{': good' * (fact.attrs.get('ocsp_status', '').casefold() == 'good')}"
        yield Measurement(subject, float(not wrong), said, fact.at, (fact.origin,))


def _clocks(traced: Triage) -> Iterator[Measurement]:
    for name, facts in sorted(traced.context.clocks.items()):
        for fact in [*_fresh(traced, facts)][-1:]:
            offset = float(fact.value)
            said = f"{abs(offset):.3f} s {'ahead' if offset > 0 else 'behind'}"
            yield Measurement(name or "the case", abs(offset), said, fact.at, (fact.origin,))


def _latency(traced: Triage, probes: Iterable[tuple[str, Fact]]) -> Iterator[Measurement]:
    """How long handshakes took, and the middle of the exchanges with each endpoint that HTTP archives hold."""
    exchanges = [
        fact
        for reading in traced.readings
        if reading.format == _HAR
        for fact in _fresh(traced, reading.facts)
        if tls.is_abm(fact.attrs.get("endpoint", ""))
    ]
    shaken = list(probes)
    origins = {fact.origin for fact in [*exchanges, *(fact for _, fact in shaken)]}
    took = {origin: seconds for origin, data in _records(origins, traced) if (seconds := _seconds(data)) is not None}
    for subject, fact in shaken:
        if (seconds := took.get(fact.origin)) is not None:
            said = f"{1000 * seconds:,.0f} ms to connect and shake hands"
            yield Measurement(subject, seconds, said, fact.at, (fact.origin,))
    by_endpoint: Callable[[Fact], str] = lambda fact: fact.attrs["endpoint"]  # noqa: E731  # Twice the same key.
    for endpoint, group in groupby(sorted(exchanges, key=by_endpoint), by_endpoint):
        timed = {fact.origin: took[fact.origin] for fact in group if fact.origin in took}
        if timed:
            middle = median(timed.values())
            said = f"{1000 * middle:,.0f} ms to answer, the middle of {len(timed):,} exchanges"
            yield Measurement(f"{endpoint} in HTTP archives", middle, said, None, tuple(timed)[:3])


def _seconds(data: bytes) -> float | None:
    try:
        return msgspec.json.decode(data, type=_Timed).seconds()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _records(origins: Iterable[Origin], traced: Triage) -> Iterator[tuple[Origin, bytes]]:
    """The bytes of cited records; one that is not there as it was cited is left out."""
    wanted: dict[str, list[Origin]] = {}
    for origin in origins:
        if origin.offset is not None and 0 < origin.length <= _RECORD_BYTES_MAX and origin.path in traced.blobs:
            wanted.setdefault(origin.path, []).append(origin)
    for blobs in by_archive(traced.blobs[path] for path in wanted).values():
        with suppress(StreamError):
            for path, stream in each_opened(blobs):
                yield from _cut(stream, wanted[path])


def _cut(stream: Stream, origins: Sequence[Origin]) -> Iterator[tuple[Origin, bytes]]:
    for origin in sorted(origins, key=lambda each: each.offset or 0):
        start = origin.offset or 0
        while stream.consumed < start:
            step = min(start - stream.consumed, _BLOCK)
            if stream.readinto(memoryview(bytearray(step))) < step:
                return
        if stream.consumed > start:
            continue
        buffer = bytearray(origin.length)
        stream.readinto(memoryview(buffer))
        if sha256(buffer).hexdigest() == origin.sha256:
            yield origin, bytes(buffer)


def _syntax(traced: Triage, regions: set[str]) -> Iterator[Measurement]:
    """The errors of each enrolment profile; its region is looked at where the rollout has but one."""
    asked = payload.Asked(traced.as_of, next(iter(regions)) if len(regions) == 1 else "")
    for path in sorted({each.path for each in traced.readings if each.format in _PROFILES}):
        data = _whole(traced.blobs[path])
        checked = None if data is None else payload.check(data, path, asked)
        if checked is None:
            continue
        errors = [hit.finding for hit in checked.hits if hit.finding.severity == "error"]
        said = "; ".join(each.text for each in errors[:3]) + f"; and {len(errors) - 3:,} more" * (len(errors) > 3)
        evidence = tuple(each.evidence[0] for each in errors[:3])
        yield Measurement(path, float(len(errors)), said or "no error", evidence=evidence)


def _whole(blob: Blob) -> bytes | None:
    """The bytes of a profile; None for what is too large for one, or cannot be opened again."""
    buffer = bytearray(BYTES_MAX + 1)
    try:
        with opened(blob) as stream:
            size = stream.readinto(memoryview(buffer))
    except StreamError:
        return None
    return bytes(memoryview(buffer)[:size]) if size <= BYTES_MAX else None
