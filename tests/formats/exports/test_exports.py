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
