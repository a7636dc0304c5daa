"""Answers that were saved with their headers."""

import json
from datetime import UTC
from hashlib import sha256

import pytest
from tests.formats.exports.reading import head

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats import recognise
from abm_trace.formats._interface import Content
from abm_trace.formats.exports import http_answer

HEADERS = b"HTTP/2 200 \r\ndate: Fri, 17 May 2024 08:47:13 GMT\r\ncontent-type: application/json\r\n\r\n"
DEVICES = json.dumps(
    {"devices": [{"serial_number": "F9FXQ1ABCD", "profile_status": "pushed", "op_type": "added",
                  "op_date": "2026-05-17T08:47:12Z"}], "cursor": "x", "more_to_follow": False}, indent=1,
).encode()  # fmt: skip


def items(data: bytes) -> list[Fact | Skipped]:
    """All that is said of these bytes."""
    return list(http_answer.read(Content("x", data, UTC)))


@pytest.mark.parametrize(
    "before", [HEADERS, HEADERS.replace(b"\r", b""), b"HTTP/1.1 302 Found\r\nlocation: /x\r\n\r\n" + HEADERS]
)
def test_what_the_answer_holds_is_read_where_it_stands(before: bytes) -> None:
    """If this fails, what `curl -i` saved is refused, or a fact leads to other bytes than those that say it."""
    data = before + DEVICES
    found = recognise(head(data))
    assert found is not None
    assert found.id == "http-answer"
    facts = [item for item in items(data) if isinstance(item, Fact)]
    assert [fact.kind for fact in facts] == ["dep_record", "assigned", "synced", "pushed"]
    for fact in facts:
        start = fact.origin.offset or 0
        assert sha256(data[start : start + fact.origin.length]).hexdigest() == fact.origin.sha256
        assert fact.origin.line == 1 + data.count(b"\n", 0, start)


def test_an_error_of_the_dep_service_stays_one() -> None:
    """If this fails, the plain word of an error loses its own reader."""
    found = recognise(head(b'HTTP/1.1 403 Forbidden\r\ndate: x\r\n\r\n"T_C_NOT_SIGNED"\n'))
    assert found is not None
    assert found.id == "dep-error"


@pytest.mark.parametrize(
    "data",
    [HEADERS + b'{"a":1}', HEADERS + b"[]", b"HTTP/2 200\n" + b"a: b\n" * 200 + b"\n{}", HEADERS[:40], HEADERS + b"{"],
)
def test_what_is_not_used_is_named(data: bytes) -> None:
    """If this fails, an answer that nobody reads is lost without a word."""
    assert [type(item) for item in items(data)] == [Skipped]


def test_a_cut_anywhere() -> None:
    """If this fails, half an answer breaks the reader or is lost without a word."""
    data = HEADERS + DEVICES
    for kept in range(len(data)):
        assert 0 <= http_answer.score(head(data[:kept])) <= 1
        assert items(data[:kept])


@pytest.mark.parametrize(
    "data", [b"HTTP/2 200\n\n" * 5000, b"HTTP/2 200\n" + b"a:" * 30_000, b"HTTP/2 200\n" + b"a: b\n" * 12_000]
)
def test_hostile_headers_cost_no_time(data: bytes) -> None:
    """If this fails, a file of headers keeps the reader for minutes."""
    assert http_answer.score(head(data)) == 0
    assert items(data)


def test_a_miss() -> None:
    """If this fails, a log of requests or a page is taken for an answer."""
    for data in (b"", b"HTTP/2 200\n", HEADERS + b"<html>", b"GET / HTTP/1.1\n\n{}", DEVICES):
        assert http_answer.score(head(data)) == 0
