"""Findings about the servers that a payload names, which a handshake makes (--staple): those of `check tls`."""

from typing import Final

from abm_trace.checks.payload._interface import Rule
from abm_trace.checks.payload.endpoints import NOT_KNOWN
from abm_trace.checks.tls import DO

_BREAKS: Final = "A device that is sent there breaks the handshake off, before anything is logged or asked."
_MILDER: Final = "Elsewhere than at an ABM endpoint (*.abm.apple.com) it is"

# Rule: layer, title, what it means.
_TLS: Final = {
    "tls-expired": ("L1", "A certificate of the endpoint has expired", _BREAKS),
    "tls-not-yet-valid": (
        "L3",
        "The endpoint's certificate is not yet valid",
        "So this computer's clock has it: either that clock is wrong, or the certificate is of the future.",
    ),
    "tls-issuer-unknown": (
        "L1",
        "The endpoint's chain leads to nobody who is trusted",
        f"{_BREAKS} Certificates that the payload itself brings count, those of --tls-trust, and this computer's own.",
    ),
    "tls-issuer-unexpected": (
        "L1",
        "One of Apple's hosts is issued by somebody else",
        "This computer has the root of an inspecting proxy; a new device has not, and breaks the handshake off.",
    ),
    "tls-chain": ("L1", "The endpoint's chain does not hold", _BREAKS),
    "tls-wrong-name": ("L1", "The endpoint's certificate is for another name", _BREAKS),
    "tls-wrong-purpose": ("L1", "The endpoint's certificate is not one for servers", _BREAKS),
    "tls-revoked": ("L1", "The endpoint's certificate is revoked", _BREAKS),
    "tls-no-staple": (
        "L1",
        "The endpoint staples no OCSP answer",
        f"{_MILDER} a note: most servers do not staple, and Apple's clients do not demand it.",
    ),
    "tls-staple-bad": (
        "L1",
        "The endpoint's OCSP answer cannot be believed",
        f"It is damaged, for another certificate, or not signed by its issuer. {_MILDER} a warning.",
    ),
    "tls-staple-stale": ("L1", "The endpoint's OCSP answer has run out", f"{_MILDER} a warning."),
    "tls-staple-unknown": (
        "L1",
        "The endpoint's OCSP answer does not know its certificate",
        f"Its responder cannot say whether it is revoked. {_MILDER} a warning.",
    ),
    "tls-old-protocol": ("L1", "The endpoint speaks an old TLS", "Devices speak TLS 1.2 and 1.3."),
}

_DO: Final = {
    "tls-issuer-unknown": "Put the root into the payload, or name it with --tls-trust; if the issuer is an inspecting "
    "proxy, take the endpoint out of its way.",
}

RULES: Final = (
    *(
        Rule(
            id=name,
            title=title,
            severity="error",
            layer=layer,
            means=means,
            do=_DO.get(name, DO[name]).rstrip(".") + ".",
            source="SPEC C4 and L1; a handshake from this computer, now (--staple)",
        )
        for name, (layer, title, means) in _TLS.items()
    ),
    Rule(
        id=NOT_KNOWN,
        title="The endpoint could not be looked at",
        severity="note",
        source="ours: silence is never read as failure, nor as success",
        means="No handshake came about, so nothing is known of its staple and chain. If nothing else is wrong, the "
        "exit code is 3.",
        do="See from here what keeps it away: abm-trace check network HOST.",
    ),
)
