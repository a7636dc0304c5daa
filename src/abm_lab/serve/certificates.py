"""Certificates of a run, made at its start: a root, an issuing authority, leaves, and OCSP answers to staple."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from abm_lab.moments import to_datetime

NOTE = "simulated by abm-lab"
_Names = Sequence[str]


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        """The certificate in PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The key in PEM (PKCS #8), unencrypted: it lives as long as the run."""
        return key_pem(self.key)


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key in PEM (PKCS #8), unencrypted."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class Authority:
    """A certificate authority of the lab, valid around the instant `at` (microseconds UTC)."""

    def __init__(self, name: str, at: int, issuer: "Authority | None" = None, ended: datetime | None = None) -> None:
        self.at = to_datetime(at)
        key = ec.generate_private_key(ec.SECP256R1())
        signer = key if issuer is None else issuer.identity.key
        builder = self._builder(name, key, issuer, ended)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        builder = builder.add_extension(_usage(authority=True), critical=True)
        self.identity: Identity = Identity(builder.sign(signer, hashes.SHA256()), key)

    def leaf(
        self,
        name: str,
        hosts: _Names = (),
        ended: datetime | None = None,
        purpose: ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
    ) -> Identity:
        """A certificate for these hosts and addresses; `ended` makes it expired since then."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(name, key, self, ended)
        names: list[x509.GeneralName] = [_general(host) for host in hosts]
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(authority=False), critical=True)
        is_stamp = purpose == ExtendedKeyUsageOID.TIME_STAMPING
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=is_stamp)
        return Identity(builder.sign(self.identity.key, hashes.SHA256()), key)

    def staple(
        self,
        leaf: Identity,
        status: ocsp.OCSPCertStatus,
        updated: datetime,
        renewed: datetime,
        signer: Identity | None = None,
    ) -> bytes:
        """An OCSP answer (DER) about a leaf of this authority, signed by itself or, forged, by another."""
        signer = signer or self.identity
        revoked = status is ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=leaf.certificate,
            issuer=self.identity.certificate,
            algorithm=hashes.SHA1(),  # noqa: S303 - What OpenSSL looks an answer up by; it signs nothing.
            cert_status=status,
            this_update=updated,
            next_update=renewed,
            revocation_time=updated - timedelta(days=3) if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        answer = builder.sign(signer.key, hashes.SHA256())
        return answer.public_bytes(serialization.Encoding.DER)

    def crossed(self, other: "Authority") -> bytes:
        """The other authority's certificate as this one signs it, in PEM: same name, same key, until this one ends."""
        mine, theirs = self.identity.certificate, other.identity
        builder = x509.CertificateBuilder().subject_name(theirs.certificate.subject).issuer_name(mine.subject)
        builder = builder.public_key(theirs.key.public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(mine.not_valid_before_utc).not_valid_after(mine.not_valid_after_utc)
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return builder.sign(self.identity.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _builder(
        self, name: str, key: ec.EllipticCurvePrivateKey, issuer: "Authority | None", ended: datetime | None
    ) -> x509.CertificateBuilder:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, NOTE),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        identity = None if issuer is None else issuer.identity
        begins = min(self.at, ended or self.at) - timedelta(days=90)
        authority_key = key.public_key() if identity is None else identity.key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if identity is None else identity.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ended or self.at + timedelta(days=397))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key), critical=False)
        )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


DST_ENDED = datetime(2021, 9, 30, 14, 1, 15, tzinfo=UTC)
