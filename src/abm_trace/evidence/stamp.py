"""Time stamps of checkpoints by an outside authority (RFC 3161): the question, and what its answer is worth."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import ClassVar, Final

from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from abm_trace.core import instants
from abm_trace.evidence.errors import EvidenceError, FormatError, RefusedError

ANSWER_BYTES_MAX: Final = 256 * 1024
APART: Final = 300 * instants.SECOND
"""How far the clocks of an authority, of a log, and of who looks may be apart. Origin: ours."""


_DAMAGED: Final = (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
"""What readers of DER raise for bytes that are not what they seem."""


_BAD_CERTIFICATE: Final = (
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)


class _Answer(core.Sequence):  # type: ignore[misc]  # asn1crypto has no types.
    """RFC 3161, 2.4.2: without a token where the authority refuses, which asn1crypto's own class does not read."""

    _fields: ClassVar = [
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


_AS_IT_CAME: Final = "Give the authority's answer as it came (DER), whole: no page of a server, and no text."
_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]{0,17})){1,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an authority says: that it saw these bytes (`digest`, SHA-256) at this time (µs UTC). Not yet verified.

    `nonce` is that of the question (None: it has none), `policy` what it stamped under, an OID.
    """

    at: int
    digest: bytes
    authority: str
    answer: bytes
    nonce: int | None
    policy: str


def question(data: bytes, nonce: int, policy: str = "") -> bytes:
    """The query (a .tsq file) for a stamp over `data`, under this policy (an OID) if one is named.

    Raises FormatError for a policy that is no OID.
    """
    fields = {
        "version": "v1",
        "message_imprint": _imprint(hashlib.sha256(data).digest()),
        "nonce": nonce,
        "cert_req": True,
    }
    if policy and not _OID.fullmatch(policy):
        raise FormatError(f"{policy[:80]!a}: is no OID", hint="Example: 1.3.6.1.4.1.13762.3")
    fields |= {"req_policy": policy} if policy else {}
    return tsp.TimeStampReq(fields).dump()  # type: ignore[no-any-return]  # asn1crypto has no types.


def _imprint(digest: bytes) -> tsp.MessageImprint:
    return tsp.MessageImprint(
        {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": digest}
    )


def parse(answer: bytes) -> Stamp:
    """What an answer (a .tsr file) says. Raises FormatError if it is none, or a refusal."""
    if len(answer) > ANSWER_BYTES_MAX:
        text = f"a time stamp answer of {len(answer):,} bytes; at most {ANSWER_BYTES_MAX:,} are read"
        raise FormatError(text, hint=_AS_IT_CAME)
    try:
        response = _Answer.load(answer, strict=True)
        status = response["status"]["status"].native
        if status != "granted":
            text = response["status"]["status_string"].native
            raise FormatError(f"the authority refused: {status} {text!a}")
        info = response["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        if imprint["hash_algorithm"]["algorithm"].native != "sha256":
            raise FormatError("the time stamp is not over a SHA-256")
        at = instants.from_datetime(info["gen_time"].native, UTC)
        authority = info["tsa"].native
        digest = imprint["hashed_message"].native
        name = _name(authority, response)
        return Stamp(at, digest, name, answer, info["nonce"].native, info["policy"].dotted)
    except _DAMAGED as error:
        raise FormatError(f"is no time stamp answer: {_short(error)}", hint=_AS_IT_CAME) from error


def _name(authority: object, response: "_Answer") -> str:
    """Who says it of itself: the name in the stamp, else the serial number of its certificate; nothing unprintable."""
    if isinstance(authority, dict):
        text = ", ".join(f"{key}={value}" for key, value in authority.items())
        return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
    signer = response["time_stamp_token"]["content"]["signer_infos"][0]["sid"].chosen
    return f"certificate {signer['serial_number'].native:x}"


def answers(stamp: Stamp, nonce: int, policy: str = "") -> None:
    """Whether the stamp answers the question with this nonce and policy (RFC 3161, 2.4.2). Raises RefusedError."""
    if stamp.nonce != nonce:
        raise RefusedError("the time stamp answers another question: its nonce is not the one that was sent")
    if policy and stamp.policy != policy:
        raise RefusedError(f"the time stamp is under the policy {stamp.policy}, and {policy} was asked for")


def check(stamp: Stamp, data: bytes, roots: Sequence[x509.Certificate]) -> None:
    """Whether an authority under one of the roots stamped `data`.

    Raises RefusedError if not, EvidenceError if the library for it is not installed.
    """
    if stamp.digest != hashlib.sha256(data).digest():
        raise RefusedError("the time stamp is over other bytes than this checkpoint")
    try:
        import rfc3161_client  # noqa: PLC0415  # An extra, which few need.
    except ImportError as error:
        raise EvidenceError(
            "time stamps cannot be checked: rfc3161-client is not installed",
            hint="Install it: pip install 'abm-trace[stamp]'; or check by hand: docs/verify-by-hand.md",
        ) from error
    builder = rfc3161_client.VerifierBuilder()
    for root in roots:
        builder = builder.add_root_certificate(root)
    try:
        builder.build().verify_message(rfc3161_client.decode_timestamp_response(_sorted(stamp.answer)), data)
    except (rfc3161_client.VerificationError, *_BAD_CERTIFICATE, *_DAMAGED) as error:
        raise RefusedError(
            f"the time stamp is not of an authority that is trusted: {_short(error)}",
            hint="Give the root certificate of the authority that was asked: --tsa-ca FILE",
        ) from error


def _short(error: Exception) -> str:
    """What a library says, without the list of errors that OpenSSL hands on: the last reason in it."""
    reasons: list[str] = re.findall(r'reason: "([^"]*)"', str(error))
    text = str(error).partition("ErrorStack")[0].rstrip(" :([") if "ErrorStack" in str(error) else str(error)
    return ": ".join(each for each in (ascii(text)[1:-1][:200], *reasons[-1:]) if each)


def _sorted(answer: bytes) -> bytes:
    """The answer with its set of certificates in DER's order, which OpenSSL does not keep and the library asks for."""
    certificates = _Answer.load(answer)["time_stamp_token"]["content"]["certificates"]
    if not certificates:
        return answer
    in_order = b"".join(sorted(each.dump() for each in certificates))
    return answer.replace(certificates.contents, in_order, 1)


def accept(answer: bytes, data: bytes, roots: Sequence[x509.Certificate], *, now: int, signed_at: int) -> Stamp:
    """The stamp of an answer that is worth keeping: verified, and neither of the future nor older than the log.

    `signed_at` is the latest time of an entry under the checkpoint. Raises EvidenceError.
    """
    stamp = parse(answer)
    check(stamp, data, roots)
    if stamp.at > now + APART:
        raise RefusedError(f"the time stamp is of the future: {instants.render(stamp.at)}", hint="Check the clocks.")
    if stamp.at < signed_at - APART:
        newest = instants.render(signed_at)
        raise RefusedError(
            f"the time stamp of {instants.render(stamp.at)} is older than the newest entry, {newest}",
            hint="One of the two clocks is wrong; nothing was kept.",
        )
    return stamp
