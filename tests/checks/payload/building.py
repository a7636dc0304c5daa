"""Payloads to check: sound ones with keys laid over them, and signatures by throw-away certificates."""

import json
import plistlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID

from abm_trace.checks import payload
from abm_trace.checks.payload import Asked, Checked, Trust
from abm_trace.core.instants import from_datetime

NOW = datetime(2026, 5, 17, 8, 0, tzinfo=UTC)
IDENTITY = "22222222-2222-4222-8222-222222222221"
CERTIFICATE = "22222222-2222-4222-8222-222222222222"

TOP: Mapping[str, Any] = {
    "PayloadType": "Configuration",
    "PayloadVersion": 1,
    "PayloadIdentifier": "org.example.profile",
    "PayloadUUID": "11111111-1111-4111-8111-111111111111",
    "PayloadContent": [],
}
DEP: Mapping[str, Any] = {"profile_name": "iPads", "url": "https://mdm.example.org/enroll", "is_supervised": True}


def part(type_: str, number: int, **keys: object) -> dict[str, Any]:
    """A payload with the keys that each has."""
    return {
        "PayloadType": type_,
        "PayloadVersion": 1,
        "PayloadIdentifier": f"org.example.profile.{number}",
        "PayloadUUID": f"22222222-2222-4222-8222-22222222222{number}",
    } | keys


def mdm(**keys: object) -> dict[str, Any]:
    """A sound com.apple.mdm payload with these keys over its own."""
    own = {
        "ServerURL": "https://mdm.example.org/mdm",
        "Topic": "com.apple.mgmt.External.7a1f3c0e-52b1-4c5b-9a53-0f6f7c2d9b11",
        "IdentityCertificateUUID": IDENTITY,
    }
    return _over(part("com.apple.mdm", 3, **own), keys)


def content(kind: str, changes: Mapping[str, object]) -> dict[str, Any]:
    """The sound payload of a kind, with the keys of `changes` over it; a key that is None is taken away."""
    if kind == "dep-profile":
        return _over(DEP, changes)
    if kind == "mdm":
        parts = [part("com.apple.security.scep", 1), part("com.apple.security.root", 2), mdm(**changes)]
        return {**TOP, "PayloadContent": parts}
    return _over({**TOP, "PayloadContent": [part("com.apple.wifi.managed", 1)]}, changes)


def _over(sound: Mapping[str, Any], changes: Mapping[str, object]) -> dict[str, Any]:
    return {key: value for key, value in {**sound, **changes}.items() if value is not None}


def written(kind: str, changes: Mapping[str, object], fmt: plistlib.PlistFormat = plistlib.FMT_XML) -> bytes:
    """The same as bytes."""
    found = content(kind, changes)
    return json.dumps(found, indent=1).encode() if kind == "dep-profile" else plistlib.dumps(found, fmt=fmt)


def asked(**options: Any) -> Asked:  # noqa: ANN401  # Whatever Asked takes.
    """What payloads are held against, as of NOW."""
    return Asked(**{"as_of": from_datetime(NOW, UTC), **options})


def check(data: bytes, path: str = "a.mobileconfig", **options: Any) -> Checked:  # noqa: ANN401  # As above.
    """The payload, checked; it must be one."""
    checked = payload.check(data, path, asked(**options))
    assert checked is not None
    return checked


def found(checked: Checked, *, but: Sequence[str] = ("cms-unsigned",)) -> list[tuple[str, str, str]]:
    """(severity, rule, key path) of each finding, without the notes that any plain profile has."""
    hits = [(hit.finding.severity, hit.finding.id, hit.key) for hit in checked.hits]
    return [hit for hit in hits if hit[1] not in but]


@dataclass
class Signer:
    """A certificate with its key, and the certificate of who signed it."""

    certificate: x509.Certificate
    key: Any
    issuer: "Signer | None" = None

    def trust(self) -> Trust:
        """Trust in this one."""
        return payload.read_trust(self.certificate.public_bytes(Encoding.PEM), "the test's roots")

    def sign(self, data: bytes, encoding: Encoding = Encoding.DER, *, plain: bool = False) -> bytes:
        """The data in CMS, with the chain up to the root; `plain` without signed attributes."""
        builder = PKCS7SignatureBuilder().set_data(data).add_signer(self.certificate, self.key, SHA256())
        issuer = self.issuer
        while issuer:
            builder = builder.add_certificate(issuer.certificate)
            issuer = issuer.issuer
        options = [PKCS7Options.Binary] + ([PKCS7Options.NoAttributes] if plain else [])
        return builder.sign(encoding, options)


def signer(
    name: str = "signer",
    issuer: Signer | None = None,
    *,
    days: tuple[int, int] = (-30, 3650),
    authority: bool = False,
    kind: str = "ec",
    bare: bool = False,
) -> Signer:
    """A signer whose certificate is valid from and to these days around NOW; without an issuer it signs itself.

    A `bare` one has no extensions but what makes an authority one, as a private authority often has it.
    """
    key: Any = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    first, last = (NOW + timedelta(days=day) for day in days)
    by = issuer.certificate.subject if issuer else subject
    builder = x509.CertificateBuilder(by, subject, key.public_key(), x509.random_serial_number(), first, last)
    if bare:
        builder = builder.add_extension(x509.BasicConstraints(True, None), critical=True) if authority else builder
        return Signer(builder.sign(issuer.key if issuer else key, SHA256()), key, issuer)
    usage = x509.KeyUsage(not authority, False, False, False, False, authority, authority, False, False)
    own, above = (key, issuer.key if issuer else key)
    builder = (
        builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key()), critical=False)
    )
    return Signer(builder.sign(above, SHA256()), key, issuer)


def keyed(by: Signer, data: bytes) -> bytes:
    """The data in CMS, whose signer is named by the identifier of its key: what cryptography does not make."""
    message = cms.ContentInfo.load(by.sign(data, plain=True))
    key = by.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    message["content"]["signer_infos"][0]["sid"] = cms.SignerIdentifier({"subject_key_identifier": key})
    dumped: bytes = message.dump(force=True)
    return dumped
