"""The composite fingerprint, by vectors that were worked out by hand."""

import hashlib

import pytest

from abm_trace.identity.fingerprint import declared, fingerprint

UUID = "4C1F0A2E-7B55-5E1C-9A0D-0123456789AB"
ROM = "9D3B7F10-1111-2222-3333-444455556666"


def by_hand(*parts: bytes) -> str:
    """SHA-256 over the parts, each behind its length."""
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()


def test_the_vector_of_the_docs() -> None:
    """If this failed, nobody else could work out the same fingerprint: the vector stands in docs/checks.md."""
    token = hashlib.sha256(b"tok_1").hexdigest().upper().encode()
    found = fingerprint("F9FXQ1ABCD", UUID, ROM, "tok_1")
    assert found == by_hand(b"F9FXQ1ABCD", UUID.encode(), ROM.encode(), token)
    assert found == "6d48eae31948e9f881c12628e82a2414b32b38631f59c369f44a6b9c99bfe212"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("F9FXQ1ABCD",), by_hand(b"F9FXQ1ABCD", b"", b"", b"")),
        ((" f9fxq1abcd ", UUID.lower()), by_hand(b"F9FXQ1ABCD", UUID.encode(), b"", b"")),
        (("F9", "FXQ1ABCD"), by_hand(b"F9", b"FXQ1ABCD", b"", b"")),
    ],
)
def test_absent_parts_and_spelling(parts: tuple[str, ...], expected: str) -> None:
    """If this failed, a lower-case UUID would make another device, or two parts run into each other."""
    assert fingerprint(*parts) == expected


def test_one_unit_is_declared_once() -> None:
    """If this failed, a retried device would be declared twice, or two units as one."""
    rows = [
        {"serial": "F9FXQ1ABCD", "token_id": "tok_1"},
        {"serial": "f9fxq1abcd", "token_id": "tok_1"},
        {"serial": "F9FXQ1ABCD", "token_id": "tok_2"},
        {"serial": ""},
    ]
    found = list(declared(rows))
    assert [each.serial for each in found] == ["F9FXQ1ABCD", "F9FXQ1ABCD"]
    assert found[0].lacks == ("io_platform_uuid", "secure_rom_uuid")
