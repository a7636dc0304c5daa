"""Bare check-in messages and answers of devices, and property lists that mean harm."""

import plistlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import head, read, said
from tests.formats.payloads.bombs import BOMBS

from abm_trace.formats import recognise
from abm_trace.formats.payloads import checkin

SAMPLES = Path(__file__).parents[4] / "shared/samples/mdm"
FORMATS = [plistlib.FMT_XML, plistlib.FMT_BINARY]
AUTHENTICATE = {
    "MessageType": "Authenticate", "UDID": "U", "SerialNumber": "F9F", "ProductName": "iPad13,18", "OSVersion": "18.4",
    "BuildVersion": "22E240", "MEID": "9",
}  # fmt: skip
TOKEN = {"MessageType": "TokenUpdate", "UDID": "U", "Token": b"t", "PushMagic": "m"}
ANSWER = {"CommandUUID": "c", "Status": "Acknowledged", "UDID": "U"}


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (AUTHENTICATE, [("authenticate", "", {"serial": "F9F", "udid": "U", "model": "iPad13,18", "os_version": "18.4",
                                              "build": "22E240", "meid": "9"})]),
        (TOKEN, [("token_update", "", {"udid": "U"})]),
        ({**TOKEN, "AwaitingConfiguration": True},
         [("token_update", "", {"udid": "U", "awaiting_configuration": "yes"})]),
        ({"MessageType": "CheckOut", "UDID": "U"}, [("checked_out", "", {"udid": "U"})]),
        ({**ANSWER, "RequestType": "DeviceConfigured"}, [("configured", "", {"udid": "U"})]),
        ({**ANSWER, "SecurityInfo": {"PasscodePresent": False}},
         [("posture", "passcode off", {"udid": "U", "item": "passcode", "state": "off"})]),
    ],
)  # fmt: skip
def test_messages(
    fmt: plistlib.PlistFormat, content: dict[str, object], expected: list[tuple[str, str, object]]
) -> None:
    """If this fails, what a device said to its MDM proves nothing, or something else."""
    data = plistlib.dumps(content, fmt=fmt)
    found = recognise(head(data))
    assert found is not None
    assert found.id == "checkin"
    facts, skipped = read(checkin, data)
    assert [(kind, value, attrs) for kind, _, value, attrs in said(facts)] == expected
    assert {fact.at for fact in facts} == {None}
    assert {fact.source for fact in facts} == {"mdm"}
    assert not skipped


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize(
    "content",
    [
        {"Status": "Idle", "UDID": "U"},
        {"MessageType": "SetBootstrapToken", "UDID": "U", "BootstrapToken": b"t"},
        {"MessageType": "DeclarativeManagement", "EnrollmentID": "E", "Endpoint": "tokens"},
        {"Status": "Error", "CommandUUID": "c", "UDID": "U"},
        {**ANSWER, "ProfileList": [{"PayloadContent": [{"PayloadType": "com.apple.mdm"}]}]},
    ],
)
def test_messages_that_state_nothing_are_named_as_such(fmt: plistlib.PlistFormat, content: dict[str, object]) -> None:
    """If this fails, an idle device's message is called a configuration profile that is none."""
    data = plistlib.dumps(content, fmt=fmt)
    found = recognise(head(data))
    assert found is not None
    assert found.id == "checkin"
    facts, skipped = read(checkin, data)
    assert not facts
    assert [thing.reason for thing in skipped] == ["a message says nothing of a device's enrolment"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(AUTHENTICATE, "authenticate"), ({**ANSWER, "RequestType": "DeviceConfigured"}, "configured")],
)
def test_a_list_that_an_editor_laid_out_anew(content: dict[str, object], kind: str) -> None:
    """If this fails, a message whose keys and texts stand on lines of their own says nothing."""
    data = plistlib.dumps(content)
    for tag in (b"key", b"string"):
        data = data.replace(b"<%b>" % tag, b"<%b>\n\t\t" % tag).replace(b"</%b>" % tag, b"\n\t</%b>" % tag)
    facts, skipped = read(checkin, data)
    assert [(fact.kind, fact.attrs["udid"]) for fact in facts] == [(kind, "U")]
    assert not skipped


def test_real_messages() -> None:
    """If this fails, the messages of real devices are not read."""
    if not SAMPLES.exists():
        pytest.skip("the real samples are not here")
    kinds = []
    for path in sorted(SAMPLES.glob("*.plist")):
        data = path.read_bytes()
        found = recognise(head(data))
        assert found is not None
        assert found.id == "checkin"
        facts, skipped = read(checkin, data)
        assert not skipped
        kinds += [(fact.kind, fact.attrs["udid"][:4]) for fact in facts]
    assert kinds == [("authenticate", "663b"), ("token_update", "663b")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({**TOKEN, "UserID": "V"}, "nothing of a device"),
        ({"MessageType": "TokenUpdate", "EnrollmentID": "E"}, "a user enrolment names no serial number or UDID"),
        ({"MessageType": "SetBootstrapToken", "EnrollmentID": "E"}, "nothing of a device"),
        ({"MessageType": "Authenticate", "Topic": "x"}, "names no device"),
        ({**ANSWER, "Status": "Error"}, "nothing of a device"),
        (["MessageType", "Authenticate"], "no dictionary"),
    ],
)
def test_what_proves_nothing_is_named(content: dict[str, object] | list[object], reason: str) -> None:
    """If this fails, a file that was not used is lost without a word."""
    facts, skipped = read(checkin, plistlib.dumps(content))
    assert not facts
    assert reason in skipped[0].reason


def test_a_profile_is_no_message() -> None:
    """If this fails, a configuration profile is read as a device's words."""
    data = plistlib.dumps({"PayloadType": "Configuration", "PayloadContent": [{"CommandUUID": "c", "Status": "x"}]})
    assert checkin.score(head(data)) == 0


@pytest.mark.parametrize(
    "data", [*BOMBS, plistlib.dumps(AUTHENTICATE)[:200], bytes(9_000_000)], ids=range(len(BOMBS) + 2)
)
def test_harm_is_named(data: bytes) -> None:
    """If this fails, a hostile message takes memory or time, or proves an enrolment."""
    facts, skipped = read(checkin, data)
    assert not facts
    assert skipped


@pytest.mark.parametrize("value", [1, True, b"x", [], {}, "x" * 5000, " "])
@pytest.mark.parametrize("key", [*AUTHENTICATE, "Status", "SecurityInfo", "QueryResponses", "UserID"])
@pytest.mark.parametrize("fmt", FORMATS)
def test_wrong_types(key: str, value: object, fmt: plistlib.PlistFormat) -> None:
    """If this fails, a value of an unexpected type breaks the reader."""
    for base in (AUTHENTICATE, TOKEN, {**ANSWER, "SecurityInfo": {"FirewallSettings": {key: value}}}):
        facts, skipped = read(checkin, plistlib.dumps({**base, key: value}, fmt=fmt))
        assert facts or skipped


def test_what_follows_the_end_is_named() -> None:
    """If this fails, bytes after the end of a message are silently unread."""
    facts, skipped = read(checkin, plistlib.dumps(TOKEN) + b"<more/>")
    assert [fact.kind for fact in facts] == ["token_update"]
    assert skipped


@given(
    fmt=st.sampled_from(FORMATS),
    flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=5),
    cut=st.integers(0, 60),
)
def test_any_damage(fmt: plistlib.PlistFormat, flips: list[tuple[int, int]], cut: int) -> None:
    """If this fails, a flipped byte breaks the reader with something else than a named thing."""
    data = bytearray(plistlib.dumps(AUTHENTICATE, fmt=fmt))
    data = data[: len(data) - cut]
    for at, value in flips:
        data[at % len(data)] = value
    assert 0 <= checkin.score(head(bytes(data))) <= 1
    read(checkin, bytes(data))


@given(data=st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """If this fails, some bytes break the reader with something else than a named thing."""
    assert 0 <= checkin.score(head(data)) <= 1
    read(checkin, data)
    read(checkin, b"bplist00" + data)


def test_a_masked_serial_makes_no_device_and_is_named() -> None:
    """Fixtures and tickets write `XXXXXXXXXXXX`: one device of many would vanish, and the real ones had a conflict."""
    masked = {"MessageType": "Authenticate", "UDID": "U-1", "SerialNumber": "XXXXXXXXXXXX"}
    facts, skipped = read(checkin, plistlib.dumps(masked))
    assert [(fact.kind, fact.attrs) for fact in facts] == [("authenticate", {"udid": "U-1"})]
    assert "stands for one that was left out: XXXXXXXXXXXX" in skipped[0].reason


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY], ids=["xml", "binary"])
def test_a_key_that_is_given_twice_is_named(form: plistlib.PlistFormat) -> None:
    """Whose words came last would decide, without a word."""
    data = plistlib.dumps({"MessageType": "Authenticate", "UDID": "U-1", "UDIE": "U-2"}, fmt=form)
    facts, skipped = read(checkin, data.replace(b"UDIE", b"UDID"))
    assert [fact.attrs for fact in facts] == [{"udid": "U-2"}]
    assert skipped[0].reason == "the key 'UDID' is given twice with different values, the last one was used"
