"""What a device posts when it asks its MDM for the enrolment profile."""

import plistlib
from base64 import b64encode, encodebytes

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import head, read, said
from tests.formats.payloads.bombs import BOMBS
from tests.formats.payloads.test_profile import signed

from abm_trace.formats import recognise
from abm_trace.formats.payloads import checkin, machine_info, profile

INFO = {
    "LANGUAGE": "en", "MDM_CAN_REQUEST_SOFTWARE_UPDATE": True, "OS_VERSION": "18.4", "PRODUCT": "iPad14,3",
    "SERIAL": "DMPXK1ABQ1GC", "UDID": "00008110-001A2B3C4D5E6F70", "VERSION": "22E240", "IMEI": "35 123456 789012 3",
    "MEID": "35123456789012",
}  # fmt: skip
ATTRS = {
    "serial": "DMPXK1ABQ1GC", "udid": "00008110-001A2B3C4D5E6F70", "model": "iPad14,3", "os_version": "18.4",
    "build": "22E240", "imei": "35 123456 789012 3", "meid": "35123456789012",
}  # fmt: skip
XML, BINARY = plistlib.FMT_XML, plistlib.FMT_BINARY
ASKED = ("fetch_requested", None, "it asked its MDM for the enrolment profile", ATTRS)
FORMS = {
    "xml": plistlib.dumps(INFO),
    "dictionary": b"<dict>" + plistlib.dumps(INFO).partition(b"<dict>")[2].rpartition(b"</plist>")[0],
    "binary": plistlib.dumps(INFO, fmt=BINARY),
    "signed": signed(plistlib.dumps(INFO)),
    "signed binary": signed(plistlib.dumps(INFO, fmt=BINARY)),
    "header's value": b64encode(signed(plistlib.dumps(INFO))),
    "header": b"x-apple-aspen-deviceinfo: " + b64encode(signed(plistlib.dumps(INFO))) + b"\r\n",
    "Header": b'X-Apple-Aspen-DeviceInfo: "' + b64encode(signed(plistlib.dumps(INFO))) + b'"\n',
    "wrapped base64": encodebytes(signed(plistlib.dumps(INFO))),
}


@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_every_form_says_who_asked(data: bytes) -> None:
    """If this fails, the one file that ties a device's serial number to its UDID before it enrols is refused."""
    found = recognise(head(data))
    assert found is not None
    assert found.id == "machine-info"
    facts, skipped = read(machine_info, data)
    assert said(facts) == [ASKED]
    assert {fact.source for fact in facts} == {"mdm"}
    assert not skipped


def test_keys_that_an_editor_laid_out_anew() -> None:
    """If this fails, a list that was looked at in an editor names no device."""
    data = plistlib.dumps(INFO).replace(b"<key>", b"<key>\n\t").replace(b"</key>", b"\n</key>")
    assert said(read(machine_info, data)[0]) == [ASKED]


@pytest.mark.parametrize(
    "content",
    [
        {**INFO, "CHALLENGE": "secret"},
        {key: INFO[key] for key in ("PRODUCT", "SERIAL", "UDID", "VERSION")},
    ],
    ids=["with a challenge", "without keys of its own"],
)
def test_an_answer_to_a_profile_service_is_no_request(content: dict[str, object]) -> None:
    """If this fails, a profile that somebody installed over the air proves that Apple was asked."""
    (fact,), skipped = read(machine_info, plistlib.dumps(content))
    assert (fact.kind, fact.at, fact.attrs["serial"]) == ("device_information", None, "DMPXK1ABQ1GC")
    assert not skipped
    assert "secret" not in str(fact)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"LANGUAGE": "en", "PRODUCT": "iPad14,3", "VERSION": "22E240"}, "names no device"),
        ({**INFO, "SERIAL": "", "UDID": ""}, "names no device"),
        ({**INFO, "SERIAL": 5123456789, "UDID": [b"x"]}, None),
        ({**INFO, "SERIAL": "XXXXXXXXXXXX", "UDID": ""}, "stands for one that was left out"),
        ({**INFO, "SERIAL": "x" * 5000, "UDID": {}}, "names no device"),
        ([INFO], "is no MachineInfo"),
        ({"A": INFO}, "is no MachineInfo"),
    ],
)
def test_what_names_no_device_is_named(content: dict[str, object] | list[object], reason: str | None) -> None:
    """If this fails, a file that was not used is lost without a word, or a device is made up."""
    facts, skipped = read(machine_info, plistlib.dumps(content))
    assert len(facts) == (reason is None)
    assert [thing.reason for thing in skipped] == [] or (reason or "?") in skipped[0].reason


def test_a_miss() -> None:
    """If this fails, a profile or a message with a key alike is taken for a MachineInfo."""
    for content in (
        {"PayloadType": "x", "PayloadContent": [INFO]},
        {"MessageType": "Authenticate", **INFO},
        {"PRODUCT": "x", "VERSION": "1"},
    ):
        assert machine_info.score(head(plistlib.dumps(content))) == 0
    for data in (b"", b"MII", b"0", b"MI" * 9000, b'{"PRODUCT":"VERSION SERIAL"}', b"PRODUCT VERSION SERIAL"):
        assert machine_info.score(head(data)) == 0
    for data in FORMS.values():
        assert max(profile.score(head(data)), checkin.score(head(data))) < machine_info.score(head(data))


@pytest.mark.parametrize("name", FORMS)
def test_a_cut_anywhere_is_named(name: str) -> None:
    """If this fails, half a MachineInfo breaks the reader or is lost without a word."""
    data = FORMS[name]
    for kept in (*range(0, len(data), 61), len(data) - 1):
        assert 0 <= machine_info.score(head(data[:kept])) <= 1
        facts, skipped = read(machine_info, data[:kept])
        assert facts or skipped


@pytest.mark.parametrize(
    "data",
    [*BOMBS, b"MI" + b" " * 8_000_000, b"MI" + b"A" * 9_000_000, signed(BOMBS[2]), b"x-apple-aspen-deviceinfo:" * 9999],
    ids=range(len(BOMBS) + 4),
)
def test_harm_is_named(data: bytes) -> None:
    """If this fails, a hostile list takes memory or time, or names a device."""
    machine_info.score(head(data))
    facts, skipped = read(machine_info, data)
    assert not facts
    assert skipped


@given(
    name=st.sampled_from(sorted(FORMS)),
    flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=5),
)
def test_any_damage(name: str, flips: list[tuple[int, int]]) -> None:
    """If this fails, a flipped byte breaks the reader with something else than a named thing."""
    data = bytearray(FORMS[name])
    for at, value in flips:
        data[at % len(data)] = value
    assert 0 <= machine_info.score(head(bytes(data))) <= 1
    read(machine_info, bytes(data))
