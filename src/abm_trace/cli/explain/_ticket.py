"""A ticket to paste: what one receiver needs of one device, redacted, in plain text and UTC.

The preview is the output itself: nothing is sent, and nothing else would be.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from abm_trace.cli.explain import _timeline
from abm_trace.cli.explain._audience import Audience
from abm_trace.cli.explain._places import Places
from abm_trace.cli.explain._shown import Shown
from abm_trace.core.instants import render
from abm_trace.core.nouns import Device, Fact, Finding, Origin, Verdict
from abm_trace.core.redact import LABELS, Redactor, kind_of
from abm_trace.exports._interface import SIDES, Screen, count, layer_name, place_of, plain
from abm_trace.identity import canonical
from abm_trace.verdict import layers
from abm_trace.verdict import state as states
from abm_trace.verdict.context import trust_problem

if TYPE_CHECKING:
    from abm_trace.core.nouns import Skipped
    from abm_trace.pipeline.triage import Resolved

_EVENTS_MAX: Final = 40
"""So many events a ticket shows, the first and the last of them; more are counted. Origin: ours."""

_NAMED_MAX: Final = 20
"""So many values of one kind of identifier it names; more are counted. Origin: ours."""

_CODE: Final = re.compile(r"\b([\w.]*ErrorDomain) Code=(-?\d+)|\b(T_C_NOT_SIGNED|EXPIRED_CURSOR|THROTTLED)\b")
_IDENTITIES: Final = frozenset(
    {
        "serial", "udid", "io_platform_uuid", "secure_rom_uuid", "device_identifier", "device_id", "request_id",
        "mdm_id", "imei", "meid", "eid", "wifi_mac", "bluetooth_mac", "ethernet_mac", "profile_uuid", "server_id",
    }
)  # fmt: skip
_OWN: Final = ("serial", "udid", "model", "model_number", "product_type", "os_version", "build")
_PROBE: Final = ("stapled", "ocsp_status", "verify_code", "protocol", "issuer", "expired")
_ANY: Final = frozenset({"profile_uuid", "server_id"})
"""Identifiers that many devices share: they are no other device's."""


def lines(traced: "Resolved", number: int, audience: Audience, *, redact: bool) -> Iterator[str]:
    """The ticket about the device with this number among those of the case."""
    device = traced.devices[number]
    verdict, skipped = traced.judged(number)
    state = states.build(device, traced.context, traced.as_of)
    facts = [fact for fact in _timeline.facts_of(device, state) if fact.kind != "known" or fact.at is not None]
    taken = [fact for fact in facts if audience.takes(fact)]
    findings = [finding for finding in verdict.findings if audience.minds(finding)]
    names = [key for key in _IDENTITIES.union(_OWN) if not kind_of(key)]
    each_attrs = (device.attrs, *(fact.attrs for fact in facts))
    own = list(dict.fromkeys([device.serial, *(attrs[key] for attrs in each_attrs for key in names if key in attrs)]))
    hide = _redactor(traced, own, audience, redact=redact)
    shown = Shown(hide, own, addresses="address" not in audience.hides) if redact else None
    ticket = _Ticket(traced, skipped, verdict, device, state, audience, taken, findings, hide, shown)
    for line in ticket.lines(len(facts) - len(taken)):
        yield plain(line)


def _redactor(traced: "Resolved", named: Iterable[str], audience: Audience, *, redact: bool) -> Redactor:
    """What hides what this audience must not see of the case, and nothing by which the device itself is `named`."""
    own = set(map(canonical, named))
    others: set[str] = set()
    words: list[tuple[str, str]] = []
    for each in traced.devices if redact else ():
        others.add(canonical(each.serial))
        for attrs in (each.attrs, *(fact.attrs for fact in each.facts)):
            others.update(canonical(value) for key, value in attrs.items() if key in _IDENTITIES - _ANY)
            words += [(value, kind) for key, value in attrs.items() if (kind := kind_of(key))]
    kinds = audience.hides if redact else ()
    return Redactor(kinds, others=others - own, keep=own, words=words, fold=canonical)


def _some(key: str, values: Sequence[str]) -> list[tuple[str, str]]:
    """The rows of an identifier's values; of very many the number."""
    rows = [(key, each) for each in values[:_NAMED_MAX]]
    return rows if len(values) <= _NAMED_MAX else [*rows, (key, f"and {len(values) - _NAMED_MAX:,} more")]


@dataclass
class _Ticket:
    """The parts of one ticket, in the order in which a receiver reads them."""

    traced: "Resolved"
    skipped: "Sequence[Skipped]"
    verdict: Verdict
    device: Device
    state: states.State
    audience: Audience
    facts: list[Fact]
    findings: list[Finding]
    hide: Redactor
    shown: Shown | None
    """What of a log line is shown; None where nothing is hidden."""

    def __post_init__(self) -> None:
        self.probes = [] if self.audience.side else self._segment()
        self.dated = sorted(
            (fact for fact in self.facts if fact.at is not None),
            key=lambda fact: (fact.at or 0, fact.source, fact.kind, fact.value),
        )
        half = _EVENTS_MAX // 2
        self.ends = [*self.dated[:half], *self.dated[half:][-half:]]
        origins = [fact.origin for fact in (*self.ends, *self.probes)]
        origins += [origin for finding in self.findings for origin in finding.evidence]
        self.places = Places(origins, self.traced.blobs)
        self.screen = Screen(width=100)

    def lines(self, left_out: int) -> Iterator[str]:
        """All lines; `left_out` is how many facts are none of this receiver's."""
        yield from self._head()
        yield from self._part("What we ask", self._asked())
        yield from self._part("Device and identifiers", self._named())
        yield from self._part("What happened (UTC)", self._events())
        yield from self._part("Codes", self._codes())
        if self.probes:
            yield from self._part("TLS of the segment", self._tls())
        yield from self._part("Proof", self._proof())
        yield from self._part("Left out, and why", self._left_out(left_out))

    def _part(self, title: str, inner: Iterable[str]) -> Iterator[str]:
        yield ""
        yield title
        yield from inner

    def _say(self, text: str, indent: str = "  ") -> list[str]:
        return self.screen.sentence(self.hide(text), indent=indent)

    def _head(self) -> Iterator[str]:
        verdict = self.verdict
        came = f"came as far as {verdict.last_rung!r}" if verdict.last_rung else "has reached no step that is proved"
        when = f" at {render(verdict.last_rung_at)}" if verdict.last_rung_at is not None else ""
        if verdict.verdict == "confirmed":
            came, when = "is registered with Apple and enrolled in the MDM", ""
        yield self.hide(f"Automated Device Enrollment: {verdict.serial} {came}{when}")
        yield f"For {self.audience.title}. All times are UTC; as of {render(verdict.as_of)}."
        if verdict.simulated:
            yield "SIMULATED: the lab made this case, there is no such device."

    def _asked(self) -> Iterator[str]:
        verdict, audience = self.verdict, self.audience
        if verdict.verdict == "confirmed":
            yield from self._say("Nothing: both sides confirm this device. What happened on its way stands below.")
            return
        keys = dict.fromkeys(
            finding.cause or finding.layer for finding in self.findings if finding.severity != "info"
        )  # fmt: skip
        asks = [audience.asks[key] for key in keys if key in audience.asks]
        at = [fact.at for fact in self.facts if fact.at is not None]
        begin = min(at, default=self.state.start) or verdict.as_of
        asks.append(
            audience.always.format(
                begin=render(begin), end=render(max([*at, self.state.deadline or 0], default=verdict.as_of))
            )
        )
        for number, ask in enumerate(asks, 1):
            yield from self._say(f"{number}. {ask}")
        yield from (line for text in self._fair() for line in self._say(f"Note: {text}"))

    def _fair(self) -> Iterator[str]:
        """What the evidence does not say against the receiver."""
        verdict, state, audience = self.verdict, self.state, self.audience
        side = audience.side
        if verdict.verdict in {"in_progress", "not_started"}:
            yield "its time was not over when this was judged: it may still come by itself."
        if side and state.sides[side] == "unread":
            yield (
                f"your side was not read ({SIDES[side]} is not in our evidence, or does not reach far enough): "
                "nothing here says that anything failed on it."
            )
        if side == "mdm" and state.sides["apple"] != "confirmed":
            what = "was not read" if state.sides["apple"] == "unread" else "does not show this device"
            yield f"Apple's side {what}; a device that Apple never handed over cannot be in an MDM."
        concerned = {finding.layer for finding in self.findings if finding.severity != "info"}
        if verdict.layer and verdict.layer not in concerned:
            name = layer_name(verdict.layer, verdict.cause or "")
            yield f"what stopped the device first is {name} ({verdict.layer}), which is not yours to mend."
        elif not verdict.layer and not concerned:
            yield "nothing in the evidence proves what stopped it; this asks for facts and blames nobody."

    def _named(self) -> Iterator[str]:
        attrs = {**self.device.attrs, "serial": self.device.serial}
        for fact in self.facts:
            attrs = {**{key: value for key, value in fact.attrs.items() if key in _OWN}, **attrs}
        rows = [(key, attrs[key]) for key in _OWN if attrs.get(key)]
        named = self.verdict.identifiers if self.audience.side == "apple" else ()
        rows += _some("device_identifier", named)
        seen = {*named, *(value for _, value in rows)}
        for key in self.audience.ids:
            values = dict.fromkeys(fact.attrs[key] for fact in self.facts if fact.attrs.get(key))
            rows += _some(key, [each for each in values if each not in seen and each.upper() not in seen])
        if self.audience.side:
            rows += self._server()
        else:
            rows += [(key, attrs[key]) for key in ("site", "staging_host") if attrs.get(key)]
            rows += [("host asked", f"{host}, port 443") for host in sorted(layers.endpoints(self.state))]
            if self.verdict.clock_offset_us is not None:
                rows.append(("clock", f"{self.verdict.clock_offset_us / 1e6:+.3f} s (device − reference)"))
        width = max(len(key) for key, _ in rows)
        for key, value in rows:
            if not (self.shown and kind_of(key)):
                yield self.hide(f"  {key.ljust(width)}  {value}")

    def _server(self) -> Iterator[tuple[str, str]]:
        """What is known of its MDM server: the last sync, and the token."""
        name = self.state.assignment.server
        server = self.traced.context.servers.get(name)
        if not name:
            return
        yield "MDM server", name
        if server is not None and (failure := server.failing()):
            yield "its sync fails", f"{failure.value} since {render(failure.at)}" if failure.at else failure.value
        if server is not None and server.token and (expires := server.token.attrs.get("expires_at")):
            yield "its token expires", expires

    def _events(self) -> Iterator[str]:
        told = [(fact.at or 0, f"{fact.source:<8} {self._told(fact)}") for fact in self.ends]
        if not told:
            yield "  nothing of it is in the evidence"
        if self.state.deadline is not None:
            told.append((self.state.deadline, f"{'':<8} (both confirmations were due)"))
        told.sort()
        half = _EVENTS_MAX // 2
        more = len(self.dated) - len(self.ends) + len(told) - _EVENTS_MAX
        between = [f"  ({count(more, 'more event')} in between)"] if more > 0 else []
        lines = [self.hide(f"  {render(at):<27} {text}") for at, text in told]
        yield from [*lines[:half], *between, *lines[-half:]] if between else lines

    def _told(self, fact: Fact) -> str:
        """A fact with the identifiers that its receiver looks up, and its place."""
        ids = [f"{key}={fact.attrs[key]}" for key in self.audience.ids if fact.attrs.get(key)]
        said = self._value(fact)
        value = f": {said}" if said and said not in {fact.kind, *fact.attrs.values()} else ""
        told = fact.kind.replace("_", " ") + value + (f" ({', '.join(ids)})" if ids else "")
        return f"{told}  [{self.places.where(fact.origin)}]"

    def _codes(self) -> Iterator[str]:
        times: dict[str, list[int]] = {}
        for fact in self.facts:
            for domain, code, word in _CODE.findall(fact.value):
                times.setdefault(word or f"{domain} Code={code}", []).append(fact.at or 0)
            if status := fact.attrs.get("status"):
                times.setdefault(f"{fact.source} status {status}", []).append(fact.at or 0)
        http = {"accepted": "HTTP 202", "response_empty": "HTTP 202 without a device", "response_204": "HTTP 204"}
        for fact in self.facts:
            if fact.kind in http and fact.source in {"log", "capture"}:
                times.setdefault(http[fact.kind], []).append(fact.at or 0)
        for code, at in sorted(times.items(), key=lambda item: (min(item[1]), item[0])):
            known = [each for each in at if each]
            span = "" if not known else f", first {render(min(known))}, last {render(max(known))}"
            yield self.hide(f"  {code}: {count(len(at), 'time')}{span}")
        if not times:
            yield "  none"

    def _segment(self) -> list[Fact]:
        """The probes of the device's own segment that are nearest to its boot."""
        context, attrs = self.traced.context, self.device.attrs
        scopes = (("site", attrs.get("site", "")), ("host", attrs.get("staging_host", "")), ("case", ""))
        found = [
            probe
            for scope in scopes
            for probe in context.nearest(context.probes.get(scope, ()), self.state.start)
        ]  # fmt: skip
        return sorted(found, key=lambda probe: (not trust_problem(probe), probe.attrs.get("endpoint", "")))[
            :_EVENTS_MAX
        ]

    def _tls(self) -> Iterator[str]:
        for probe in self.probes:
            attrs = probe.attrs
            said = [f"{key} {attrs[key]}" for key in _PROBE if attrs.get(key)]
            at = f"{render(probe.at)}  " if probe.at is not None else ""
            host = f"{attrs.get('endpoint', 'a host that is not named')}:{attrs.get('port', '443')}"
            problem = trust_problem(probe)
            yield self.hide(
                f"  {at}{host}  {'PROBLEM: ' + problem if problem else 'no problem found'}  ({', '.join(said)})"
            )
            yield self._cited(probe.origin)

    def _cited(self, origin: Origin, quote: str = "") -> str:
        """Where it stands, and its SHA-256 where the quote is all of it: it tells the rest to who tries all PINs."""
        whole = self.places.complete(origin)
        is_all = plain(quote) == quote and sha256(quote.encode()).hexdigest() == whole.sha256
        return f"      {self.hide(place_of(whole))}{f'  SHA-256 {whole.sha256}' if is_all else ''}"

    def _value(self, fact: Fact) -> str:
        """The value of a fact; of what a log says, what is known to be harmless."""
        return self.shown(fact.value) if self.shown and fact.source == "log" else fact.value

    def _proof(self) -> Iterator[str]:
        read: dict[tuple[str, int | None, int | None], list[Fact]] = {}
        server = self.state.assignment.server
        known = self.traced.context.servers.get(server)
        wider = () if known is None else (*known.syncs, *((known.token,) if known.token else ()))
        for fact in (*self.device.facts, *wider, *self.traced.context.tokens.values()):
            read.setdefault((fact.origin.path, fact.origin.record, fact.origin.offset), []).append(fact)
        ends = {origin for side in SIDES for origin in self.traced.context.side(side, server).origins}
        for finding in self.findings:
            layer = f"{finding.layer} {layer_name(finding.layer, finding.cause)}, " if finding.layer else ""
            text = self.shown(finding.text) if self.shown and finding.kind == "signature" else finding.text
            yield from self._say(f"{layer}{finding.id}, {finding.confidence} %: {text}")
            for origin in finding.evidence:
                own = read.get((origin.path, origin.record, origin.offset), [])
                # Silence cites how far it was read, not what another device did there.
                is_end = origin in ends and (finding.kind == "check" or not own)
                quote = "" if is_end else self._quote(origin, own)
                yield self._cited(origin, quote)
                if is_end:
                    yield "      (read to here, and beyond it nothing)"
                elif quote:
                    yield f"      > {quote}"
        if not self.findings:
            yield "  no finding concerns you; the events above are what there is"

    def _quote(self, origin: Origin, read: list[Fact]) -> str:
        """Of a line of a log what is known to be harmless; of a record what was read of it.

        The other fields of a record have no names in a table, so that nobody can say what must not be seen in them.
        """
        if self.shown is None:
            return self.places.text(origin)
        if origin.by in self.traced.context.weights or any(fact.source == "log" for fact in read):
            return self.shown(self.places.text(origin))
        said = []
        for fact in read:
            attrs = [f"{key}={value}" for key, value in fact.attrs.items() if not kind_of(key)]
            at = f" at {render(fact.at)}" if fact.at is not None else ""
            said.append(f"{fact.kind}{at}{f' {fact.value}' if fact.value else ''} ({', '.join(attrs)})")
        return self.hide("read of it: " + "; ".join(said)) if said else ""

    def _left_out(self, facts: int) -> Iterator[str]:
        others = [finding for finding in self.verdict.findings if finding not in self.findings]
        if others:
            names = ", ".join(dict.fromkeys(finding.layer or finding.id for finding in others))
            yield from self._say(
                f"{count(len(others), 'finding')} that {'do' if len(others) > 1 else 'does'} not concern you: {names}"
            )
        if facts:
            yield f"  {count(facts, 'statement')} about it by other sources, which are none of yours"
        paths = {fact.origin.path for fact in self.device.facts}
        for each in self.skipped:
            if each.path in paths:
                where = each.path if each.line is None else f"{each.path}:{each.line}"
                yield from self._say(f"not used: {where}: {each.reason}")
        hidden = ", ".join(f"{LABELS[kind]} ({number:,})" for kind, number in self.hide.hidden().items())
        if self.shown:
            unknown = f"; of lines of logs {count(self.shown.hidden, 'passage')} that may not be harmless, as […]"
            hidden = (hidden or "nothing by its name") + (unknown if self.shown.hidden else "")
            yield from self._say(f"redacted: {hidden}; a SHA-256 stands where a line is quoted whole, as it is kept")
        else:
            yield "  NOT REDACTED: it may name other devices, people, addresses and secrets"
