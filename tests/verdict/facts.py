"""Devices built fact by fact: what each source would say, in seconds after the boot, and how far each side was read."""

from collections.abc import Iterable, Mapping
from typing import Final

from abm_trace import signatures
from abm_trace.core import instants
from abm_trace.core.instants import SECOND, parse
from abm_trace.core.nouns import Device, Fact, Origin, Verdict
from abm_trace.verdict import Context, Reach, judge, thresholds
from abm_trace.verdict import build as build_context

BOOT_AT: Final = parse("2026-05-17T03:47:00Z")
SERIAL: Final = "F9FXQ1ABCD"
HOUR: Final = 3600.0
DAY: Final = 24 * HOUR
ATTRS: Final = {
    "serial": SERIAL,
    "site": "clinic-01",
    "staging_host": "mac-01",
    "region": "us-east",
    "token_id": "tok_us",
}
ENDPOINT: Final = "us-east.abm.apple.com"
WEIGHTS: Final = {rule.id: (rule.confidence, rule.level) for rule in signatures.load()[0]}
UNREAD: Final = None


def at(second: float) -> int:
    """The instant so many seconds after the boot."""
    return BOOT_AT + round(second * SECOND)


def fact(
    kind: str,
    second: float | None,
    source: str,
    value: str = "",
    *,
    by: str = "",
    layer: str = "",
    cause: str = "",
    **attrs: str,
) -> Fact:
    """Any fact; its origin is a place of its own in a file of its source."""
    offset = 0 if second is None else abs(round(second * 1000))
    origin = Origin(f"{source}/{kind}.txt", by or source, offset, 40, offset + 1, None, f"{offset:064x}")
    return Fact(kind, None if second is None else at(second), source, value, attrs, origin, layer, cause)


def log(
    kind: str, second: float, value: str = "", *, by: str = "", layer: str = "", cause: str = "", **attrs: str
) -> Fact:
    """A fact of the device's own log."""
    return fact(kind, second, "log", value, by=by or kind, layer=layer, cause=cause, **attrs)


def booted(second: float = 0) -> Fact:
    """The first line of a capture."""
    return log("booted", second, "first line of its capture", by="article")


def asked(second: float = 5, endpoint: str = ENDPOINT) -> Fact:
    """`Sending enrollment request to https://ENDPOINT/…`."""
    return log("requested", second, by="sending-enrollment-request", endpoint=endpoint)


def recorded(second: float = 5, request: str = "req_1", identifier: str = "") -> Fact:
    """Audit `device_enrollment_requested`."""
    named = {"request_id": request, "device_identifier": identifier}
    return fact("requested", second, "audit", **{name: value for name, value in named.items() if value})


def accepted(second: float = 8, request: str = "req_1") -> Fact:
    """A 202 with a requestId that names the device."""
    return log("accepted", second, by="abm-response-202", request_id=request)


def empty(second: float = 8) -> tuple[Fact, ...]:
    """A 202 with a requestId and without a device."""
    empty_answer = log("response_empty", second, by="abm-response-202-empty", layer="L2", request_id="req_1")
    return accepted(second), empty_answer


def no_content(second: float = 8) -> Fact:
    """A 204."""
    return log("response_204", second, by="abm-response-204", layer="L4")


def unstable(second: float = 8) -> Fact:
    """`ABMErrorDomain Code=4001`."""
    return log("error", second, "Code=4001", by="abm-identifier-rejected", layer="L6")


def untrusted(second: float = 8) -> Fact:
    """`TLS handshake failed: unknown issuer`."""
    return log("error", second, "unknown issuer", by="tls-handshake-trust", layer="L1")


def untimely(second: float = 8) -> Fact:
    """`TLS handshake failed: certificate is not valid at device time`."""
    return log("error", second, "not valid at device time", by="tls-handshake-time", layer="L3")


def methodless(second: float = 2) -> Fact:
    """`enrollmentMethod=none`."""
    return log("method_none", second, by="enrollment-method-none", layer="L5")


def reset(second: float = 8) -> Fact:
    """`TLS handshake failed: connection reset by peer`."""
    return log("tls_failed", second, "connection reset by peer", by="tls-handshake-other")


def clock(offset_s: float, second: float = 4) -> Fact:
    """A row of the clock CSV for the device."""
    return fact("clock_offset", second, "clock", str(offset_s), offset=str(offset_s))


def pending(second: float = 5) -> Fact:
    """`pending` in ABM's list since then."""
    return fact("pending", second, "abm")


def registered(second: float = 12) -> Fact:
    """Audit `device_registered`."""
    return fact("registered", second, "audit")


def rejected(reason: str, second: float = 9) -> Fact:
    """Audit `device_enrollment_rejected`."""
    return fact("rejected", second, "audit", reason)


def enrolled(second: float = 30) -> Fact:
    """An MDM record that is enrolled by ABM."""
    return fact("enrolled", second, "mdm", method="abm", token_id="tok_us")  # noqa: S106  # The id of a made-up token.


def by_hand(second: float = 30) -> Fact:
    """An MDM record that was made by hand."""
    return fact("enrolled_by_hand", second, "mdm", method="manual")


def profile(**keys: str) -> Fact:
    """A decoded enrolment profile with these keys."""
    return fact("enrolment_profile", None, "profile", **keys)


def token(name: str = "tok_us", region: str = "us-east", expires_s: float = 30 * DAY) -> Fact:
    """A token, which expires so long after the boot."""
    return fact("token", None, "token", name, region=region, expires_at=instants.render(at(expires_s)))


def probe(second: float | None = -HOUR, /, *, endpoint: str = ENDPOINT, **says: str) -> Fact:
    """A TLS probe; without more words it found everything good."""
    return fact("tls_probe", second, "tls", **{"endpoint": endpoint, "stapled": "yes", "verify_code": "0", **says})


def known() -> Fact:
    """The device's row of the manifest."""
    return fact("known", None, "manifest", **ATTRS)


def device(*facts: Fact, attrs: Mapping[str, str] = ATTRS, conflicts: tuple[Fact, ...] = ()) -> Device:
    """A device of the manifest with these facts."""
    return Device(SERIAL, attrs, (known(), *facts), conflicts)


def context(
    *,
    apple: float | None = HOUR,
    mdm: float | None = HOUR,
    interval_s: float = 0,
    wide: Iterable[tuple[str, str, Fact]] = (),
) -> Context:
    """A case in which each side was read up to so many seconds after the boot, or (UNREAD) not at all."""
    reach = {
        side: (Reach(at(until), round(interval_s * SECOND), (Origin(f"{side}.json", side, 0, 9, 1, 0, "a" * 64),)),)
        for side, until in (("apple", apple), ("mdm", mdm))
        if until is not None
    }
    return build_context(wide, reach, thresholds(), WEIGHTS)


def judged(*facts: Fact, as_of: float = HOUR, case: Context | None = None, attrs: Mapping[str, str] = ATTRS) -> Verdict:
    """The verdict of a device with these facts so many seconds after the boot; both sides were read up to then."""
    return judge(device(*facts, attrs=attrs), case or context(apple=as_of, mdm=as_of), at(as_of))


def where(verdict: Verdict) -> tuple[str, str | None]:
    """Verdict and layer."""
    return verdict.verdict, verdict.layer
