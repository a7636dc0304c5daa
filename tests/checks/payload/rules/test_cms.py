"""Signatures: each way in which one can be wrong is a finding of its own, as bad as it is."""

from typing import Any

import pytest
from tests.checks.payload import building
from tests.checks.payload.building import Signer, check, found, signer

from abm_trace.checks.payload import Trust

PROFILE = building.written("profile", {})
ROOT = signer("root", authority=True)
GOOD = signer("good", ROOT)
EXPIRED = signer("expired", ROOT, days=(-300, -1))
STRANGER = signer("stranger", signer("another root", authority=True))


def findings(
    by: Signer | None,
    data: bytes = b"",
    *,
    plain: bool = False,
    **options: Any,  # noqa: ANN401  # Whatever Asked takes.
) -> list[tuple[str, str]]:
    """(severity, rule) of what is found in the profile, signed by somebody."""
    signed = by.sign(PROFILE, plain=plain) if by else PROFILE
    return [(severity, name) for severity, name, _ in found(check(data or signed, **options), but=())]


def trust(*, strict: bool) -> dict[str, Any]:
    """Trust in the root, named for this or this computer's own."""
    return {"trust": ROOT.trust(), "strict_trust": strict}


@pytest.mark.parametrize("options", [trust(strict=True), trust(strict=False), trust(strict=True) | {"signed": True}])
def test_good(options: dict[str, Any]) -> None:
    """If this failed, a sound signature would be a finding."""
    assert findings(GOOD, **options) == []


def test_unsigned() -> None:
    """If this failed, nobody could ask for signatures, or everybody would have to."""
    assert findings(None) == [("note", "cms-unsigned")]
    assert findings(None, signed=True) == [("error", "cms-unsigned")]


def test_nobody_signed() -> None:
    """If this failed, a CMS message without a signer would pass for a signed profile."""
    from asn1crypto import cms  # noqa: PLC0415  # It makes what cryptography cannot.

    message = cms.ContentInfo.load(GOOD.sign(PROFILE))
    message["content"]["signer_infos"] = cms.SignerInfos([])
    assert findings(None, message.dump(force=True)) == [("warning", "cms-unsigned")]


@pytest.mark.parametrize("options", [trust(strict=True), trust(strict=False), {}])
def test_changed(options: dict[str, Any]) -> None:
    """If this failed, a profile that was changed on its way would pass."""
    changed = GOOD.sign(PROFILE).replace(b"org.example.profile<", b"org.example.another<")
    assert ("error", "cms-signature") in findings(None, changed, **options)


def test_signer_left_out() -> None:
    """If this failed, a message that does not hold its signer's certificate would pass unverified."""
    from asn1crypto import cms  # noqa: PLC0415  # As above.

    message = cms.ContentInfo.load(GOOD.sign(PROFILE))
    message["content"]["certificates"] = cms.CertificateSet([])
    assert findings(None, message.dump(force=True), **trust(strict=True)) == [("error", "cms-signature")]


def test_stranger() -> None:
    """If this failed, anybody's signature would do; or a private root would be an error without being asked for."""
    assert findings(STRANGER, **trust(strict=True)) == [("error", "cms-chain")]
    assert findings(STRANGER, **trust(strict=False)) == [("warning", "cms-chain")]
    assert findings(STRANGER, **trust(strict=False), signed=True) == [("error", "cms-chain")]


def test_no_trust_at_hand() -> None:
    """If this failed, a chain that was not checked would pass for one that holds, or that does not."""
    assert findings(GOOD) == [("note", "cms-chain")]
    assert findings(GOOD, signed=True) == [("error", "cms-chain")]


def test_expired() -> None:
    """If this failed, an expired signer could not be told from a stranger."""
    # Signed without a time: nothing says that it was not valid then.
    assert findings(EXPIRED, plain=True, **trust(strict=False)) == [("warning", "cms-expired")]
    assert findings(EXPIRED, plain=True, **trust(strict=True)) == [("error", "cms-expired")]
    # Signed now, by its own word, which is after its end.
    assert findings(EXPIRED, **trust(strict=False)) == [("error", "cms-expired")]


def test_not_yet_valid() -> None:
    """If this failed, a certificate of tomorrow would pass today."""
    early = signer("early", ROOT, days=(1, 3650))
    assert findings(early, plain=True, **trust(strict=False)) == [("warning", "cms-expired")]


def test_expired_stranger() -> None:
    """If this failed, the end of a certificate would hide that nobody trusts it."""
    both = signer("both", signer("another root", authority=True), days=(-300, -1))
    assert findings(both, plain=True, **trust(strict=True)) == [("error", "cms-expired"), ("error", "cms-chain")]


def test_weak_digest() -> None:
    """If this failed, a signature that can be moved to another profile would pass."""
    from asn1crypto import cms  # noqa: PLC0415  # As above.
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415  # As above.
    from cryptography.hazmat.primitives.hashes import SHA1  # noqa: PLC0415  # As above.

    message = cms.ContentInfo.load(GOOD.sign(PROFILE, plain=True))
    info = message["content"]["signer_infos"][0]
    info["digest_algorithm"] = {"algorithm": "sha1"}
    info["signature"] = GOOD.key.sign(PROFILE, ec.ECDSA(SHA1()))  # noqa: S303  # That is the fault.
    assert findings(None, message.dump(force=True), **trust(strict=True)) == [("warning", "cms-weak-digest")]


def test_who_is_named() -> None:
    """If this failed, a finding would not say whose chain does not hold, or where it should have ended."""
    [hit] = check(STRANGER.sign(PROFILE), trust=ROOT.trust()).hits
    assert "CN=stranger" in hit.finding.text
    assert "the test's roots" in hit.finding.text


def test_trust_type() -> None:
    """If this failed, the other tests would trust nobody."""
    assert isinstance(ROOT.trust(), Trust)
    assert ROOT.trust().size == 1
