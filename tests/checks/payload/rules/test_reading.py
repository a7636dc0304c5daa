"""What is said of a payload before its keys are looked at."""

from tests.checks.payload import building
from tests.checks.payload.building import check, found, signer


def test_encrypted() -> None:
    """If this failed, payloads that nobody could read would count as checked."""
    sealed = {"PayloadContent": None, "IsEncrypted": True, "EncryptedPayloadContent": b"x"}
    assert found(check(building.written("profile", sealed))) == [
        ("warning", "payload-encrypted", "EncryptedPayloadContent")
    ]


def test_encrypted_cms() -> None:
    """If this failed, an encrypted profile would be called damaged."""
    signed = signer().sign(building.written("profile", {}))
    enveloped = signed.replace(b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", 1)
    assert found(check(enveloped)) == [("warning", "payload-encrypted", "")]


def test_repeated_key() -> None:
    """If this failed, a key that a reviewer does not see could count."""
    data = building.written("profile", {}).replace(
        b"<key>PayloadVersion</key>", b"<key>PayloadType</key><string>Configuration</string><key>PayloadVersion</key>"
    )
    assert ("error", "repeated-key", "PayloadType") in found(check(data))


def test_trailing_bytes() -> None:
    """If this failed, bytes that no signature covers would go unseen."""
    assert found(check(building.written("profile", {}) + b"<x/>")) == [("warning", "trailing-bytes", "")]
