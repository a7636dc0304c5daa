"""Server tokens as ABM gives them out: JSON in a message, encrypted to the certificate that the MDM server made."""

from datetime import timedelta

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options
from cryptography.x509.oid import NameOID

from abm_lab.moments import to_datetime
from abm_lab.serve.certificates import NOTE
from abm_lab.serve.clock import real_now

# What stands round the JSON when the message is opened.
_MESSAGE = (
    b"Content-Type: text/plain;charset=UTF-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n-----BEGIN MESSAGE-----\r\n"
)
_END = b"\r\n-----END MESSAGE-----\r\n"


class TokenKey:
    """The RSA key and certificate for which tokens are encrypted."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(65537, 2048)
        at = to_datetime(real_now())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, NOTE),
                x509.NameAttribute(NameOID.COMMON_NAME, "abm-lab server tokens"),
            ]
        )
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self._key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=397))
        self._certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def pem(self) -> bytes:
        """Certificate and key in PEM, the key unencrypted."""
        key = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return self._certificate.public_bytes(serialization.Encoding.PEM) + key

    def encrypted(self, token: dict[str, str]) -> bytes:
        """The `.p7m` file of a token: an S/MIME message that this key alone opens."""
        message = _MESSAGE + msgspec.json.encode(token) + _END
        builder = PKCS7EnvelopeBuilder().set_data(message).add_recipient(self._certificate)
        return builder.encrypt(serialization.Encoding.SMIME, [PKCS7Options.Binary])
