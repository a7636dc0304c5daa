"""Configuration profiles in every wrapping, and property lists that mean harm."""

import plistlib
import struct
from base64 import encodebytes
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import head, read, said

from abm_trace.formats import recognise
from abm_trace.formats.payloads import key_or_token, profile

SAMPLES = Path(__file__).parents[4] / "shared/samples/profiles"
GOOD = {"PayloadType": "Configuration", "enrollmentMethod": "abm", "serverUrl": "https://us-east.abm.apple.com"}
ATTRS = {"enrollment_method": "abm", "server_url": "https://us-east.abm.apple.com"}


def signed(content: bytes, encoding: Encoding = Encoding.DER) -> bytes:
    """CMS signed data around the content, by a throw-away key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "made up")])
    validity = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    certificate = x509.CertificateBuilder(name, name, key.public_key(), 1, *validity).sign(key, SHA256())
    builder = PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, SHA256())
    return builder.sign(encoding, [PKCS7Options.Binary])


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@pytest.mark.parametrize("wrap", [None, Encoding.DER, Encoding.PEM])
def test_every_wrapping(fmt: plistlib.PlistFormat, wrap: Encoding | None) -> None:
    """If this fails, a profile is judged by how it is wrapped."""
    data = plistlib.dumps(GOOD, fmt=fmt)
    if wrap:
        data = signed(data, wrap)
    assert profile.score(head(data)) > 0.4
    facts, skipped = read(profile, data)
    assert said(facts) == [("enrolment_profile", None, "", {**ATTRS, "signed": "yes" if wrap else "no"})]
    assert not skipped


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@pytest.mark.parametrize(
    ("content", "attrs"),
    [
        ({"PayloadContent": [{"enrollmentMethod": "none"}]}, {"enrollment_method": "none"}),
        ({"PayloadContent": [{"PayloadType": "x", "PayloadContent": {"serverUrl": "u"}}]}, {"server_url": "u"}),
        ({"PayloadContent": [{"PayloadType": "com.apple.mdm", "ServerURL": "u"}]}, {"apple_mdm": "yes"}),
        ({"enrollmentMethod": "", "serverUrl": "u"}, {"server_url": "u"}),
        ({"enrollmentMethod": ""}, {}),
        ({"enrollmentType": "x", "PayloadContent": [{"mdmURL": "y"}]}, {"deprecated": "enrollmentType mdmURL"}),
    ],
)
def test_what_an_enrolment_profile_says(
    fmt: plistlib.PlistFormat, content: dict[str, object], attrs: dict[str, str]
) -> None:
    """If this fails, a profile that lost its keys passes for one that has them, or the reverse."""
    facts, skipped = read(profile, plistlib.dumps(content, fmt=fmt))
    assert said(facts) == [("enrolment_profile", None, "", {**attrs, "signed": "no"})]
    assert not skipped


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_any_other_property_list_is_told_what_is_read(fmt: plistlib.PlistFormat) -> None:
    """If this fails, a device's preferences are only said to be no profile, which nobody took them for."""
    data = plistlib.dumps({"LockdownActivationIndicatesCloudConfigurationAvailable": True}, fmt=fmt)
    found = recognise(head(data))
    assert found is not None
    assert found.id == "profile"
    facts, (skipped,) = read(profile, data)
    assert not facts
    assert "CloudConfigurationDetails.plist" in skipped.reason


@pytest.mark.parametrize("wrap", [Encoding.DER, Encoding.PEM])
def test_what_follows_a_signed_message_is_named(wrap: Encoding) -> None:
    """If this fails, what somebody put behind a signature goes unnoticed."""
    facts, skipped = read(profile, signed(plistlib.dumps(GOOD), wrap) + b"\n{oddity\n")
    assert [fact.kind for fact in facts] == ["enrolment_profile"]
    assert ["bytes follow the CMS message" in each.reason for each in skipped] == [True]


def mailed(data: bytes, kind: str = "signed-data", ends: bytes = b"\n") -> bytes:
    """What `openssl smime -sign -nodetach` writes unless told to write DER."""
    headers = (
        'MIME-Version: 1.0\nContent-Disposition: attachment; filename="smime.p7m"\n'
        f'Content-Type: application/x-pkcs7-mime; smime-type={kind}; name="smime.p7m"\n'
        "Content-Transfer-Encoding: base64\n\n"
    )
    return (headers.encode() + encodebytes(data)).replace(b"\n", ends)


@pytest.mark.parametrize(
    "data",
    [
        mailed(signed(plistlib.dumps(GOOD))),
        mailed(signed(plistlib.dumps(GOOD)), ends=b"\r\n"),
        signed(plistlib.dumps(GOOD), Encoding.SMIME),
    ],
    ids=["opaque", "opaque, CRLF", "in clear"],
)
def test_a_profile_signed_as_mail_is_read_and_named(data: bytes) -> None:
    """If this fails, a signed profile is called an encrypted token, or nobody says why no device takes it."""
    found = recognise(head(data))
    assert found is not None
    assert found.id == "profile"
    facts, (note,) = read(profile, data)
    assert said(facts) == [("enrolment_profile", None, "", {**ATTRS, "signed": "yes"})]
    assert "-outform der" in note.reason


@pytest.mark.parametrize("kept", [*range(0, 3000, 97), 260, 261, 262, 263])
def test_a_mail_that_is_cut_anywhere(kept: int) -> None:
    """If this fails, half a signed profile is called a token, proves something, or breaks the reader."""
    for whole in (mailed(signed(plistlib.dumps(GOOD))), signed(plistlib.dumps(GOOD), Encoding.SMIME)):
        data = whole[:kept]
        assert 0 <= profile.score(head(data)) <= 1
        facts, skipped = read(profile, data)
        assert facts or skipped
        assert b"signed-data" not in data or b"base64\n\nM" not in data or key_or_token.score(head(data)) == 0


@pytest.mark.parametrize("part", range(2, 10))
def test_a_message_that_is_cut_is_said_in_words(part: int) -> None:
    """If this fails, who fetched half a profile reads the name of an error of Python."""
    whole = signed(plistlib.dumps(GOOD))
    _, skipped = read(profile, whole[: len(whole) * part // 10])
    assert skipped
    assert all("Error" not in each.reason for each in skipped)


def test_a_sealed_mail_is_no_profile() -> None:
    """If this fails, an encrypted token that comes as mail, whole or damaged, is called a damaged profile."""
    for data in (mailed(b"!" * 90, "enveloped-data"), mailed(b"", "enveloped-data")[:-1] + b"!!!!"):
        assert profile.score(head(data)) < 0.5
        assert key_or_token.score(head(data)) > 0.5


def test_keys_that_an_editor_laid_out_anew() -> None:
    """If this fails, a profile whose keys stand on lines of their own says nothing."""
    data = plistlib.dumps(GOOD).replace(b"<key>", b"<key>\n\t\t").replace(b"</key>", b"\n\t</key>")
    facts, skipped = read(profile, data)
    assert said(facts) == [("enrolment_profile", None, "", {**ATTRS, "signed": "no"})]
    assert not skipped


@pytest.mark.parametrize("key", ["enrollmentMethod", "serverUrl"])
@pytest.mark.parametrize(
    ("value", "what"),
    [
        (["abm"], "a list"),
        ([], "a list"),
        ({}, "a dictionary"),
        (3, "a number"),
        (1.5, "a number"),
        (False, "a boolean"),
        (b"abm", "data"),
        (datetime(2026, 1, 1), "a date"),  # noqa: DTZ001  # plistlib knows no zone.
    ],
)
def test_a_value_of_a_wrong_type_is_named_and_proves_nothing(key: str, value: object, what: str) -> None:
    """If this fails, a list in place of a text proves that the profile lost its server, or a number passes for one."""
    reason = f"the value of {key} is {what}, no text: nothing follows from it"
    xml = plistlib.dumps({**GOOD, key: value})
    line = 1 + xml[: xml.index(b"<", xml.index(key.encode()) + len(key) + len("</key>"))].count(b"\n")
    inside = plistlib.dumps({"PayloadContent": [{**GOOD, key: value}]}, fmt=plistlib.FMT_BINARY)
    for data, at in ((xml, line), (inside, None), (signed(xml), None)):
        facts, skipped = read(profile, data)
        assert not facts
        assert [(each.reason, each.line) for each in skipped] == [(reason, at)]


@pytest.mark.parametrize(("value", "what"), [("x", "a text"), (3, "a number"), (b"x", "data")])
def test_payloads_that_are_no_list_are_named(value: object, what: str) -> None:
    """If this fails, a profile whose payloads cannot be read proves that they have no server."""
    content = {"PayloadContent": value, "enrollmentMethod": "abm"}
    for fmt, line in ((plistlib.FMT_XML, 6), (plistlib.FMT_BINARY, None)):
        facts, skipped = read(profile, plistlib.dumps(content, fmt=fmt))
        assert not facts
        reason = f"the value of PayloadContent is {what}, no list: nothing follows from it"
        assert [(each.reason, each.line) for each in skipped] == [(reason, line)]
    certificate = {**GOOD, "PayloadContent": [{"PayloadType": "com.apple.security.root", "PayloadContent": b"x"}]}
    assert not read(profile, plistlib.dumps(certificate))[1]


def test_a_wrong_value_beside_a_right_one_leaves_it_right() -> None:
    """If this fails, a profile that says where it enrols is not read for a slip in another of its parts."""
    parts = [{"serverUrl": 3}, {"serverUrl": ["x"]}, {"x": {"serverUrl": 3}}]
    facts, skipped = read(profile, plistlib.dumps({**GOOD, "PayloadContent": parts}))
    assert said(facts) == [("enrolment_profile", None, "", {**ATTRS, "signed": "no"})]
    reason = "the value of serverUrl is a number, no text: nothing follows from it, nor from 1 more like it"
    assert [each.reason for each in skipped] == [reason]


def test_of_a_key_that_is_given_twice_the_last_value_counts() -> None:
    """If this fails, a text that a device would take is called a list."""
    twice = plistlib.dumps(GOOD).replace(b"<key>serverUrl", b"<key>serverUrl</key><array/><key>serverUrl")
    facts, skipped = read(profile, twice)
    assert facts[0].attrs["server_url"] == GOOD["serverUrl"]
    assert ["given twice" in each.reason for each in skipped] == [True]


def test_other_profiles_say_nothing() -> None:
    """If this fails, a profile for Wi-Fi is blamed for saying nothing about enrolment."""
    data = plistlib.dumps({"PayloadType": "Configuration", "PayloadContent": [{"ServerURL": "u"}]})
    assert profile.score(head(data)) > 0.8
    assert read(profile, data) == ([], [])


@pytest.mark.parametrize(
    ("name", "attrs"),
    [
        ("adguard-signed.mobileconfig", None),
        ("adguard-unsigned.mobileconfig", None),
        ("enroll.mobileconfig", {"apple_mdm": "yes", "signed": "no"}),
    ],
)
def test_real_profiles(name: str, attrs: dict[str, str] | None) -> None:
    """If this fails, the profiles of real systems are not read as what they are."""
    if not SAMPLES.exists():
        pytest.skip("the real samples are not here")
    data = (SAMPLES / name).read_bytes()
    assert profile.score(head(data)) > 0.8
    facts, skipped = read(profile, data)
    assert [fact.attrs for fact in facts] == ([attrs] if attrs else [])
    assert not skipped


XML = (
    '<?xml version="1.0"?>\n<!DOCTYPE plist {}>\n'
    '<plist version="1.0"><dict><key>serverUrl</key><string>{}</string></dict></plist>'
)
LAUGHS = " ".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))


def shared(depth: int) -> bytes:
    """A binary plist whose lists share each other: ten to the `depth` strings to whoever walks them."""
    layer: list[object] = ["lol"]
    for _ in range(depth):
        layer = [layer] * 10
    return plistlib.dumps({**GOOD, "PayloadContent": layer}, fmt=plistlib.FMT_BINARY)


def overlapping(count: int) -> bytes:
    """A binary plist of `count` objects that all lie at the same long list: as many references as its square."""
    body = b"bplist00\xaf\x12" + struct.pack(">I", count) + struct.pack(f">{count}I", *range(count))
    offsets = struct.pack(">I", 8) * count
    return body + offsets + struct.pack(">6xBBQQQ", 4, 4, count, 0, len(body))


@pytest.mark.parametrize(
    "data",
    [
        XML.format(f'[<!ENTITY l0 "lol"> {LAUGHS}]', "&l11;").encode(),
        XML.format('[<!ENTITY x SYSTEM "file:///etc/passwd">]', "&x;").encode(),
        plistlib.dumps(GOOD)[:-30],
        plistlib.dumps(["abm"]),
        plistlib.dumps("abm", fmt=plistlib.FMT_BINARY),
        plistlib.dumps({"colour": "red"}),
        b'<plist version="1.0">' + b"<dict><key>a</key>" * 100_000,
        b'<plist version="1.0"><dict><string>a</string></dict></plist>',
        b'<plist version="1.0"><dict><key>a</key><key>b</key></dict></plist>',
        b'<plist version="1.0"></plist>',
        plistlib.dumps(GOOD, fmt=plistlib.FMT_BINARY)[:-9],
        b"bplist00\xd0" + struct.pack(">6xBBQQQ", 8, 8, 1 << 60, 0, 9),
        b"bplist00\xdf\x13" + b"\x7f" * 8 + b"\x08" + struct.pack(">6xBBQQQ", 1, 1, 1, 0, 18),
        b"bplist00\xa1\x00\x08" + struct.pack(">6xBBQQQ", 1, 1, 1, 0, 10),
        b"bplist00\xd1\x00\x00\x08" + struct.pack(">6xBBQQQ", 1, 1, 1, 0, 11),  # A dictionary that is its own key.
        shared(30),
        overlapping(100_000),
        signed(plistlib.dumps(GOOD))[:300],
        signed(b"no property list"),
        b"-----BEGIN PKCS7-----\n!!!!\n-----END PKCS7-----\n",
        b"\x30\x84\x7f\xff\xff\xff\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + bytes(99),
        b"\x30\x80" * 100_000,
        bytes(9_000_000),
    ],
    ids=range(23),
)
def test_harm_is_named(data: bytes) -> None:
    """If this fails, a hostile profile takes memory or time, or proves that a profile lost its keys."""
    facts, skipped = read(profile, data)
    assert not facts
    assert skipped


BINARY = plistlib.dumps(GOOD, fmt=plistlib.FMT_BINARY)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (plistlib.dumps(GOOD) + b"\n<more/>", "something else follows the property list"),
        (signed(plistlib.dumps(GOOD)) + b"more", "4 bytes follow the CMS message"),
        (BINARY + b"more", "4 bytes follow the property list"),
        (BINARY + b"\0" * 4096, "4,096 bytes follow the property list"),
    ],
)
def test_what_follows_the_end_is_named(data: bytes, said: str) -> None:
    """If this fails, bytes after the end of a profile are silently unread, or take the profile for one that is cut."""
    facts, skipped = read(profile, data)
    assert facts[0].attrs["enrollment_method"] == "abm"
    assert [said in each.reason for each in skipped] == [True]


def test_damage_is_named_with_its_line() -> None:
    """If this fails, somebody looks for what is wrong through a whole profile, or where its envelope has no line."""
    data = plistlib.dumps(GOOD).replace(b"<key>serverUrl</key>", b"<key>serverUrl</kex>")
    (damaged,) = read(profile, data)[1]
    assert (damaged.line, "mismatched tag" in damaged.reason) == (data[: data.index(b"</kex>")].count(b"\n") + 1, True)
    (within,) = read(profile, signed(data))[1]
    assert (within.line, "mismatched tag" in within.reason) == (None, True)


PLISTS = st.recursive(
    st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), max_size=20
    )
    | st.integers(0, 2**60)
    | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "PayloadContent", "é"]), inner, max_size=3)
    ),
)


@given(method=st.text("abmnoe é", min_size=1).filter(str.strip), rest=PLISTS, binary=st.booleans())
def test_what_is_written_is_read(method: str, rest: object, binary: bool) -> None:
    """If this fails, our readers of property lists differ from what Apple's format is written by."""
    fmt = plistlib.FMT_BINARY if binary else plistlib.FMT_XML
    facts, skipped = read(profile, plistlib.dumps({"x": rest, "enrollmentMethod": method}, fmt=fmt))
    assert facts[0].attrs["enrollment_method"] == method.strip()
    assert not skipped


SEEDS = [plistlib.dumps(GOOD), plistlib.dumps(GOOD, fmt=plistlib.FMT_BINARY), signed(plistlib.dumps(GOOD)), shared(3)]


@given(
    seed=st.sampled_from(SEEDS),
    flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=5),
    cut=st.integers(0, 60),
)
def test_any_damage(seed: bytes, flips: list[tuple[int, int]], cut: int) -> None:
    """If this fails, a flipped byte breaks a reader with something else than a named thing."""
    data = bytearray(seed[: len(seed) - cut])
    for at, value in flips:
        data[at % len(data)] = value
    profile.score(head(bytes(data)))
    read(profile, bytes(data))


@given(data=st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """If this fails, some bytes break a reader with something else than a named thing."""
    assert 0 <= profile.score(head(data)) <= 1
    read(profile, data)
    read(profile, b"bplist00" + data)
