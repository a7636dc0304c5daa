"""What holds for every export: its description, and that any bytes give facts, named things, or a FormatError."""

import json
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import head, read

import abm_trace.formats.exports
from abm_trace.core.registry import discover

FORMATS = discover(abm_trace.formats.exports, "FORMAT")
WORDS = [
    *(b'{"events":[', b'{"log":{"entries":[', b"]}", b"]", b"[", b"{", b"}", b",", b":", b"\n", b"\r\n", b'"', b"\\"),
    *(b"\xff", b"\x00", b"null", b"1e999", b"NaN", b";", b"\t", b"serial", b",site", b"offset_seconds"),
    *(b'"serial_number":"F9F"', b'"event_type":"device_registered"', b'"status":202'),
    *(b'"request":{"url":"https://x.abm.apple.com/"}', b"CONNECTED(3)\n", b"---\n", b"depth=1 x\n", b" 0 s:CN=x\n"),
    *(b"Verify return code: 10 (x)", b"System time : 1 seconds slow of NTP time", b"+1 +/- 2 x"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        *(
            "serial_number",
            "serial",
            "event_type",
            "occurred_at",
            "registrationStatus",
            "status",
            "status_since",
            "url",
            "at",
        ),
        *(
            "host",
            "chain",
            "captured_at",
            "verify_code",
            "stapled",
            "id",
            "tokenExpiry",
            "request",
            "response",
            "devices",
        ),
        *("enrolled_at", "exported_at", "method", "state", "timestamp", "entries", "log", "startedDateTime", "subject"),
    ]
)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
def test_it_says_what_it_is(form: ModuleType) -> None:
    """If this fails, a format cannot be listed, or its reference leads nowhere."""
    assert form.FORMAT.title
    assert form.FORMAT.reference.startswith(("http", "docs/facts.md#"))
    assert form.__doc__


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@given(data=st.binary(max_size=200) | st.lists(st.sampled_from(WORDS), max_size=20).map(b"".join))
def test_any_bytes(form: ModuleType, data: bytes) -> None:
    """If this fails, some bytes break a reader, or a fact cites other bytes than its digest is of."""
    assert 0 <= form.score(head(data)) <= 1
    read(form, data)


@pytest.mark.parametrize("form", FORMATS.values(), ids=FORMATS)
@given(record=st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES)))
def test_any_types(form: ModuleType, record: dict[str, object]) -> None:
    """If this fails, a value of an unexpected type breaks a reader."""
    data = json.dumps([record, record]).encode()
    form.score(head(data))
    read(form, data)


@pytest.mark.parametrize(
    "word",
    ["[REDACTED]", "<serial>", "XXXXXXXXXXXX", "************", "-1", "0", "REDACTED", "Unknown", "N/A",
     "System Serial Number", "To Be Filled By O.E.M.", "string", "{{SERIAL_NUMBER}}", "{serial}", "${SERIAL}",
     "$SERIALNUMBER", "%HardwareSerial%", "<%= serial %>", "H9V...", "H9V…", "serial_number"],
)  # fmt: skip
def test_what_stands_for_a_serial_number_is_none(word: str) -> None:
    """If this fails, the redacted rows of an export are all one device."""
    data = json.dumps([{"serial_number": serial, "status_since": "2026-05-17T08:47:12Z"} for serial in (word, "F9F")])
    facts, skipped = read(FORMATS["abm-devices"], data.encode())
    assert [fact.attrs for fact in facts] == [{"serial": "F9F"}]
    assert [thing.reason for thing in skipped if word in thing.reason] == [
        f"a serial number is not used, it stands for one that was left out: {word}",
    ]


@pytest.mark.parametrize("serial", ["F9FXQ1ABCD", "C02D91CNPV4M", "ZDVK+q1mNQz/", "VMware-56 4d", "1234", "5c28fdae"])
def test_odd_serial_numbers_are_some(serial: str) -> None:
    """If this fails, a virtual Mac's serial number is taken for a gap."""
    data = json.dumps([{"serial_number": serial, "status_since": "2026-05-17T08:47:12Z"}])
    facts, _ = read(FORMATS["abm-devices"], data.encode())
    assert [fact.attrs.get("serial") for fact in facts] == [serial]


@pytest.mark.parametrize(
    "data",
    [
        b'{"name":"calendar","events":[]}',
        b'{"events":[{"id":"1","type":"login","timestamp":"2024-01-01T00:00:00Z"}]}',
        b'[{"event_type":"click","user":"a","timestamp":"2024-01-01T00:00:00Z"}]',
        b"event_type,user\nclick,a\n",
        b'{"name":"x","version":"1.0.0","devices":[],"scripts":{}}',
        b'{"hosts":["a","b"],"version":1}',
        b'{"hosts":[],"version":1}',
        b'{"object":"list","data":[],"has_more":false,"url":"/v1/charges"}',
        b'{"app_id":"a","dev_id":"d","hardware_serial":"0004A30B001FEFFE","port":3}',
        b'[{"computer_name":"Mac mini","hardware_model":"Mac14,12","hardware_serial":"X9QCQ2QW3M","uuid":"U"}]',
    ],
)
def test_files_of_other_programs_are_of_no_format(data: bytes) -> None:
    """If this fails, a file that has nothing to do with it proves that ABM or the MDM does not know a device."""
    assert {item_id: score for item_id, form in FORMATS.items() if (score := form.score(head(data)))} == {}


@pytest.mark.parametrize(
    ("data", "item_id"),
    [
        (b'{"events":[]}', "audit"),
        (b'{"organization":"Acme","exported_at":"2026-05-18T00:00:00Z","events":[]}', "audit"),
        (b'[{"event_type":"device_registered","serial_number":"F9F"}]', "audit"),
        (b"event_type,serial_number\ndevice_registered,F9F\n", "audit"),
        (b'{"devices":[],"next":null}', "abm-devices"),
        (b'{"hosts":[]}', "fleet"),
        (b'{"data":[],"has_more":false}', "simplemdm"),
        (b'{"hosts":[{"hardware_serial":"F9F","platform":"ios"}]}', "fleet"),
    ],
)
def test_empty_pages_and_short_records_are_still_told(data: bytes, item_id: str) -> None:
    """If this fails, an export that is empty or sparse is not recognised any more."""
    assert FORMATS[item_id].score(head(data)) >= 0.4
