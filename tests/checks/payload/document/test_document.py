"""Payloads opened: every form gives the same values, lines and key paths lead to them, signatures are verified."""

import json
import plistlib
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from tests.checks.payload import building
from tests.checks.payload.building import signer

from abm_trace.checks.payload.document import Document, DocumentError, Node, may_be, open_document, read_trust

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=12)
LEAVES = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=9),
    st.datetimes(datetime(1902, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)),  # noqa: DTZ001
)
VALUES = st.recursive(
    LEAVES, lambda each: st.lists(each, max_size=4) | st.dictionaries(TEXTS, each, max_size=4), max_leaves=12
)


def opened(data: bytes, path: str = "a.mobileconfig") -> Document:
    """The document, which must be one."""
    document = open_document(data, path)
    assert document is not None
    return document


def plain(node: Node) -> object:
    """The value without types and lines."""
    if node.kind == "dictionary":
        return {key: plain(each) for key, each in node.items.items()}
    if node.kind == "array":
        return [plain(each) for each in node.members]
    if node.kind == "date":
        return datetime.strptime(str(node.value), "%Y-%m-%dT%H:%M:%SZ")  # noqa: DTZ007  # As plistlib has them.
    return node.value


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@given(value=VALUES)
def test_lists_read_as_written(fmt: plistlib.PlistFormat, value: object) -> None:
    """If this failed, a rule would judge another value than the one that is in the profile."""
    assert plain(opened(plistlib.dumps({"PayloadType": value}, fmt=fmt)).root) == {"PayloadType": value}


JSON = st.recursive(
    st.one_of(
        st.text(max_size=12),
        st.booleans(),
        st.none(),
        st.integers(-(2**53), 2**53),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda each: st.lists(each, max_size=4) | st.dictionaries(st.text(max_size=6), each, max_size=4),
    max_leaves=12,
)


@given(JSON, st.sampled_from([None, 1]), st.booleans())
def test_json_reads_as_written(value: object, indent: int | None, ascii_only: bool) -> None:
    """If this failed, a rule would judge another value than the one that is in the DEP profile."""
    document = {"profile_name": value, "url": "x"}
    try:
        data = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
    except UnicodeEncodeError:
        return  # A lone surrogate is no text of a file.
    assert plain(opened(data, "a.json").root) == document


def test_lines() -> None:
    """If this failed, an editor would show another line than the one at fault."""
    data = b"<plist>\n<dict>\n<key>PayloadContent</key>\n<array>\n\n<dict>\n<key>a</key>\n\n<true/></dict></array>"
    data += b"\n</dict></plist>"
    root = opened(data).root
    content = root.items["PayloadContent"]
    assert (root.line, content.line, content.members[0].line, content.members[0].items["a"].line) == (2, 3, 6, 7)
    top = opened(b'{\n"url": "x",\n"profile_name":\n{"a": [1,\n2]}}', "a.json").root
    inner = top.items["profile_name"].items["a"]
    assert (top.line, top.items["url"].line, inner.line, inner.members[1].line) == (1, 2, 4, 5)


def test_blanks_before_the_declaration() -> None:
    """If this failed, profiles that devices take would be damaged, or their lines wrong."""
    root = opened(b"\n \n" + building.written("profile", {})).root
    assert root.line == 6  # Behind two lines, the declaration, DOCTYPE and <plist>.


def test_error_names_the_line() -> None:
    """If this failed, nobody would find where a long profile is cut."""
    for data, path in (
        (b"<plist>\n<dict>\n<ky>a</ky>", "a.mobileconfig"),
        (b'{"profile_name": "x",\n"url":\n]', "a.json"),
    ):
        with pytest.raises(DocumentError) as raised:
            open_document(data, path)
        assert raised.value.line == 3


def test_repeated_keys() -> None:
    """If this failed, the second of two values would count unseen."""
    data = b"<plist><dict><key>PayloadType</key><true/>\n<key>PayloadType</key><false/></dict></plist>"
    assert opened(data).repeated == (("PayloadType", 2),)
    assert opened(b'{"profile_name": 1, "url": 2,\n"url": 3}', "a.json").repeated == (("url", 2),)
    inner = b"<dict><key>A</key><array><dict><key>B</key><true/>\n<key>B</key><true/></dict></array></dict>"
    data = b"<plist><dict><key>PayloadContent</key><array><dict/>" + inner + b"</array></dict></plist>"
    assert opened(data).repeated == (("PayloadContent[1].A[0].B", 2),)
    data = b'{"profile_name": "x", "url": [[{"a": 1}, {"b": {"c": 1,\n"c": 2}}]]}'
    assert opened(data, "a.json").repeated == (("url[0][1].b.c", 2),)


def test_what_follows() -> None:
    """If this failed, bytes that no signature covers would go unseen."""
    data = building.written("profile", {})
    assert opened(data + b"\n<more/>").trailing
    binary = plistlib.dumps({}, fmt=plistlib.FMT_BINARY)
    assert opened(binary + b"more").trailing == "4 bytes follow the property list"
    assert not opened(binary).trailing
    assert opened(signer().sign(data) + b"more").trailing == "4 bytes follow the CMS message"
    assert not opened(signer().sign(data) + b"\n").trailing


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_encodings(encoding: str) -> None:
    """If this failed, a profile that was saved by another editor could not be read."""
    text = '<?xml version="1.0"?><plist><dict><key>PayloadType</key><string>Grüße</string></dict></plist>'
    assert opened(text.encode(encoding)).root.items["PayloadType"].text == "Grüße"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_json_with_a_byte_order_mark(encoding: str) -> None:
    """If this failed, a DEP profile that PowerShell wrote would be passed over, or be said to have a wrong byte."""
    data = '{"profile_name": "x", "url": "https://mdm.example.org/"}'.encode(encoding)
    with pytest.raises(DocumentError, match="byte order mark"):
        open_document(data, "dep.json")


def test_json_of_too_many_values() -> None:
    """If this failed, 4 MiB of JSON would be expanded to a hundred before it is refused."""
    data = b'{"profile_name": "x", "url": "https://mdm.example.org/", "x": [' + b"{}," * 500_000 + b"0]}"
    with pytest.raises(DocumentError, match="too many values to be a profile"):
        open_document(data, "dep.json")


def test_a_profile_signed_as_mail() -> None:
    """If this failed, what `openssl smime` makes by itself would be called no CMS message at all."""
    mail = b"MIME-Version: 1.0\nContent-Type: application/x-pkcs7-mime; smime-type=signed-data\n\nMIIB\n"
    with pytest.raises(DocumentError, match=r"S/MIME.*-outform der"):
        open_document(mail, "a.mobileconfig")
    assert open_document(mail, "token.p7m") is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"{}",
        b'{"url": "x", "region": "y"}',
        b"<html></html>",
        b"<plist><dict/></plist>",
        b"<plist><array/></plist>",
        b"\x30\x03\x02\x01\x05",
    ],
)
def test_other_files_are_none(data: bytes) -> None:
    """If this failed, a folder with other files could not be validated."""
    assert open_document(data, "other.txt") is None


def test_cms_of_something_else() -> None:
    """If this failed, a signed mail or a server token in the folder would be a damaged profile."""
    assert open_document(signer().sign(b"Content-Type: text/plain\r\n\r\nhello"), "mail.p7m") is None
    with pytest.raises(DocumentError, match="no property list"):
        open_document(signer().sign(b"hello"), "a.mobileconfig")


def test_a_named_cms_message_is_meant() -> None:
    """If this failed, a profile in DER that was cut would pass for no profile."""
    cut = signer().sign(building.written("profile", {}))[:40]
    assert open_document(cut, "a.der") is None
    with pytest.raises(DocumentError, match="cut off"):
        open_document(cut, "a.der", meant=True)


def test_may_be() -> None:
    """If this failed, every file of a folder would be read to its end, or a profile left out."""
    for data in (
        b"<?xml ?><!DOCTYPE plist",
        b"bplist00",
        b'{"a"',
        b"-----BEGIN CMS-----\nMII",
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
    ):
        assert may_be(data, "x")
    assert may_be(b"", "x.mobileconfig")
    assert not may_be(b"\x7fELF", "x")


@pytest.mark.parametrize("kind", ["ec", "rsa"])
@pytest.mark.parametrize("plain_", [False, True])
@pytest.mark.parametrize("encoding", [Encoding.DER, Encoding.PEM])
def test_signature_holds(kind: str, plain_: bool, encoding: Encoding) -> None:
    """If this failed, sound signatures would be refused."""
    data = building.written("profile", {})
    envelope = opened(signer(kind=kind).sign(data, encoding, plain=plain_)).envelope
    assert envelope is not None
    assert envelope.content == data
    [one] = envelope.signers
    assert (one.problem, one.digest) == ("", "sha256")
    assert (one.signed_at is None) == plain_


def test_a_message_that_was_streamed(tmp_path: Path) -> None:
    """If this failed, what `openssl cms -stream` signs, in pieces and with ends that are marked, would be refused."""
    data = building.written("profile", {"PayloadDescription": "x" * 100_000})
    (tmp_path / "in").write_bytes(data)
    one = signer()
    key = one.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "pem").write_bytes(one.certificate.public_bytes(Encoding.PEM) + key)
    words = ["openssl", "cms", "-sign", "-nodetach", "-binary", "-stream", "-indef", "-outform", "DER"]
    words += ["-signer", str(tmp_path / "pem"), "-in", str(tmp_path / "in")]
    signed = subprocess.run(words, capture_output=True, check=True).stdout
    assert b"\x24\x80\x04\x82" in signed
    envelope = opened(signed).envelope
    assert envelope is not None
    assert (envelope.content, [each.problem for each in envelope.signers]) == (data, [""])


@pytest.mark.parametrize("size", [1, 100])
def test_a_message_in_too_many_pieces(size: int) -> None:
    """If this failed, one file of some megabytes could hold a pipeline up for hours."""
    pieces = (b"\x04" + bytes([size]) + b"x" * size) * 200_000
    content = b"\x30\x80" + bytes.fromhex("06092a864886f70d010701") + b"\xa0\x80\x24\x80" + pieces + bytes(6)
    signed = b"\x30\x80\x02\x01\x01\x31\x00" + content + b"\x31\x00\0\0"
    data = b"\x30\x80" + bytes.fromhex("06092a864886f70d010702") + b"\xa0\x80" + signed + bytes(4)
    begun = time.process_time()
    with pytest.raises(DocumentError, match="too many pieces"):
        open_document(data, "a.mobileconfig")
    assert time.process_time() - begun < 2


@pytest.mark.parametrize("plain_", [False, True])
def test_changed_content(plain_: bool) -> None:
    """If this failed, a profile could be changed after it was signed."""
    signed = signer().sign(building.written("profile", {}), plain=plain_)
    changed = signed.replace(b"org.example.profile<", b"org.example.another<")
    assert changed != signed
    envelope = opened(changed).envelope
    assert envelope is not None
    assert envelope.signers[0].problem


def test_stolen_signature() -> None:
    """If this failed, attributes could be changed after they were signed."""
    signed = signer().sign(building.written("profile", {}))
    # The stated time of signing, UTCTime: the last digit of its seconds.
    at = signed.index(b"\x17\x0d", signed.index(b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x05")) + 13
    digit = b"1" if signed[at : at + 1] == b"0" else b"0"
    envelope = opened(signed[:at] + digit + signed[at + 1 :]).envelope
    assert envelope is not None
    assert "not the one of the signer's key" in envelope.signers[0].problem


def test_trust() -> None:
    """If this failed, chains would hold that do not, or those would not that do."""
    root = signer("root", authority=True)
    middle = signer("middle", root, authority=True)
    leaf = signer("leaf", middle)
    others = (middle.certificate,)
    at = building.NOW
    assert root.trust().why(leaf.certificate, others, at) == ""
    assert middle.trust().why(leaf.certificate, (), at) == ""
    assert leaf.trust().why(leaf.certificate, (), at) == ""
    assert "neither in the message" in root.trust().why(leaf.certificate, (), at)
    assert "signed itself" in root.trust().why(signer().certificate, (), at)
    assert root.trust().why(leaf.certificate, others, datetime(2060, 1, 1, tzinfo=UTC)) != ""
    # Nobody's child: the name of the issuer, another key.
    assert root.trust().why(signer("x", signer("root", authority=True)).certificate, (), at) != ""
    # A certificate that may sign nothing cannot vouch for another.
    assert root.trust().why(signer("y", signer("z", root)).certificate, (), at) != ""


def test_private_authority() -> None:
    """If this failed, an authority that does not keep to the rules of the public web would be trusted by nobody."""
    root = signer("root", authority=True, bare=True)
    assert root.trust().why(signer("leaf", root, bare=True).certificate, (), building.NOW) == ""


def test_read_trust() -> None:
    """If this failed, a store with one odd certificate, or in DER, would trust nobody."""
    one, other = signer("one", authority=True), signer("other", authority=True)
    pem = one.certificate.public_bytes(Encoding.PEM) + other.certificate.public_bytes(Encoding.PEM)
    odd = pem.replace(b"MII", b"MIA", 1)
    assert read_trust(pem, "x").size == 2
    assert read_trust(odd, "x").size == 1
    assert read_trust(one.certificate.public_bytes(Encoding.DER), "x").size == 1
    with pytest.raises(ValueError, match=r"."):
        read_trust(b"nothing", "x")


def test_owner_by_key_identifier() -> None:
    """If this failed, messages that name their signer by its key would have no signer."""
    one = signer()
    envelope = opened(building.keyed(one, building.written("profile", {}))).envelope
    assert envelope is not None
    assert envelope.signers[0].certificate == one.certificate
    assert envelope.signers[0].problem == ""
