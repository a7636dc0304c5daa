"""The TLS check (SPEC C4): what a handshake shows of an endpoint's staple, chain and protocol, live or saved.

Pure: it is given the fact of a probe or a transcript, which are the same, and gives findings.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from abm_trace.core.nouns import Fact, Finding

ABM_DOMAIN: Final = ".abm.apple.com"

DO: Final[Mapping[str, str]] = {
    "tls-expired": "Have whoever runs the endpoint, or the proxy before it, renew the certificate or its chain.",
    "tls-not-yet-valid": "Check this computer's clock first: abm-trace check clock",
    "tls-issuer-unknown": "Where a proxy inspects it, take the endpoint out: Apple services fail what is inspected. "
    "Where it is the server's own, have it serve its whole chain, or name its root: --trust FILE",
    "tls-issuer-unexpected": "Take the endpoint out of TLS inspection; if its issuer is right, name it in hosts.toml.",
    "tls-chain": "Have the endpoint's chain mended; see it with: openssl s_client -connect HOST:443 -showcerts",
    "tls-wrong-name": "See where the name leads: a wrong DNS answer, a captive portal, a server set up wrong.",
    "tls-wrong-purpose": "Have the certificate replaced by one for servers (serverAuth).",
    "tls-revoked": "Stage nothing against it: have the certificate replaced.",
    "tls-no-staple": "Have OCSP stapling turned on, or the proxy that strips it taken out of the way.",
    "tls-staple-stale": "Have the endpoint fetch a new OCSP answer: a proxy or a cache serves an old one.",
    "tls-staple-bad": "Find who made this OCSP answer: it does not come from the certificate's issuer.",
    "tls-staple-unknown": "Ask the certificate's issuer: its responder does not know the certificate.",
    "tls-old-protocol": "Turn TLS 1.2 and 1.3 on, and what is older off.",
}
"""What to do about each finding."""

# From: openssl-verification-options(1), x509_vfy.h.
_UNKNOWN_ISSUER: Final = {
    "2": "its issuer was not served and is not trusted here",
    "18": "it signed itself",
    "19": "its chain ends at a root that is not trusted here",
    "20": "its issuer is not trusted here",
    "21": "its issuer was not served and is not trusted here",
}
_FUTURE: Final = "it is made in the future"
"""How the probe begins where an answer is of a later time than this computer's."""

_OLD: Final = frozenset({"SSLv2", "SSLv3", "TLSv1", "TLSv1.0", "TLSv1.1"})


def check(probe: Fact, expected: tuple[str, ...] = ()) -> list[Finding]:
    """What is wrong with an endpoint, the worst first; nothing for one that is sound.

    `expected` are words of which the issuer must hold one, where it is known who issues for that host.
    """
    order = {"error": 0, "warning": 1, "note": 2}
    found = [
        Finding(rule, "check", layer, severity, 100, (probe.origin,), text=text, at=probe.at)
        for rule, layer, severity, text in (*_chain(probe.attrs, expected), *_staple(probe.attrs))
    ]
    return sorted(found, key=lambda each: order[each.severity])


def is_abm(endpoint: str) -> bool:
    """Whether a host is one of the guide's ABM endpoints, which must staple."""
    return endpoint.endswith(ABM_DOMAIN)


_Said = tuple[str, str, str, str]


def _chain(attrs: Mapping[str, str], expected: tuple[str, ...]) -> Iterator[_Said]:
    code, issuer = attrs.get("verify_code") or "0", attrs.get("issuer", "") or "an issuer without a name"
    if expired := attrs.get("expired"):
        yield "tls-expired", "L1", "error", f"expired in the chain: {expired}"
    elif code == "10":
        yield "tls-expired", "L1", "error", "a certificate of the chain has expired (verify code 10)"
    if code == "9":
        yield "tls-not-yet-valid", "L3", "error", "the certificate is not yet valid (verify code 9)"
    elif code in _UNKNOWN_ISSUER:
        text = f"{_UNKNOWN_ISSUER[code]} (verify code {code}); issuer seen: {issuer}"
        yield "tls-issuer-unknown", "L1", "error", text
    elif code == "23":
        yield "tls-revoked", "L1", "error", "the certificate is revoked (verify code 23)"
    elif code == "26":
        yield "tls-wrong-purpose", "L1", "error", "the certificate is not one for servers (verify code 26)"
    elif code == "62":
        yield (
            "tls-wrong-name",
            "L1",
            "error",
            f"the certificate is for another name (verify code 62); issuer seen: {issuer}",
        )
    elif code not in {"0", "10"}:
        yield "tls-chain", "L1", "error", f"the chain does not hold (verify code {code})"
    elif expected and not any(word.casefold() in issuer.casefold() for word in expected):
        text = f"trusted here, but not issued by {' or '.join(expected)}; issuer seen: {issuer}"
        yield "tls-issuer-unexpected", "L1", "error", text
    if attrs.get("protocol") in _OLD:
        yield "tls-old-protocol", "L1", "error", f"it speaks {attrs['protocol']}"


def _staple(attrs: Mapping[str, str]) -> Iterator[_Said]:
    """Only an ABM endpoint must staple; elsewhere a missing staple is ordinary, a false one is still odd."""
    abm = is_abm(attrs.get("endpoint", ""))
    odd = "error" if abm else "warning"
    status = attrs.get("ocsp_status", "").casefold()
    if attrs.get("stapled") == "no":
        yield "tls-no-staple", "L1" if abm else "", "error" if abm else "note", "no OCSP answer is stapled"
        return
    if status == "revoked":
        yield "tls-revoked", "L1", "error", "the stapled OCSP answer says revoked"
    elif status == "unknown":
        yield "tls-staple-unknown", "L1", odd, "the stapled OCSP answer says that it does not know the certificate"
    if error := attrs.get("staple_error"):
        layer = "L3" if error.startswith(_FUTURE) else "L1"  # As of a certificate that is not yet valid.
        yield "tls-staple-bad", layer, odd, f"the stapled OCSP answer cannot be believed: {error}"
    if stale := attrs.get("staple_stale"):
        yield "tls-staple-stale", "L1", odd, f"the stapled OCSP answer ran out at {stale}"
