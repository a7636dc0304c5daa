"""Tests of abm_trace.signatures.scan: one pass over bytes finds exactly the lines that the rules hold for."""

import json
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.formats.logs.lines import at
from tests.signatures.building import read_detection

from abm_trace.core.nouns import Record
from abm_trace.formats import frame, log_formats
from abm_trace.formats.logs._interface import Stamps
from abm_trace.signatures import SignatureError, load, scan
from abm_trace.signatures.scan import LINE_BYTES_MAX, Scanner
from abm_trace.signatures.windows import WAYS

WORDS = (
    "alpha",
    "Alpha",
    "BETA",
    "beta",
    'say "hi"',
    "https://x/y",
    "größe",
    "abc",
    "abcd",
    "dabc",
    " ",
    "=",
    "Code=4001",
)
WHEN = at("2026-05-17T03:47:12Z")
PROCESSES = ("teslad", "trustd", "Setup Assistant")

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map("".join)
modifiers = st.sampled_from(["", "|contains", "|startswith", "|endswith", "|cased", "|cased|contains", "|contains|all"])


@st.composite
def selections(draw: st.DrawFn) -> dict[str, Any]:
    """What stands under one name of a detection."""
    made: dict[str, Any] = {}
    modifier = draw(modifiers)
    values = draw(st.lists(texts | texts.map(lambda text: f"{text}*"), min_size=1, max_size=3))
    made[f"message{modifier}"] = values if modifier.endswith("all") or len(values) > 1 else values[0]
    if draw(st.booleans()):
        made["process"] = draw(st.sampled_from(PROCESSES))
    return made


conditions = st.sampled_from(["a", "a and b", "a or b", "a and not b", "1 of them", "all of them", "a and (b or c)"])


@st.composite
def detections(draw: st.DrawFn) -> dict[str, Any]:
    """A detection of three selections."""
    return {**{name: draw(selections()) for name in "abc"}, "condition": draw(conditions)}


@st.composite
def lines(draw: st.DrawFn) -> tuple[str, str]:
    """(format, line): a line of the article, of `log`'s default style or of ndjson."""
    name = draw(st.sampled_from(["article", "log-default", "log-json"]))
    message, process = draw(texts), draw(st.sampled_from(PROCESSES))
    if name == "article":
        return name, f"2026-05-17 03:47:12.000 DEBUG com.apple.MCX {message}"
    if name == "log-default":
        return name, f"2026-05-17 03:47:12.000000+0000 0x1 Default 0x0 7 0 {process}: {message}"
    event = {
        "timestamp": "2026-05-17 03:47:12.000000+0000",
        "processImagePath": f"/usr/{process}",
        "eventMessage": message,
    }
    text = json.dumps(event, ensure_ascii=draw(st.booleans()))
    return name, text.replace("/", "\\/") if draw(st.booleans()) else text


def record_of(name: str, line: str) -> Record:
    """The record of a line of a format."""
    record = frame(log_formats()[name])(line, Stamps(UTC))
    assert record is not None
    assert record.at == WHEN
    return record


def found_by_scan(given_lines: Sequence[tuple[str, str]], scanner: Scanner) -> set[tuple[int, str]]:
    """(line number, signature) of what the scan finds in the bytes of the lines and the tests then confirm."""
    data = bytearray("\n".join(line for _, line in given_lines).encode())
    line_starts = [0, *(place + 1 for place, byte in enumerate(data) if byte == 10)]
    starts = {position: number for number, position in enumerate(line_starts)}
    found = set()
    for start, end, candidates in scanner.hits(data, len(data)):
        number = starts[start]
        name, line = given_lines[number]
        assert bytes(data[start:end]).decode() == line
        found |= {(number, each.id) for each in candidates if each.test(record_of(name, line))}
    return found


@settings(max_examples=150)
@given(data=st.data())
def test_the_scan_finds_exactly_the_lines_that_the_rules_hold_for(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """A line would be missed because of how it is written, what stands beside it, or which sample was looked at."""
    folder = tmp_path_factory.getbasetemp()
    signatures = []
    for number, detection in enumerate(data.draw(st.lists(detections(), min_size=1, max_size=3))):
        try:
            signatures.append(read_detection(folder, detection, f"rule-{number}"))
        except SignatureError as error:
            assert "fixes no text" in str(error)  # noqa: PT017  # The only reason for which these may be refused.
    given_lines = data.draw(st.lists(lines(), min_size=1, max_size=8))
    sample = data.draw(st.binary(max_size=64) | st.sampled_from([line.encode() for _, line in given_lines]))
    expected = {
        (number, each.id)
        for number, (name, line) in enumerate(given_lines)
        for each in signatures
        if each.test(record_of(name, line))
    }
    for way in WAYS:
        assert found_by_scan(given_lines, Scanner(signatures, sample, way)) == expected


SHIPPED = load()[0]
SHOWN = [
    (signature.id, example.message, example.process or "teslad")
    for signature in SHIPPED
    for example in signature.examples
    if example.matches
]


@pytest.mark.parametrize("slashes", [False, True])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_each_shipped_rule_finds_its_examples_in_json_too(slashes: bool, ascii_only: bool) -> None:
    """`log --style ndjson` escapes slashes, quotes and line ends: a rule whose text they cut would miss the line."""
    made = []
    for _, message, process in SHOWN:
        event = {
            "timestamp": "2026-05-17 03:47:12.000000+0000",
            "processImagePath": f"/usr/libexec/{process.rpartition('/')[2]}",
            "eventMessage": message,
        }
        text = json.dumps(event, ensure_ascii=ascii_only, separators=(",", ":"))
        made.append(("log-json", text.replace("/", "\\/") if slashes else text))
    found = found_by_scan(made, Scanner(SHIPPED))
    missed = [name for number, (name, _, _) in enumerate(SHOWN) if (number, name) not in found]
    assert missed == []


@pytest.mark.parametrize("pattern", ["(?i)alphabet [0-9]", "(?i:alphabet) [0-9]", "(?im)^alphabet [0-9]"])
def test_a_flag_inside_an_expression_reaches_the_scan(tmp_path: Path, pattern: str) -> None:
    """The scan would look for the small letters alone, and miss the line that the expression holds for."""
    signature = read_detection(tmp_path, {"a": {"message|re": pattern}, "condition": "a"})
    line = "2026-05-17 03:47:12.000000+0000 0x1 Default 0x0 7 0 teslad: ALPHABET 7"
    assert found_by_scan([("log-default", line)], Scanner([signature])) == {(0, "made")}


def hits(text: bytes, size: int | None = None) -> list[tuple[bytes, set[str]]]:
    """The hit lines of a text under the shipped signatures, with the candidates of each."""
    data = bytearray(text)
    found = Scanner(load()[0]).hits(data, len(data) if size is None else size)
    return [(bytes(data[start:end]), {each.id for each in candidates}) for start, end, candidates in found]


def test_each_line_is_hit_once_and_in_order() -> None:
    """A line with two texts would make its facts twice, or out of order."""
    text = b"ABM response: 204 ABM response: 202 requestId\nnoise\nABMDeviceRegistered\n"
    found = hits(text)
    assert [line for line, _ in found] == [b"ABM response: 204 ABM response: 202 requestId", b"ABMDeviceRegistered"]
    assert {"abm-response-204", "abm-response-202"} <= found[0][1]


@pytest.mark.parametrize("text", [b"", b"\n", b"\n\n\n", b"noise\n" * 100, b"\x00" * 1000])
def test_noise_hits_nothing(text: bytes) -> None:
    """Every line would be parsed."""
    assert hits(text) == []


def test_a_last_line_without_its_end_is_found() -> None:
    """The last line of a cut capture would be lost."""
    assert [line for line, _ in hits(b"x\nABMDeviceRegistered")] == [b"ABMDeviceRegistered"]


def test_what_stands_behind_the_size_is_not_looked_at() -> None:
    """The buffer is used again and again: a line of the file before would be read as this one's."""
    assert hits(b"x\nABMDeviceRegistered\nABM response: 204\n", 22) == [
        (b"ABMDeviceRegistered"[:20], hits(b"ABMDeviceRegistered")[0][1])
    ]


@pytest.mark.parametrize("before", [0, 40])
def test_a_line_is_cut_at_its_bound(before: int) -> None:
    """CASE.md: a line of at most 1 MiB is read; an endless one would be copied and searched whole."""
    text = (
        b"x" * before
        + b"\nABMDeviceRegistered "
        + b"x" * (2 * LINE_BYTES_MAX)
        + b" ABM response: 204\nABM response: 204\n"
    )
    (first, _), (second, _) = hits(text)
    assert len(first) == LINE_BYTES_MAX
    assert first.startswith(b"ABMDeviceRegistered ")
    assert second == b"ABM response: 204"


def test_a_text_beyond_the_bound_of_its_line_is_no_hit() -> None:
    """What stands there is named as not read; a fact of it would contradict that."""
    assert hits(b"x" * (LINE_BYTES_MAX + 1) + b"ABMDeviceRegistered\n") == []


def test_without_signatures_nothing_is_found() -> None:
    """An empty rule set would be an error of the scanner's library."""
    assert Scanner([]).hits(bytearray(b"ABMDeviceRegistered\n"), 20) == []


def test_a_scanner_can_be_used_again() -> None:
    """The hits of one block would turn up in the next."""
    scanner = Scanner(load()[0])
    first, second = bytearray(b"ABMDeviceRegistered\n"), bytearray(b"noise, long enough\n")
    assert len(scanner.hits(first, len(first))) == 1
    assert scanner.hits(second, len(second)) == []
    assert len(scanner.hits(first, len(first))) == 1


TEXTS = st.lists(
    st.tuples(st.sampled_from([b"ABMDeviceRegistered", b"=== M", b"x", b"\n", b"\n\n"]), st.integers(1, 60)),
    max_size=12,
).map(lambda parts: b"".join(part * times for part, times in parts))


@given(text=TEXTS, ends_max=st.integers(1, 40), disorder=st.integers(0, 30))
def test_where_the_scan_stops_for_a_moment_changes_no_line(text: bytes, ends_max: int, disorder: int) -> None:
    """A line of nothing but windows took some 20 s in a log of 300 MB; a real one behind it must not be missed."""
    whole = hits(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_ENDS_MAX", ends_max)
        patch.setattr(scan, "_DISORDER_BYTES", disorder)
        found = hits(text)
    assert found == whole
