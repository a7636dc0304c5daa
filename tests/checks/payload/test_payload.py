"""The check as a whole: every rule holds on its examples, real payloads are judged right, harm is bounded."""

import plistlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given
from hypothesis import strategies as st
from tests.checks.payload import building
from tests.checks.payload.building import asked, check, found
from tests.samples import sample

from abm_trace.checks import payload
from abm_trace.checks.payload import COMPLAINTS_MAX, SEVERITIES, Rule, catalogue

BAD = [(rule, number) for rule in catalogue().values() for number in range(len(rule.bad))]
GOOD = [(rule, number) for rule in catalogue().values() for number in range(len(rule.good))]


def names(rule: Rule, changes: object) -> list[str]:
    """The rules that find something in an example, as of a token of eu-west."""
    assert isinstance(changes, dict)
    data = building.written(rule.kind, changes)
    path = "a.json" if rule.kind == "dep-profile" else "a.mobileconfig"
    return [name for _, name, _ in found(check(data, path, region="eu-west"))]


@pytest.mark.parametrize(("rule", "number"), BAD, ids=[f"{rule.id}-{number}" for rule, number in BAD])
def test_bad_example(rule: Rule, number: int) -> None:
    """If this failed, a rule would not find what it says it finds."""
    assert rule.id in names(rule, rule.bad[number])


@pytest.mark.parametrize(("rule", "number"), GOOD, ids=[f"{rule.id}-{number}" for rule, number in GOOD])
def test_good_example(rule: Rule, number: int) -> None:
    """If this failed, a rule would find fault with what it says is right."""
    assert rule.id not in names(rule, rule.good[number])


@pytest.mark.parametrize("rule", catalogue().values(), ids=lambda rule: rule.id)
def test_rule_is_whole(rule: Rule) -> None:
    """If this failed, a finding would not say on whose word it stands, what it means, or what to do."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", rule.id)
    assert rule.severity in SEVERITIES
    assert rule.layer in {"", "L0", "L1", "L3", "L4", "L5"}
    assert bool(rule.cause) == (rule.layer == "L0")
    for text in (rule.title, rule.source, rule.means, rule.do):
        assert text
        assert text == text.strip()
    assert not rule.title.endswith(".")
    assert rule.means.endswith(".")
    assert rule.do.endswith(".")
    # What is told of bytes, of signatures, of servers or of two files has no example of keys.
    told = {"payload", "repeated", "trailing", "cms", "readback", "allow", "tls", "endpoint"}
    assert rule.bad or rule.id.split("-")[0] in told
    assert bool(rule.bad) == bool(rule.good)


@pytest.mark.parametrize("kind", ["profile", "mdm", "dep-profile"])
def test_sound_payload(kind: str) -> None:
    """If this failed, every profile would have a finding, and nobody would read them."""
    path = "a.json" if kind == "dep-profile" else "a.mobileconfig"
    assert found(check(building.written(kind, {}), path)) == []


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@pytest.mark.parametrize("encoding", [None, Encoding.DER, Encoding.PEM])
def test_every_wrapping(fmt: plistlib.PlistFormat, encoding: Encoding | None) -> None:
    """If this failed, a fault would be found in one form of a profile and not in another."""
    data = building.written("mdm", {"Topic": "x", "AccessRights": True, "Extra": 1}, fmt)
    root = building.signer("root", authority=True)
    if encoding:
        data = building.signer(issuer=root).sign(data, encoding)
    checked = check(data, trust=root.trust())
    assert sorted(found(checked)) == [
        ("error", "apple-type", "PayloadContent[2].AccessRights"),
        ("error", "mdm-topic", "PayloadContent[2].Topic"),
        ("note", "apple-unknown-key", "PayloadContent[2].Extra"),
    ]
    lines = [hit.finding.evidence[0].line for hit in checked.hits if hit.finding.id == "mdm-topic"]
    assert (lines[0] is not None) == (fmt is plistlib.FMT_XML and encoding is None)


def test_place() -> None:
    """If this failed, a finding would lead to the wrong line, or its digest to none."""
    data = building.written("mdm", {"Topic": "x"})
    [hit] = [hit for hit in check(data).hits if hit.finding.id == "mdm-topic"]
    origin = hit.finding.evidence[0]
    assert origin.line is not None
    assert b"<key>Topic</key>" in data.splitlines()[origin.line - 1]
    assert hit.key == "PayloadContent[2].Topic"
    assert len(origin.sha256) == 64


@pytest.mark.parametrize("name", ["adguard-signed", "adguard-unsigned", "enroll"])
def test_real_profiles(name: str) -> None:
    """If this failed, profiles that real devices take would be refused."""
    checked = check(sample(f"profiles/{name}.mobileconfig"), trust=None)
    assert [hit for hit in found(checked) if hit[0] == "error"] == []


def test_real_dep_profile() -> None:
    """If this failed, a DEP profile that Apple's service gave out would be refused."""
    assert found(check(sample("dep/fetch_profile_response.json"), "fetch.json")) == []


@pytest.mark.parametrize("name", ["account", "device_details", "device", "empty_sync"])
def test_other_bodies_are_no_profiles(name: str) -> None:
    """If this failed, other answers of the DEP service would be held against the rules of profiles."""
    assert payload.check(sample(f"dep/{name}_response.json"), "x.json", asked()) is None


@pytest.mark.parametrize("name", ["Authenticate.1", "TokenUpdate.1"])
def test_check_ins_are_no_profiles(name: str) -> None:
    """If this failed, any property list would be taken for a profile."""
    assert payload.check(sample(f"mdm/{name}.plist"), "x.plist", asked()) is None


def test_cut_anywhere() -> None:
    """If this failed, some cut of a signed profile would pass, or raise."""
    whole = building.signer().sign(building.written("profile", {}))
    for length in range(len(whole) - 1):
        checked = payload.check(whole[:length], "a.mobileconfig", asked())
        assert checked is not None
        assert found(checked) == [("error", "payload-damaged", "")]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    b"<plist><string>&b;</string></plist>"
)
NESTED = b"<plist>" + b"<array>" * 100_000


def _shared(levels: int) -> bytes:
    """A binary list of two references to the next list, and so on: 2**levels values in some bytes."""
    objects = [bytes([0xA2, level + 1, level + 1]) for level in range(levels)] + [b"\x09"]
    offsets, at = [], 8
    for each in objects:
        offsets.append(at)
        at += len(each)
    trailer = bytes(6) + bytes([2, 1]) + len(objects).to_bytes(8, "big") + bytes(8) + at.to_bytes(8, "big")
    return b"bplist00" + b"".join(objects) + b"".join(offset.to_bytes(2, "big") for offset in offsets) + trailer


HOSTILE: dict[str, Callable[[], bytes]] = {
    "empty": lambda: b"",
    "garbage": lambda: b"\x00\xff" * 100,
    "entities": lambda: BOMB,
    "nested XML": lambda: NESTED,
    "nested CMS": lambda: b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" + b"\xa0\x80\x30\x80" * 50_000,
    "shared references": lambda: _shared(40),
    "a circle": lambda: _shared(2).replace(b"\xa2\x02\x02", b"\xa2\x00\x00"),
    "many values": lambda: b"<plist><array>" + b"<true/>" * 300_000 + b"</array></plist>",
    "no root": lambda: b'<plist version="1.0"></plist>',
    "an array": lambda: plistlib.dumps([1]),
    "two roots": lambda: b"<plist><true/><true/></plist>",
    "a key without a value": lambda: b"<plist><dict><key>a</key></dict></plist>",
    "a value without a key": lambda: b"<plist><dict><true/></dict></plist>",
    "another element": lambda: b"<plist><dict><key>a</key><bomb/></dict></plist>",
    "no number": lambda: b"<plist><dict><key>a</key><integer>x</integer></dict></plist>",
    "no date": lambda: b"<plist><dict><key>a</key><date>now</date></dict></plist>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_harm(name: str) -> None:
    """If this failed, a payload that is built to harm would stop the run, or pass."""
    assert found(check(HOSTILE[name]())) == [("error", "payload-damaged", "")]


def test_too_large() -> None:
    """If this failed, the largest file would decide how much memory a run takes."""
    data = b"<plist><data>" + b"A" * payload.document.BYTES_MAX
    assert found(check(data)) == [("error", "payload-too-large", "")]
    assert payload.check(b"x" + data, "holiday.mov", asked()) is None


def test_many_findings_are_cut() -> None:
    """If this failed, one file with a hundred thousand wrong keys would bury all others."""
    checked = check(building.written("profile", {f"Key{number}": 1 for number in range(5000)}))
    told = [hit for hit in checked.hits if hit.finding.id == "apple-unknown-key"]
    assert len(told) == COMPLAINTS_MAX + 1
    assert "and more" in told[-1].finding.text


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    """If this failed, some bytes would raise instead of being told."""
    for head in (
        b"",
        b"bplist00",
        b"<plist>",
        b'{"profile_name": ',
        b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
    ):
        payload.check(head + data, "a.mobileconfig", asked(), meant=True)


SIGNED = building.signer().sign(building.written("mdm", {}))
BINARY = building.written("mdm", {}, plistlib.FMT_BINARY)
ROOT = building.signer("root", authority=True)
CHAIN = building.keyed(building.signer("leaf", ROOT), building.written("profile", {}))


@given(st.sampled_from([SIGNED, CHAIN, CHAIN, BINARY, building.written("dep-profile", {})]), st.data())
def test_any_damage(whole: bytes, data: st.DataObject) -> None:
    """If this failed, some damage to a real form would raise instead of being told."""
    at = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:at] + data.draw(st.binary(min_size=1, max_size=4)) + whole[at + data.draw(st.integers(0, 4)) :]
    payload.check(damaged, "a.mobileconfig", asked(trust=ROOT.trust()), meant=True)


def test_schema_is_apples() -> None:
    """If this failed, the shipped facts would not be those of Apple's files."""
    from scripts import make_apple_schema  # noqa: PLC0415  # Only where there are files to make them from.

    folder = Path(__file__).parents[4] / "shared/apple/schema"
    if not folder.is_dir():
        pytest.skip("Apple's schema is not beside this checkout")
    import json  # noqa: PLC0415  # As above.

    assert json.loads(make_apple_schema.OUT.read_text()) == json.loads(json.dumps(make_apple_schema.facts(folder)))
