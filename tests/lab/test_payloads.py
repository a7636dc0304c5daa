"""Enrolment profiles."""

import plistlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs7

from abm_lab import payloads

_ENDPOINT = "us-east.abm.apple.com"


def _keys(profile: bytes) -> dict[str, object]:
    content = plistlib.loads(profile)
    return {**content, **{key: value for inner in content.get("PayloadContent", []) for key, value in inner.items()}}


@pytest.mark.parametrize("make", [payloads.good, payloads.good_binary])
def test_a_good_profile_has_both_keys(make: object) -> None:
    """Devices with a good profile would be L5."""
    keys = _keys(make(_ENDPOINT))  # type: ignore[operator]
    assert keys["enrollmentMethod"] == "abm"
    assert keys["serverUrl"] == f"https://{_ENDPOINT}"


@pytest.mark.parametrize("make", [payloads.method_lost, payloads.method_none, payloads.server_lost])
def test_a_broken_profile_lacks_one_key(make: object) -> None:
    """L5 would be claimed of a good profile."""
    keys = _keys(make(_ENDPOINT))  # type: ignore[operator]
    assert ("serverUrl" not in keys) or keys.get("enrollmentMethod", "none") == "none"


def test_signed_profiles_carry_a_certificate() -> None:
    """The CMS forms would be no CMS."""
    signed: list[x509.Certificate] = pkcs7.load_der_pkcs7_certificates(payloads.signed_server_lost(_ENDPOINT))
    assert "abm-lab" in signed[0].subject.rfc4514_string()
    assert payloads.signed_method_lost(_ENDPOINT).startswith(b"-----BEGIN CMS-----")
    assert b"serverUrl" not in payloads.signed_server_lost(_ENDPOINT)
