"""CMS signatures around profiles."""

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

from abm_trace.checks.payload._interface import Asked, Complaint, Rule
from abm_trace.checks.payload.document import Document, Signer

if TYPE_CHECKING:
    from cryptography import x509


def _cms_unsigned(document: Document, asked: Asked) -> Iterator[Complaint]:
    """One complaint where there is no CMS message, or one that nobody signed."""
    if document.kind == "profile" and (document.envelope is None or not document.envelope.signers):
        text = "the profile is not signed" if document.envelope is None else "the CMS message has no signer"
        severity = "error" if asked.signed else "note" if document.envelope is None else "warning"
        yield Complaint("", text, severity=severity)


CMS_UNSIGNED = Rule(
    id="cms-unsigned",
    title="The profile is not signed",
    severity="note",
    source="Apple, Configuring multiple devices using profiles",
    means="Nobody can tell whether it was changed on its way. A device takes it and shows it as not signed. With "
    "--require-signed this is an error.",
    do="Sign it: `openssl cms -sign -nodetach -outform DER -signer CERT -inkey KEY -in FILE`.",
    find=_cms_unsigned,
)


def _cms_signature(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a signer."""
    for signer in document.envelope.signers if document.envelope else ():
        if signer.problem:
            yield Complaint("", signer.problem)


CMS_SIGNATURE = Rule(
    id="cms-signature",
    title="The CMS signature does not hold",
    severity="error",
    source="RFC 5652 section 5.4; MCProfileErrorDomain 1004",
    means="The profile was changed after it was signed, or its signer is not who it says. A device refuses it.",
    do="Fetch it again from who signed it, compare it with what was sent (--diff), and sign it anew.",
    layer="L0",
    cause="profile_rejected",
    find=_cms_signature,
)


def _cms_expired(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a signer."""
    now = asked.now
    for signer in document.envelope.signers if document.envelope else ():
        certificate = signer.certificate
        if certificate is None:
            continue
        first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if now > last:
            text = f"the signer's certificate expired {last:%Y-%m-%d %H:%M:%S} UTC"
        elif now < first:
            text = f"the signer's certificate is not valid before {first:%Y-%m-%d %H:%M:%S} UTC"
        else:
            continue
        strict = asked.strict_trust or asked.signed or _was_never_good(signer)
        yield Complaint("", text, severity="error" if strict else "")


def _was_never_good(signer: Signer) -> bool:
    """Whether the signer's own word on the time of signing lies outside the certificate's."""
    held, at = signer.certificate, signer.signed_at
    return bool(held and at and not held.not_valid_before_utc <= at <= held.not_valid_after_utc)


CMS_EXPIRED = Rule(
    id="cms-expired",
    title="The signer's certificate is not valid now",
    severity="warning",
    source="RFC 5280 section 4.1.2.5",
    means="A device still takes the profile and shows it as not verified. With --trust or --require-signed, or where "
    "it was signed outside the certificate's time, this is an error.",
    do="Renew the certificate and sign the profile again.",
    find=_cms_expired,
)


def _cms_chain(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a signer whose chain does not hold at the time when its own certificate did."""
    for signer in document.envelope.signers if document.envelope else ():
        if signer.certificate is None:
            continue
        if asked.trust is None:
            severity = "error" if asked.signed else "note"
            yield Complaint("", "the chain was not checked: no trusted certificates are at hand", severity=severity)
            return
        others = document.envelope.certificates if document.envelope else ()
        if why := asked.trust.why(signer.certificate, others, _moment(signer.certificate, signer, asked.now)):
            text = f"the chain of {_named(signer.certificate)} ends at none of {asked.trust.name}: {why}"
            yield Complaint("", text, severity="error" if asked.strict_trust or asked.signed else "")


def _moment(certificate: "x509.Certificate", signer: Signer, now: datetime) -> datetime:
    """Now, while the certificate is valid; else when it was signed, else its last valid second: an expired signer is
    a finding of its own, and says nothing of the chain.
    """
    first, last = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return next((at for at in (now, signer.signed_at) if at and first <= at <= last), last)


def _named(certificate: "x509.Certificate") -> str:
    return certificate.subject.rfc4514_string()[:120] or "a signer without a name"


CMS_CHAIN = Rule(
    id="cms-chain",
    title="The signer is nobody who is trusted",
    severity="warning",
    source="RFC 5280 section 6",
    means="A device takes the profile and shows it as not verified, unless it has the signer's root. This computer's "
    "own roots are not the device's, so without --trust FILE (or --require-signed) this is a warning. Where this "
    "computer has none it is a note: the chain was not checked.",
    do="Put the certificates between the signer and its root into the CMS message (openssl cms -certfile), and name "
    "the root with --trust FILE.",
    find=_cms_chain,
)


def _cms_weak_digest(document: Document, asked: Asked) -> Iterator[Complaint]:
    """A complaint a signer."""
    for signer in document.envelope.signers if document.envelope else ():
        if signer.digest in {"md5", "sha1"}:
            yield Complaint("", f"the digest is {signer.digest}")


CMS_WEAK_DIGEST = Rule(
    id="cms-weak-digest",
    title="The CMS signature rests on a weak digest",
    severity="warning",
    source="NIST SP 800-131A: MD5 and SHA-1 are no longer to be used for signatures",
    means="Another profile with the same digest, and so the same signature, can be made.",
    do="Sign with SHA-256 (openssl cms -md sha256).",
    find=_cms_weak_digest,
)


RULES: Final = (CMS_UNSIGNED, CMS_SIGNATURE, CMS_EXPIRED, CMS_CHAIN, CMS_WEAK_DIGEST)
