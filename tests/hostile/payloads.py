"""Hostile profiles, CMS, keys, TLS records and HTTP captures."""

import base64
import functools
import json
import plistlib
import random
import struct
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7EnvelopeBuilder, PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID
from tests.hostile.base_case import VICTIM, VICTIM_HOST, VICTIM_SITE, stamp
from tests.hostile.registry import Says, add, hostile

PROFILE = f"profiles/{VICTIM_SITE}/abm.mobileconfig"
GOOD = {"PayloadType": "Configuration", "enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com"}

# --- plist -----------------------------------------------------------------------------------------------------------

XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE plist {}>\n'
    '<plist version="1.0"><dict><key>serverUrl</key><string>{}</string></dict></plist>\n'
)
LAUGHS = " ".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
add("xml-billion-laughs", PROFILE, Says.NAMED, XML.format(f'[<!ENTITY l0 "lol"> {LAUGHS}]', "&l11;").encode())
add("xml-outside-entity", PROFILE, Says.NAMED, XML.format('[<!ENTITY x SYSTEM "file:///etc/passwd">]', "&x;").encode())
add("xml-outside-dtd", PROFILE, Says.EITHER, XML.format('SYSTEM "http://127.0.0.1:9/x.dtd"', "x").encode())
add("plist-cut", PROFILE, Says.NAMED, plistlib.dumps(GOOD)[:-30])
add("plist-trailing-garbage", PROFILE, Says.NAMED, plistlib.dumps(GOOD) + b"\n<more/>")
add("plist-no-dictionary", PROFILE, Says.NAMED, plistlib.dumps(["abm"]))
add("plist-is-a-string", PROFILE, Says.NAMED, plistlib.dumps("abm", fmt=plistlib.FMT_BINARY))
add("plist-100000-dicts-deep", PROFILE, Says.NAMED, b'<plist version="1.0">' + b"<dict><key>a</key>" * 100_000)
add("plist-wrong-types", PROFILE, Says.EITHER, plistlib.dumps({**GOOD, "enrollmentMethod": [], "serverUrl": 7}))
add("bplist-cut", PROFILE, Says.NAMED, plistlib.dumps(GOOD, fmt=plistlib.FMT_BINARY)[:-9])
LYING = b"bplist00\xd0" + struct.pack(">6xBBQQQ", 8, 8, 1 << 60, 0, 9)
add("bplist-lying-count", PROFILE, Says.NAMED, LYING)


@hostile(PROFILE, Says.EITHER)
def bplist_of_shared_references(at: Path) -> bytes:
    """A few hundred bytes that are ten to the thirtieth strings to whoever walks them."""
    layer: list[object] = ["lol"]
    for _ in range(30):
        layer = [layer] * 10
    return plistlib.dumps({**GOOD, "PayloadContent": layer}, fmt=plistlib.FMT_BINARY)


@hostile(PROFILE, Says.EITHER)
def bplist_that_holds_itself(at: Path) -> bytes:
    """A dictionary whose payload is the dictionary."""
    inner: dict[str, object] = dict(GOOD)
    inner["PayloadContent"] = [inner, inner]
    return plistlib.dumps(inner, fmt=plistlib.FMT_BINARY)


# --- CMS and keys ----------------------------------------------------------------------------------------------------


@functools.cache
def signer() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    """A self-signed certificate and its key."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hostile")])
    validity = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), *validity)
    return builder.sign(key, SHA256()), key


def signed(content: bytes, encoding: Encoding = Encoding.DER) -> bytes:
    """CMS signed data around the content."""
    return (
        PKCS7SignatureBuilder().set_data(content).add_signer(*signer(), SHA256()).sign(encoding, [PKCS7Options.Binary])
    )


XML_GOOD = plistlib.dumps(GOOD)
add("cms-cut", PROFILE, Says.NAMED, lambda _: signed(XML_GOOD)[:700])
add("cms-cut-at-its-end", PROFILE, Says.NAMED, lambda _: signed(XML_GOOD)[:-5])
add("cms-trailing-bytes", PROFILE, Says.NAMED, lambda _: signed(XML_GOOD) + b"more")
add("cms-around-no-plist", PROFILE, Says.NAMED, lambda _: signed(b"not a plist at all"))
add("cms-around-cms", PROFILE, Says.EITHER, lambda _: signed(signed(signed(signed(signed(XML_GOOD))))))
add("cms-pem-of-no-base64", PROFILE, Says.NAMED, b"-----BEGIN PKCS7-----\n!!!!\n-----END PKCS7-----\n")
add(
    "cms-lying-length",
    PROFILE,
    Says.NAMED,
    b"\x30\x84\x7f\xff\xff\xff\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + bytes(99),
)
add("der-100000-sequences-deep", PROFILE, Says.NAMED, b"\x30\x80" * 100_000)


@hostile("keys/abm.pem", Says.NAMED)
def private_key(at: Path) -> bytes:
    """A private key, of which no byte may come out again."""
    return signer()[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@hostile("tokens/server.p7m", Says.NAMED)
def server_token_that_cannot_be_opened(at: Path) -> bytes:
    """A server token encrypted for a key that is not there."""
    builder = PKCS7EnvelopeBuilder().set_data(b'{"consumer_key":"CK"}').add_recipient(signer()[0])
    return builder.encrypt(Encoding.SMIME, [])


add("certificate", "keys/server.der", Says.EITHER, lambda _: signer()[0].public_bytes(Encoding.DER))

# --- TLS -------------------------------------------------------------------------------------------------------------

TLS = f"tls/{VICTIM_HOST}.json"
HANDSHAKE = {
    "host": "us-east.abm.apple.com",
    "port": 443,
    "segment": VICTIM_SITE,
    "captured_at": stamp(360),
    "stapled": True,
    "ocsp_status": "good",
    "verify_code": 0,
    "chain": [{"subject": "CN=us-east.abm.apple.com", "issuer": "CN=CA", "not_after": "2036-01-01T00:00:00Z"}],
    "protocol": "TLSv1.3",
}
for key, wrong in (
    ("chain", "CN=us-east.abm.apple.com"),
    ("chain", [None, 7, {"not_after": []}]),
    ("verify_code", "abc"),
    ("stapled", "perhaps"),
    ("captured_at", "0000-05-17T08:46:00Z"),
    ("host", 7),
):
    kind = type(wrong).__name__
    add(f"tls-{key}-is-a-{kind}", TLS, Says.NAMED, json.dumps({**HANDSHAKE, key: wrong}).encode())
add("tls-certificate-of-2036", TLS, Says.READ, json.dumps(HANDSHAKE).encode())
CERTIFICATE = base64.encodebytes(random.Random(2).randbytes(900)).decode()
TRANSCRIPT = (
    "CONNECTED(00000003)\nOCSP response: no response sent\n---\nCertificate chain\n"
    " 0 s:CN = us-east.abm.apple.com\n   i:CN = CA\n---\n"
    f"Server certificate\n-----BEGIN CERTIFICATE-----\n{CERTIFICATE}"
)
add("tls-transcript-cut", f"tls/{VICTIM_SITE}/us-east.txt", Says.NAMED, TRANSCRIPT[:900].encode())

# --- HTTP captures ---------------------------------------------------------------------------------------------------

HAR = f"har/{VICTIM}.har"


def har(entries: object) -> bytes:
    """A HAR of these entries."""
    return json.dumps(
        {"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": entries}}
    ).encode()


URL = "https://us-east.abm.apple.com/v1/devices"
ENTRY = {
    "startedDateTime": stamp(365),
    "time": 90,
    "request": {
        "method": "POST",
        "url": URL,
        "headers": [],
        "postData": {"mimeType": "application/json", "text": "{}"},
    },
    "response": {
        "status": 202,
        "headers": [],
        "content": {"mimeType": "application/json", "text": '{"status":"accepted"}'},
    },
}
add("har-of-no-entries", HAR, Says.EITHER, har([]))
add("har-entries-are-no-list", HAR, Says.NAMED, har({"0": ENTRY}))
add("har-broken-entries", HAR, Says.NAMED, har([None, 7, {"request": 1}, {"request": {"url": URL}}]))
add("har-cut", HAR, Says.NAMED, har([ENTRY, ENTRY])[:-80])
add("har-impossible-time", HAR, Says.NAMED, har([{**ENTRY, "startedDateTime": "2026-02-30T00:00:00Z"}]))
add("har-status-is-text", HAR, Says.NAMED, har([{**ENTRY, "response": {"status": "abc", "content": []}}]))
add("har-url-is-no-url", HAR, Says.EITHER, har([{**ENTRY, "request": {"method": "GET", "url": "https://[::1"}}]))
BODY = {"mimeType": "application/json", "encoding": "base64", "text": "!!!not base64"}
add("har-body-is-no-base64", HAR, Says.EITHER, har([{**ENTRY, "response": {"status": 202, "content": BODY}}]))
CAPTURE = {"at": stamp(365), "method": "POST", "url": URL, "status": 204, "token_region": "us-east", "serial": VICTIM}
add(
    "capture-of-wrong-types",
    "har/capture.ndjson",
    Says.NAMED,
    (json.dumps({**CAPTURE, "status": "abc"}) + "\n").encode(),
    lines=(1,),
)
