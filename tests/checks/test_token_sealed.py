"""DEP server tokens as they are handed out, sealed by openssl."""

import contextlib

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from tests.checks import sealing

from abm_trace.checks.token_sealed import is_sealed, opened
from abm_trace.core.errors import UsageError

TOKEN = sealing.text('{"consumer_key":"CK_1"}')


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The key, and the token sealed to it in several ways."""
    folder = tmp_path_factory.mktemp("sealed")
    made = {"key": sealing.key(folder)}
    for cipher in ("des3", "aes128", "aes256"):
        made |= {f"{cipher} {form}": sealing.seal(folder, TOKEN, cipher, form) for form in ("SMIME", "DER")}
    return made


@pytest.mark.parametrize("how", ["des3 SMIME", "aes128 SMIME", "aes256 SMIME", "des3 DER", "aes256 DER"])
def test_it_is_opened(how: str, sealed: dict[str, bytes]) -> None:
    """If this failed, the token that Apple hands out could not be checked without other tools."""
    assert is_sealed(sealed[how])
    assert opened(sealed[how], sealed["key"]) == TOKEN
    assert "SMIME" not in how or opened(sealed[how].replace(b"\n", b"\r\n"), sealed["key"]) == TOKEN
    assert not is_sealed(b'{"access_token_expiry":""}')


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    """A key in PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


@pytest.mark.parametrize("key", [pem(ec.generate_private_key(ec.SECP256R1())), b"no key", b""])
def test_what_is_no_such_key(key: bytes, sealed: dict[str, bytes]) -> None:
    """If this failed, a wrong key would end in a traceback."""
    with pytest.raises(UsageError, match="--key"):
        opened(sealed["aes256 DER"], key)


def test_another_key(sealed: dict[str, bytes]) -> None:
    """If this failed, a token would be opened with a key that it was not made for."""
    found = b""
    with contextlib.suppress(UsageError):  # By chance noise may unpad; it is no token then.
        found = opened(sealed["aes256 DER"], pem(rsa.generate_private_key(65537, 2048)))
    assert b"consumer_key" not in found


@given(st.integers(0, 3000), st.binary(max_size=3))
def test_damage_is_a_clear_error(sealed: dict[str, bytes], at: int, more: bytes) -> None:
    """If this failed, a message cut or changed anywhere would leak an error of a library."""
    data = sealed["aes256 DER"]
    with contextlib.suppress(UsageError):
        opened(data[:at] + more + data[at + len(more) :] if more else data[:at], sealed["key"])
