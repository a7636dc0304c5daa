"""NanoMDM's webhooks, with a property list in base64 inside, and what may be wrong with it."""

import json
import plistlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.products import (
    Record,
    check_exclusive,
    check_order,
    check_wrong_types,
    dumps,
    named,
    reaches,
    told,
)
from tests.formats.exports.reading import head, read
from tests.formats.payloads.bombs import BOMBS

from abm_trace.core.nouns import Fact
from abm_trace.formats import recognise
from abm_trace.formats._interface import Content
from abm_trace.formats.exports import nanomdm

AT = "2026-05-17T08:47:12Z"
SAMPLES = Path(__file__).parents[4] / "shared/samples/mdm"
WHO = {"serial": "F9F", "udid": "U", "model": "iPad13,18", "os_version": "18.4", "build": "22E240", "imei": "35"}
AUTHENTICATE = {
    "MessageType": "Authenticate", "Topic": "com.apple.mgmt.x", "UDID": "U", "SerialNumber": "F9F", "IMEI": "35",
    "ProductName": "iPad13,18", "OSVersion": "18.4", "BuildVersion": "22E240",
}  # fmt: skip
TOKEN = {"MessageType": "TokenUpdate", "Topic": "com.apple.mgmt.x", "UDID": "U", "Token": b"t", "PushMagic": "m"}
FORMATS = [plistlib.FMT_XML, plistlib.FMT_BINARY]


def raw(content: Mapping[str, object] | list[str], fmt: plistlib.PlistFormat = plistlib.FMT_XML) -> str:
    """A property list in base64."""
    return b64encode(plistlib.dumps(content, fmt=fmt)).decode()


def event(topic: str, payload: object, at: object = AT, **more: object) -> Record:
    """A webhook."""
    name = "acknowledge_event" if topic == "mdm.Connect" else "checkin_event"
    return {"topic": topic, "event_id": "e", "created_at": at, name: {"udid": "U", "raw_payload": payload, **more}}


def answer(
    content: Record, *, status: str = "Acknowledged", fmt: plistlib.PlistFormat = plistlib.FMT_XML, **more: object
) -> Record:
    """A webhook of the answer to a command."""
    payload = {"CommandUUID": "c1", "Status": status, "UDID": "U", **content}
    return event("mdm.Connect", raw(payload, fmt), status=status, command_uuid="c1", **more)


def kinds(record: Record) -> list[tuple[str, str]]:
    """(kind, value) of what an event states, beside that the device asked for commands."""
    return [fact[0:3:2] for fact in told(read(nanomdm, dumps(record))[0]) if fact[0] != "connected"]


@pytest.mark.parametrize("fmt", FORMATS)
def test_an_enrolment(fmt: plistlib.PlistFormat) -> None:
    """If this fails, a device that was dropped in the midst of its enrolment is not told from one that came through."""
    records = [
        event("mdm.Authenticate", raw(AUTHENTICATE, fmt)),
        event("mdm.TokenUpdate", raw({**TOKEN, "AwaitingConfiguration": True}, fmt), token_update_tally=1),
        event("mdm.TokenUpdate", raw({**TOKEN, "AwaitingConfiguration": False}, fmt), token_update_tally=2),
        event("mdm.CheckOut", raw({"MessageType": "CheckOut", "UDID": "U"}, fmt)),
    ]
    data = b"".join(dumps(record) + b"\n" for record in records)
    found = recognise(head(data))
    assert found is not None
    assert found.id == "nanomdm"
    for each in (data, dumps(records), json.dumps(records, indent=2).encode(), dumps({"events": records})):
        facts, skipped = read(nanomdm, each)
        who = {"udid": "U", "mdm": "nanomdm"}
        assert told(facts) == sorted([
            ("authenticate", AT, "", {**WHO, "mdm": "nanomdm"}),
            ("token_update", AT, "", {**who, "awaiting_configuration": "yes"}),
            ("token_renewed", AT, "", {**who, "awaiting_configuration": "no"}),
            ("configured", AT, "", who),
            ("checked_out", AT, "", who),
        ], key=repr)  # fmt: skip
        assert not skipped
        assert reaches(facts) == []


def test_the_first_token_update_without_a_hold_says_so() -> None:
    """If this fails, a device that nobody held in Setup Assistant counts as released from it."""
    record = event("mdm.TokenUpdate", raw({**TOKEN, "AwaitingConfiguration": False}))
    facts, _ = read(nanomdm, dumps(record))
    assert [(fact[0], fact[3].get("awaiting_configuration")) for fact in told(facts)] == [("token_update", "no")]


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ({**TOKEN, "UserID": "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"}, {}),
        ({**TOKEN, "UserShortName": "jane"}, {}),
        (TOKEN, {"ids": {"id": "U:V", "type": "User", "parent_id": "U"}}),
        (TOKEN, {"ids": {"id": "U", "type": "Shared iPad"}}),
        (TOKEN, {"enrollment_id": "U:V"}),
        ({"MessageType": "TokenUpdate", "EnrollmentID": "E", "Token": b"t"}, {"udid": None}),
    ],
)
def test_the_user_channel_says_nothing_of_the_device(content: Record, more: Record) -> None:
    """If this fails, a user who signs in makes a device enrolled."""
    facts, skipped = read(nanomdm, dumps(event("mdm.TokenUpdate", raw(content), **more)))
    assert not told(facts)
    assert not skipped


@pytest.mark.parametrize("fmt", FORMATS)
def test_answers(fmt: plistlib.PlistFormat) -> None:
    """If this fails, what a device says of its protection, or of the end of its set-up, is lost."""
    security = {
        "FDE_Enabled": False,
        "FirewallSettings": {"FirewallEnabled": True},
        "SystemIntegrityProtectionEnabled": True,
    }
    assert kinds(answer({"SecurityInfo": security}, fmt=fmt)) == [
        ("posture", "FileVault off"),
        ("posture", "SIP on"),
        ("posture", "firewall on"),
    ]
    assert kinds(answer({"RequestType": "DeviceConfigured"}, fmt=fmt)) == [("configured", "")]
    assert kinds(answer({"QueryResponses": {"AwaitingConfiguration": False}}, fmt=fmt)) == [("configured", "")]
    assert kinds(answer({"QueryResponses": {"AwaitingConfiguration": True}}, fmt=fmt)) == []
    assert kinds(answer({}, fmt=fmt, request_type="DeviceConfigured")) == [("configured", "")]
    assert kinds(answer({"RequestType": "DeviceConfigured"}, status="Error", fmt=fmt)) == []
    assert kinds(answer({}, status="Idle", fmt=fmt)) == []
    by_name = event(
        "mdm.Connect", raw({"CommandUUID": "DeviceConfigured-1", "Status": "Acknowledged", "UDID": "U"}, fmt)
    )
    assert kinds({**by_name, "acknowledge_event": {**by_name["acknowledge_event"], "status": "Acknowledged"}}) == [  # type: ignore[dict-item]
        ("configured", "")
    ]


@pytest.mark.parametrize("status", ["Idle", "Acknowledged", "NotNow", "Error", None])
@pytest.mark.parametrize("payload", [{"Status": "Idle", "UDID": "U"}, {"Status": "Idle"}, None], ids=range(3))
def test_a_device_that_asks_for_commands_is_there(status: object, payload: Record | None) -> None:
    """If this fails, a device that the MDM hears of every hour has never checked in with it."""
    more = {} if status is None else {"status": status}
    first, last = (event("mdm.Connect", payload and raw(payload), at, **more) for at in (AT, "2026-05-18T00:00:00Z"))
    for records in ([first, last], [last, first]):
        facts, skipped = read(nanomdm, dumps(records))
        assert told(facts) == [("connected", "2026-05-18T00:00:00Z", "", {"udid": "U", "mdm": "nanomdm"})]
        assert reaches(facts) == [("mdm", None)]
        assert not skipped


@pytest.mark.parametrize(
    ("content", "more"),
    [
        ({"Status": "Idle", "UDID": "U", "UserID": "V"}, {}),
        ({"Status": "Idle", "EnrollmentID": "E"}, {}),
        ({"Status": "Acknowledged", "UDID": "U", "UserID": "V", "RequestType": "x"}, {}),
        ({"Status": "Idle", "UDID": "U"}, {"enrollment_id": "U:V"}),
    ],
    ids=["user", "user's own", "answer", "id"],
)
def test_a_user_that_asks_for_commands_says_nothing_of_the_device(content: Record, more: Record) -> None:
    """If this fails, a user's own enrolment stands for the device's."""
    facts, _ = read(nanomdm, dumps(event("mdm.Connect", raw(content), status=content["Status"], **more)))
    assert not told(facts)


def test_what_a_device_is_is_told_once() -> None:
    """If this fails, a server that asks every hour fills the memory, or the serial number of an answer is lost."""
    asked = answer({"QueryResponses": {"SerialNumber": "F9F", "OSVersion": "18.4", "IsSupervised": True}})
    facts, skipped = read(
        nanomdm, dumps(asked) + b"\n" + dumps({**asked, "created_at": "2026-05-18T00:00:00Z"}) + b"\n"
    )
    who = {"serial": "F9F", "udid": "U", "os_version": "18.4", "mdm": "nanomdm"}
    posture = {**who, "item": "supervision", "state": "on"}
    assert told(facts) == sorted([
        ("device_information", None, "", who),
        ("posture", AT, "supervision on", posture),
        ("posture", "2026-05-18T00:00:00Z", "supervision on", posture),
        ("connected", "2026-05-18T00:00:00Z", "", who),
    ], key=repr)  # fmt: skip
    assert not skipped


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("!!!", "base64"),
        ("YQ=", "base64"),
        (b64encode(b"no property list").decode(), "damaged"),
        (raw(AUTHENTICATE)[:200], "cannot be read"),
        (raw(["a"]), "no dictionary"),
        (["a"], "no text"),
        ("A" * 2_000_000, "too long"),
        *[(b64encode(bomb).decode(), "cannot be read") for bomb in BOMBS],
    ],
    ids=range(7 + len(BOMBS)),
)
def test_what_is_inside_may_be_broken(payload: object, reason: str) -> None:
    """If this fails, a bomb in base64 takes memory or time, or an event is lost whose envelope says enough."""
    facts, skipped = read(nanomdm, dumps(event("mdm.TokenUpdate", payload, token_update_tally=1)))
    assert told(facts) == [("token_update", AT, "", {"udid": "U", "mdm": "nanomdm"})]
    assert reason in named(skipped)


def test_many_bombs() -> None:
    """If this fails, ten thousand lists that refer to themselves take minutes."""
    line = dumps(event("mdm.Authenticate", b64encode(BOMBS[0]).decode())) + b"\n"
    said = list(nanomdm.read(Content("x", line * 10_000, UTC)))
    assert [isinstance(each, Fact) for each in said].count(True) == 10_000
    assert len(said) == 10_101


def test_bytes_after_the_end_are_named() -> None:
    """If this fails, what follows a property list is silently unread."""
    payload = b64encode(plistlib.dumps(TOKEN) + b"<more/>").decode()
    facts, skipped = read(nanomdm, dumps(event("mdm.TokenUpdate", payload)))
    assert [fact[0] for fact in told(facts)] == ["token_update"]
    assert "not read in full" in named(skipped)


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "99999-01-01", None, 5])
def test_an_event_without_a_time_is_named(at: object) -> None:
    """If this fails, an impossible time breaks the reader, or nobody learns that there is none."""
    facts, skipped = read(nanomdm, dumps(event("mdm.Authenticate", raw(AUTHENTICATE), at)))
    assert [fact.at for fact in facts if fact.kind == "authenticate"] == [None]
    assert "an event has no time" in named(skipped)
    assert reaches(facts) == [("mdm", None)]  # Nothing follows from what is not in it: no deadline is known.


def test_other_events() -> None:
    """If this fails, an event of no matter is named, or one of another kind is not."""
    facts, skipped = read(nanomdm, dumps([event("mdm.GetBootstrapToken", raw({})), event("dep.SyncDevices", "x")]))
    assert not told(facts)
    assert named(skipped) == "a record is not used, it is of no kind that is known: dep.SyncDevices"
    nobody = event("mdm.CheckOut", raw({"MessageType": "CheckOut"}), udid=None)
    assert "names no device" in named(read(nanomdm, dumps(nobody))[1])
    assert "no content" in named(read(nanomdm, dumps({"topic": "mdm.CheckOut", "created_at": AT}))[1])


def test_real_messages() -> None:
    """If this fails, the messages of real devices are not read inside a webhook."""
    if not SAMPLES.exists():
        pytest.skip("the real samples are not here")
    texts = [b64encode((SAMPLES / f"{name}.1.plist").read_bytes()).decode() for name in ("Authenticate", "TokenUpdate")]
    records = [event("mdm.Authenticate", texts[0]), event("mdm.TokenUpdate", texts[1])]
    facts, skipped = read(nanomdm, dumps(records))
    assert [fact.kind for fact in facts] == ["authenticate", "token_update"]
    assert {fact.attrs["udid"] for fact in facts} == {"663b07bb783e9ade1dae4fbb92ea12afc0ce5b69"}
    assert facts[0].attrs["serial"] == "F5JM992LF193"
    assert not skipped


@given(
    flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
    cut=st.integers(0, 200),
    fmt=st.sampled_from(FORMATS),
)
def test_any_damage_inside(flips: list[tuple[int, int]], cut: int, fmt: plistlib.PlistFormat) -> None:
    """If this fails, a flipped byte inside an event breaks the reader, or the event beside it."""
    inside = bytearray(plistlib.dumps(AUTHENTICATE, fmt=fmt))
    inside = inside[: len(inside) - cut]
    for at, value in flips:
        inside[at % len(inside)] = value
    good = event("mdm.Authenticate", raw(AUTHENTICATE))
    facts, _ = read(nanomdm, dumps([event("mdm.Authenticate", b64encode(inside).decode()), good]))
    assert ("authenticate", AT, "", {**WHO, "mdm": "nanomdm"}) in told(facts)


def test_laws() -> None:
    """If this fails, the order of the events, or a wrong value in one of them, changes what the others say."""

    def page(records: Sequence[Record]) -> object:
        return list(records)

    records = [
        event("mdm.Authenticate", raw(AUTHENTICATE)),
        event("mdm.TokenUpdate", raw(TOKEN), token_update_tally=1),
        answer({"QueryResponses": {"SerialNumber": "F9F", "IsSupervised": False}}),
    ]
    check_order(nanomdm, records, page)
    for record in records[:2]:
        check_wrong_types(nanomdm, record, page)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export is read as NanoMDM's, or the reverse."""
    check_exclusive(nanomdm)
