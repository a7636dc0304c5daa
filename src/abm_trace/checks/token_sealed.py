"""A DEP server token as Apple hands it out (`.p7m`): CMS EnvelopedData, sealed to the key that the MDM made.

From: RFC 5652, section 6, and nanodep's tokenpki/parse.go. Nothing of a key or a token is ever quoted.
"""

import base64
import binascii
import re
from typing import Final

from asn1crypto import cms
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import padding as block_padding
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms
from cryptography.hazmat.primitives.ciphers.modes import CBC

from abm_trace.core import ber
from abm_trace.core.errors import UsageError

BYTES_MAX: Final = 1 << 20
_HINT: Final = "It takes the private key whose certificate the token was made for: --key KEY.pem"
_HEADERS: Final = re.compile(rb"\A(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]{0,1000}\n(?:[ \t][^\n]{0,1000}\n)*){1,50}\s*\n")


def is_sealed(data: bytes) -> bool:
    """Whether the bytes are an S/MIME or DER message rather than a token in the clear."""
    return data[:1] == b"\x30" or b"pkcs7-mime" in data[:4096].lower()


def opened(data: bytes, key_pem: bytes, password: bytes | None = None) -> bytes:
    """What the message holds, MIME headers and all. Raises UsageError, which quotes nothing of it."""
    try:
        key = serialization.load_pem_private_key(key_pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UsageError("--key: is no private key in PEM, or is locked by a password", hint=_HINT) from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise UsageError("--key: is no RSA key", hint=_HINT)
    try:
        return _decrypted(_der(data), key)
    except UsageError:
        raise
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, UnsupportedAlgorithm) as error:
        raise UsageError("the token is damaged, or is sealed to another key", hint=_HINT) from error


def _der(data: bytes) -> bytes:
    if data[:1] == b"\x30":
        return data
    text = data.replace(b"\r\n", b"\n")
    try:
        return base64.b64decode(_HEADERS.sub(b"", text), validate=False)
    except binascii.Error as error:
        raise UsageError("the token is damaged: its base64 cannot be read", hint=_HINT) from error


def _decrypted(der: bytes, key: rsa.RSAPrivateKey) -> bytes:
    content = cms.ContentInfo.load(ber.bounded(der))
    if content["content_type"].native != "enveloped_data":
        raise UsageError("the message is not encrypted, so it is no server token", hint=_HINT)
    sealed = content["content"]
    inner = sealed["encrypted_content_info"]
    algorithm = inner["content_encryption_algorithm"]
    data = inner["encrypted_content"].native
    for each in sealed["recipient_infos"]:
        if each.name != "ktri":
            continue
        scheme = each.chosen["key_encryption_algorithm"]["algorithm"].native
        if scheme not in {"rsaes_pkcs1v15", "rsa"}:
            raise UsageError(f"the token's key is sealed with {scheme}, which is not read", hint=_HINT)
        secret = key.decrypt(each.chosen["encrypted_key"].native, padding.PKCS1v15())
        kind: type[algorithms.AES | TripleDES] = algorithms.AES
        if algorithm.encryption_cipher == "tripledes":
            kind = TripleDES
        elif algorithm.encryption_cipher != "aes" or algorithm.encryption_mode != "cbc":
            raise UsageError(f"the token is sealed with {algorithm['algorithm'].native}, which is not read", hint=_HINT)
        if kind is TripleDES and len(secret) != 24:
            raise ValueError("a key of 3DES has 24 bytes")
        cipher = Cipher(kind(secret), CBC(algorithm.encryption_iv)).decryptor()
        unpadder = block_padding.PKCS7(8 * algorithm.encryption_block_size).unpadder()
        padded = cipher.update(data) + cipher.finalize()
        return unpadder.update(padded) + unpadder.finalize()
    raise UsageError("the token names no RSA recipient", hint=_HINT)
