"""The network preflight (SPEC C8): what it means that a host of the list is not reached, or that somebody else answers.

Pure: it is given what was looked for and what came of it.
"""

from collections.abc import Mapping
from typing import Final

from abm_trace.checks.hosts import Host, Port
from abm_trace.core.nouns import Finding, Origin

DO: Final[Mapping[str, str]] = {
    "net-no-name": "Have the DNS of this segment resolve it: dig HOST",
    "net-inward": "Find who answers for this name: its DNS answer leads to where Apple is not.",
    "net-blocked": "Have the firewall let it through, without inspection: https://support.apple.com/101555",
    "net-time": "Have the firewall let UDP port 123 out, or point the devices at a time server in the house.",
    "net-captive": "Take this segment out of the captive portal: devices in Setup Assistant cannot sign in to one.",
    "net-proxy": "See that devices in Setup Assistant get the same way out: they do not know this computer's proxy.",
}
"""What to do about each finding."""


def unreached(host: Host, port: Port, why: str, text: str, origin: Origin) -> Finding:
    """That a port of a host is not reached; an enrolment stops only without what it must have."""
    rule = {"no_name": "net-no-name", "not_allowed": "net-inward"}.get(why, "net-time" if port.udp else "net-blocked")
    must = host.need == "must"
    cause = "network_blocked" if must else ""
    said = f"{text} ({host.who}: {host.why})" if host.why else text
    return Finding(rule, "check", "L0" if must else "", _severity(host), 100, (origin,), cause, said)


def one_is_enough(finding: Finding) -> Finding:
    """The same as a note: another port of the host serves as well and is open."""
    return Finding(finding.id, "check", "", "note", 100, finding.evidence, "", f"{finding.text}; another port is open")


def captive(status: int, headers: Mapping[str, str], body: bytes, says: str, origin: Origin) -> Finding | None:
    """Whether somebody else answers for the page that says `says`; None where it is the page."""
    if status == 200 and says.encode() in body:
        return None
    if 300 <= status < 400:
        text = f"a captive portal: redirected ({status}) to {headers.get('location', 'nowhere')[:200]}, not followed"
    else:
        text = f"a captive portal, or another page in place of the one that says {says} (status {status})"
    return Finding("net-captive", "check", "L0", "error", 95, (origin,), "network_blocked", text)


def proxied(proxy: str, origin: Origin) -> Finding:
    """That this computer's environment names a proxy, which a device does not know."""
    text = f"the environment of this computer names a proxy, {_without_secret(proxy)}"
    return Finding("net-proxy", "check", "", "warning", 100, (origin,), "", text)


def _severity(host: Host) -> str:
    return "error" if host.need == "must" else "warning"


def _without_secret(proxy: str) -> str:
    """The proxy without the name and password that may stand in it."""
    scheme, mark, rest = proxy.rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"[:200]
