"""A look at an endpoint over TLS, live or saved: the same facts, the same findings (SPEC C4)."""

from typing import Final

import msgspec

from abm_trace.checks import tls
from abm_trace.checks.hosts import Hosts, apples
from abm_trace.core.nouns import Fact
from abm_trace.formats.exports import s_client, tls_probe
from abm_trace.gates.looks import Subject, facts
from abm_trace.net.allow import Allow
from abm_trace.net.reach import ReachError, Why
from abm_trace.sources.probes.tls import Plan, TlsRecord, probe
from abm_trace.sources.probes.wall import now_us

DO: Final[dict[Why, str]] = {
    "not_allowed": "Name the host itself.",
    "no_name": "Check the name, and the DNS of this segment: dig HOST",
    "refused": "See whether a firewall lets the port through, and whether the host is right.",
    "timeout": "See whether a firewall drops the port in this segment: abm-trace check network",
    "reset": "A firewall or an inspecting proxy that breaks connections off looks like this: abm-trace check network",
    "closed": "A firewall or an inspecting proxy that closes connections looks like this: abm-trace check network",
    "no_tls": "See what answers there: a captive portal, a proxy, or a server without TLS 1.2.",
    "alert": "The server refuses: it may want a client certificate, or another name.",
    "untrusted": "Name the certificates that it must lead to: --trust ca.pem",
    "proxy": "Have the proxy let CONNECT through to this host.",
    "http": "See what answers there.",
}
"""What to do where somebody is not reached."""


def look(
    plan: Plan,
    allow: Allow,
    kept: list[bytes] | None = None,
    *,
    unreached: list[ReachError] | None = None,
    known: Hosts | None = None,
) -> Subject:
    """One endpoint, seen now; its record is added to `kept`. What keeps it from being seen is the problem, which is
    also added to `unreached`. `known` says who issues for which hosts; Apple's list if it is not given.
    """
    name = str(plan.endpoint)
    try:
        data = probe(plan, allow, now_us)
    except ReachError as error:
        if unreached is not None:
            unreached.append(error)
        return Subject(name, problem=str(error), do=error.hint or DO[error.why])
    if kept is not None:
        kept.append(data)
    found = facts(data, tls_probe.read, f"live:{name}")
    return told(found[0], name, data, known) if found else Subject(name, problem="the handshake says nothing")


def told(probe: Fact, name: str = "", data: bytes = b"", known: Hosts | None = None) -> Subject:
    """What the fact of a handshake says; `data` is the record that it comes from, if it was made now."""
    attrs = probe.attrs
    stapled = attrs.get("stapled")
    staple = attrs.get("ocsp_status") or "unreadable"
    if probe.origin.by == s_client.FORMAT.id:
        staple += " (as it says: its signature is not in a transcript)"
    parts = [
        attrs.get("protocol", "protocol not said"),
        f"verify code {attrs['verify_code']}" if "verify_code" in attrs else "verify code not said",
        f"staple {staple}" if stapled == "yes" else "no staple" if stapled == "no" else "staple not asked for",
        f"issuer {attrs['issuer']}" if "issuer" in attrs else "",
        _times(data) if data else "",
    ]
    endpoint = attrs.get("endpoint", "")
    lacking = [] if "verify_code" in attrs else ["whether the chain holds"]
    lacking += ["whether it staples"] if stapled is None and tls.is_abm(endpoint) else []
    return Subject(
        name or _place(probe),
        ", ".join(filter(None, parts)),
        tuple(tls.check(probe, (known or apples()).expected(endpoint))),
        f"it does not say {', nor '.join(lacking)}" if lacking else "",
        "Ask again: openssl s_client -connect HOST:443 -servername HOST -status -tlsextdebug" if lacking else "",
    )


def _place(probe: Fact) -> str:
    where = f"{probe.origin.path}:{probe.origin.line}" if probe.origin.line else probe.origin.path
    return f"{probe.attrs.get('endpoint', 'an endpoint without a name')} ({where})"


def _times(data: bytes) -> str:
    seen = msgspec.json.decode(data, type=TlsRecord)
    via = f" through {seen.via}" if seen.via else ""
    times = f"DNS {seen.dns_ms:.0f} ms, connect {seen.connect_ms:.0f} ms, TLS {seen.handshake_ms:.0f} ms"
    return f"{seen.address}{via} ({times})"
