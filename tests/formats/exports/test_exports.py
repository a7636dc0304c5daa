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


@given(record=st.dictionaries(NAMES, VALUES | st.dictionaries(NAMES, VALUES)))
def test_any_types(record: dict[str, object]) -> None:
    """If this fails, a value of an unexpected type breaks a reader."""
    data = json.dumps([record, record]).encode()
    for form in FORMATS.values():
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


AT = "2026-05-17T08:47:12Z"
ROWS: dict[str, tuple[str, list[dict[str, object]]]] = {
    "intune": ("value", [{"serialNumber": s, "deviceEnrollmentType": "x", "enrolledDateTime": AT} for s in "AB"]),
    "jamf": ("results", [{"mobileDeviceId": s, "general": {}, "hardware": {"serialNumber": s}} for s in "AB"]),
    "kandji": ("results", [{"serial_number": s, "profile_status": "pushed", "is_enrolled": True} for s in "AB"]),
    "simplemdm": ("data", [{"type": "device", "attributes": {"serial_number": s, "enrolled_at": AT}} for s in "AB"]),
    "mosyle": ("response", [{"devices": [{"serial_number": s, "date_enroll": "1789398000"}]} for s in "AB"]),
    "fleet": ("hosts", [{"hardware_serial": s, "mdm": {"enrollment_status": "Pending"}} for s in "AB"]),
    "micromdm": ("devices", [{"serial_number": s, "udid": s, "enrollment_status": True} for s in "AB"]),
    "org-devices": ("data", [{"type": "orgDevices", "attributes": {"serialNumber": s}} for s in "AB"]),
    "mdm-servers": ("data", [{"type": "mdmServers", "id": s, "attributes": {"serverName": s}} for s in "AB"]),
    "dep-devices": ("devices", [{"serial_number": s, "profile_status": "pushed"} for s in "AB"]),
}
"""The name of a product's list, and two rows of it."""


@pytest.mark.parametrize("shape", ["%s", "%s\n%s\n", "[%s]", "%s%s"], ids=["object", "lines", "array", "one by one"])
@pytest.mark.parametrize("name", ROWS)
def test_a_key_that_a_page_repeats_is_named(name: str, shape: str) -> None:
    """CASE.md: if this fails, nobody learns that a page has a key twice, or one of two lists is lost."""
    form = FORMATS[name]
    key, rows = ROWS[name]
    first, second = (json.dumps(row) for row in rows)
    pages = shape.count("%s")
    data = shape % ((f'{{"zz":1, "{key}": [{first}], "zz":2, "{key}": [{second}]}}',) * pages)
    alone = [fact for row in rows for fact in read(form, json.dumps({key: [row]}).encode())[0]]
    facts, skipped = read(form, data.encode())
    kinds = [[(f.kind, f.attrs.get("serial")) for f in each if f.kind != "coverage"] for each in (alone, facts)]
    assert kinds[0] * pages == kinds[1]
    said = [thing for thing in skipped if "is repeated" in thing.reason]
    assert sorted(thing.reason.rpartition(": ")[2] for thing in said) == sorted(
        [f"the key {key!r} is repeated", "the key 'zz' is repeated"] * pages
    )
    for thing in said:
        assert thing.offset is not None
        assert data[thing.offset :].startswith((f'"{key}": [{second}', '"zz":2'))
        assert thing.line == 1 + data.count("\n", 0, thing.offset)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("simplemdm", ('"has_more":false', '"has_more":true'), id="simplemdm"),
        pytest.param("kandji", ('"next":null', '"next":"https://x"'), id="kandji"),
        pytest.param("dep-devices", ('"more_to_follow":false', '"more_to_follow":true'), id="dep-devices"),
        pytest.param("org-devices", ('"links":{}', '"links":{"next":"https://x"}'), id="org-devices"),
    ],
)
def test_a_page_that_says_both_that_another_follows_and_that_none_does_proves_nothing(
    name: str, said: tuple[str, str]
) -> None:
    """If this fails, the last of two words decides whether the devices of pages that nobody saved are strangers."""
    key, rows = ROWS[name]
    for one, other in (said, said[::-1]):
        facts, _ = read(FORMATS[name], f'{{{one},"{key}":{json.dumps(rows)},{other}}}'.encode())
        covers = FORMATS[name].FORMAT.covers
        assert {(fact.source, fact.at) for fact in facts if fact.kind == "coverage"} >= {
            (each, None) for each in covers
        }


_SERIAL = {"serial_number": "F9FXQ1ABCD"}
_ENROLLED_AT = "2026-04-02T14:05:00Z"
_HEARD_AT = "2026-05-12T22:00:00Z"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("intune", {"value": [{
            "serialNumber": "F9FXQ1ABCD", "enrolledDateTime": _ENROLLED_AT, "lastSyncDateTime": _HEARD_AT,
            "deviceEnrollmentType": "appleBulkWithoutUser",
        }]}),
        ("kandji", [_SERIAL | {
            "device_id": "d", "platform": "iPad", "first_enrollment": _ENROLLED_AT, "last_check_in": _HEARD_AT,
        }]),
        ("simplemdm", {"data": [{"type": "device", "id": 1, "attributes": _SERIAL | {
            "status": "enrolled", "enrolled_at": _ENROLLED_AT, "last_seen_at": _HEARD_AT,
        }}]}),
        ("mosyle", {"response": [{"devices": [_SERIAL | {
            "os": "ios", "date_enroll": "1775138700", "date_last_beat": "1778623200",
        }]}]}),
        ("jamf", {"totalCount": 1, "results": [{
            "id": "1", "hardware": {"serialNumber": "F9FXQ1ABCD"}, "general": {
                "lastContactTime": _HEARD_AT, "lastEnrolledDate": _ENROLLED_AT, "remoteManagement": {"managed": True},
                "enrolledViaAutomatedDeviceEnrollment": True,
            },
        }]}),
        ("zentral", {"results": [_SERIAL | {"udid": "u", "created_at": _ENROLLED_AT, "last_seen_at": _HEARD_AT}]}),
        ("micromdm", {"devices": [_SERIAL | {"udid": "u", "enrollment_status": True, "last_seen": _HEARD_AT}]}),
    ],
)  # fmt: skip
def test_a_product_tells_when_it_last_heard_from_a_device(name: str, said: object) -> None:
    """If this fails, a log that is fetched from a device in use makes it a redeploy that vanished."""
    facts, _ = read(FORMATS[name], json.dumps(said).encode())
    assert {fact.attrs.get("contact_at") for fact in facts if fact.kind == "enrolled"} == {_HEARD_AT}
