"""Tests of abm_trace.formats: how a blob is recognised from its content."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.logs.lines import SAMPLES

from abm_trace import formats
from abm_trace.formats import frame, glance, head_line, head_lines, log_formats, recognise, unrecognised
from abm_trace.formats._interface import Format, Head
from abm_trace.formats.logs._array import Array

DEFAULT_HEADER = "Timestamp                       Thread     Type        Activity             PID    TTL  "
COMPACT_HEADER = "Timestamp               Ty Process[PID:TID]"
SYSLOG_HEADER = "Timestamp                       (process)[PID]    "
STREAM_HEADER = """Filtering the log data using "subsystem == "com.apple.ManagedClient"\""""


def head(*lines: str, path: str = "x", whole: bool = True) -> Head:
    """The head of a blob of these lines."""
    return Head(path, "".join(f"{line}\n" for line in lines).encode(), whole)


def recognised(*lines: str, path: str = "x") -> str:
    """The id of the format that claims these lines, "" for none."""
    found = recognise(head(*lines, path=path))
    return found.id if found else ""


def test_every_format_is_found_with_its_family_and_its_object() -> None:
    """A format would be missing although its file is there."""
    found = formats.formats()
    assert {family for family, _ in found.values()} == {"log", "export", "payload"}
    assert all(isinstance(module.FORMAT, Format) and module.FORMAT.id == name for name, (_, module) in found.items())
    assert set(log_formats()) == {name for name, (family, _) in found.items() if family == "log"}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_one_line_of_a_log_is_enough(name: str) -> None:
    """A capture that holds a single line would be lost."""
    for line in SAMPLES[name]:
        assert recognised(line) == name


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (DEFAULT_HEADER, "log-default"),
        (COMPACT_HEADER, "log-compact"),
        (SYSLOG_HEADER, "log-syslog"),
        ("[connected]", "idevicesyslog"),
        (STREAM_HEADER, "log-default"),
        (STREAM_HEADER, "log-json"),
    ],
)
def test_a_header_line_does_not_hide_the_format(header: str, name: str) -> None:
    """What `log show`, `log stream` and idevicesyslog print first would make a file unknown."""
    assert recognised(header, *SAMPLES[name]) == name
    assert recognised(header, SAMPLES[name][0]) == name


def test_both_headers_of_a_stream_may_stand_before_a_line() -> None:
    """`log stream` prints its filter and the header of its style."""
    assert recognised(STREAM_HEADER, DEFAULT_HEADER, SAMPLES["log-default"][0]) == "log-default"


def test_the_name_decides_nothing() -> None:
    """CASE.md: a file is recognised by what is in it; a renamed log would be read as a manifest."""
    assert recognised(*SAMPLES["article"], path="manifest.csv") == "article"
    assert recognised("serial,site", "F9FXQ1ABCD,clinic-01", path="logs/F9FXQ1ABCD.log") == "manifest"


def test_the_highest_score_wins() -> None:
    """In a file of two formats the rarer one would read it."""
    assert recognised(*SAMPLES["log-default"][:3], SAMPLES["log-syslog"][0]) == "log-default"
    assert recognised(*SAMPLES["log-syslog"][:3], SAMPLES["log-default"][0]) == "log-syslog"


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"nothing that anyone knows\n", b"\x00" * 4096, b"\xff\xfe\x00", bytes(range(256)) * 16]
)
def test_what_no_format_claims_is_none(data: bytes) -> None:
    """Noise would be read as something, or be dropped without being named."""
    assert recognise(Head("x", data, whole=True)) is None


@given(st.binary(max_size=300))
def test_any_bytes_have_a_format_or_none(data: bytes) -> None:
    """A hostile head would end the triage before the blob is isolated."""
    found = recognise(Head("x", data, whole=False))
    assert found is None or found.id in formats.formats()


def test_it_says_why() -> None:
    """`--files` could not tell a person why a file was read as what."""
    found = recognise(head(STREAM_HEADER, SAMPLES["article"][0]))
    assert found is not None
    assert found.why == "1 of its first 2 lines fit it"


def test_a_glance_takes_the_guess_only_where_both_first_lines_fit() -> None:
    """A file of another format between many of one kind would be read as theirs."""
    article = SAMPLES["article"]
    found = glance(head(*article), ["article"])
    assert found is not None
    assert (found.id, found.family) == ("article", "log")
    assert glance(head(article[0], "something else", article[1]), ["article"]) is None
    assert glance(head(*SAMPLES["rfc3164"]), ["article"]) is None
    assert glance(head(article[0]), ["article"]) is None
    assert glance(head(), ["article"]) is None


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_glance_agrees_with_recognition(name: str) -> None:
    """What a folder's file is would depend on which file was read before it, and so on how the work was split."""
    for guess in SAMPLES:
        found = glance(head(*SAMPLES[name]), [guess])
        assert (found is not None) == (guess == name)


def test_a_glance_passes_over_what_tools_print_before_a_log() -> None:
    """Each log with a header would be asked about all formats, or be read as another tool's."""
    compact = SAMPLES["log-compact"]
    found = glance(head(STREAM_HEADER, COMPACT_HEADER, *compact), ["article", "log-compact"])
    assert found is not None
    assert found.id == "log-compact" == recognised(STREAM_HEADER, COMPACT_HEADER, *compact)
    assert glance(head(SYSLOG_HEADER, *compact), ["log-compact"]) is None  # Whose it is, recognition must say.
    assert glance(head(COMPACT_HEADER, compact[0]), ["log-compact"]) is None


def test_a_glance_leaves_the_log_of_a_server_to_recognition() -> None:
    """Behind a folder of devices' syslogs a server's journal would be read as one of them, and its facts lost."""
    line = "May 30 12:25:17 mdm01 nanomdm[812]: 2021/05/30 12:25:17 level=info service=nanomdm msg=CheckOut id=U"
    assert head_line(log_formats()["rfc3164"]).match(line)
    assert glance(head(line, line), ["rfc3164"]) is None
    assert recognised(line, line) == "mdm-log"
    assert glance(head(*SAMPLES["rfc3164"], line), ["rfc3164"]) is not None


def test_a_cut_last_line_is_left_out() -> None:
    """The line that ends the head would count against its format."""
    data = "\n".join(SAMPLES["rfc3164"])[:-30].encode()
    assert len(head_lines(Head("x", data, whole=False))) == len(SAMPLES["rfc3164"]) - 1
    assert len(head_lines(Head("x", data, whole=True))) == len(SAMPLES["rfc3164"])


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_log_format_has_a_line_and_a_frame(name: str) -> None:
    """A log format could be recognised and not read."""
    module = log_formats()[name]
    assert head_line(module).match(SAMPLES[name][0])
    assert callable(frame(module))


DATA = Path(__file__).parents[1] / "data/formats"
NOISE = [
    STREAM_HEADER,
    "Skipping info and debug messages, pass --info and/or --debug to include.",
    "[connected]",
    "[disconnected]",
    "-" * 116,
    "=== Messages dropped during live streaming (use `log show` to see what they were)",
]


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_head_full_of_other_lines_does_not_hide_the_format(name: str) -> None:
    """A log that begins with headers, a torn line and a long message would be unknown."""
    before = [*NOISE * 3, "torn", *(f"  line {n} of a message" for n in range(60))]
    assert recognised(*before, *SAMPLES[name]) == name


@pytest.mark.parametrize("path", sorted(DATA.glob("*/*/*")), ids=lambda path: path.name)
def test_no_log_format_claims_an_export(path: Path) -> None:
    """An audit export in NDJSON would be read as a log, and its events be lost."""
    found = recognise(Head(path.name, path.read_bytes()[:65536], whole=True))
    assert found is not None
    assert found.family != "log"


@pytest.mark.parametrize(
    "record",
    [
        '{"id":"evt_01","event_type":"device_registered","occurred_at":"2026-05-17T08:47:12.883Z","message":"x"}',
        '{"event_type":"x","process":"y","message":"z","timestamp":"2026-05-17T08:47:12Z"}',
        '{"timestamp":"2026-05-17T08:47:12Z","level":"ERROR","message":"of some other program"}',
    ],
)
def test_no_log_format_claims_records_that_share_some_of_its_keys(record: str) -> None:
    """Every NDJSON with a message would be a log of Apple's."""
    assert not [name for name, module in log_formats().items() if head_line(module).match(record)]


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ([STREAM_HEADER, DEFAULT_HEADER], "log-default"),
        ([DEFAULT_HEADER, NOISE[4]], "log-default"),
        ([COMPACT_HEADER], "log-compact"),
        (["[connected]", "[disconnected]"], "idevicesyslog"),
        ([STREAM_HEADER], ""),
        ([DEFAULT_HEADER, "anything else"], ""),
    ],
)
def test_a_log_without_a_line_has_the_format_of_its_header(lines: list[str], name: str) -> None:
    """An export that found nothing would be called unreadable, although it was read whole."""
    assert recognised(*lines) == name


def test_an_array_over_many_lines_is_a_log() -> None:
    """`log show --style json` has no line that shows what it is."""
    array = '[{\n  "traceID" : 1,\n  "eventMessage" : "x",\n  "timestamp" : "2026-05-17 03:47:12.000000+0000"\n}]\n'
    assert recognised(array.rstrip()) == "log-json"
    stream = 'Filtering the log data using "process == "teslad""\n'
    assert recognised(*(stream + array.rstrip()).split("\n")) == "log-json"


def test_what_a_stream_says_first_stays_a_line_of_its_own() -> None:
    """The first event of `log stream --style json` would be lost, or bytes would stand elsewhere than they do."""
    said = b'Filtering the log data using "x"\nSkipping debug messages, pass --debug to enable.\n'
    events = b'[{\n  "a" : 1\n},{\n  "b" : 2\n}]\n'
    array = Array.of(said + events)
    assert array is not None
    flat = array.lines(said + events)
    assert len(flat) == len(said + events)
    assert flat.split(b"\n")[:2] == said.split(b"\n")[:2]
    assert flat[len(said) :].split(b"\n") == [b'[{   "a" : 1 }', b'{   "b" : 2 }] ']
    assert array.lines(b'  "c" : 3\n}]\n') == b'  "c" : 3 }] '


@pytest.mark.parametrize("comma", [",", ", "])
def test_each_object_of_an_array_on_one_line_is_a_line(comma: str) -> None:
    """A log that a script wrote would be one line of a megabyte, or objects inside events be events."""
    events = [
        {"eventMessage": "}, {", "backtrace": {"frames": [{"imageOffset": 1}, {"imageOffset": 2}]}},
        {"eventMessage": "b", "timestamp": "t"},
    ]
    data = json.dumps(events, separators=(comma, ":")).encode()
    array = Array.of(data)
    assert array is not None
    flat = array.lines(data)
    assert len(flat) == len(data)
    first, second = flat.strip(b"[]").split(b"\n")
    assert [json.loads(first), json.loads(second)] == events


def test_a_list_of_serial_numbers_that_nothing_reads_names_the_manifest_s_column() -> None:
    """A whole rollout's list would be lost, and its owner not know what is wrong with it."""
    rows = head("Serial Number,Model,Site", "F9FXQ2AAA2,iPad14,clinic-1", path="rollout.csv")
    assert recognise(rows) is None
    assert "'serial number' serial" in unrecognised(rows)[0]
    assert "--as FORMAT" in unrecognised(head("a,b", "1,2"))[0]


@pytest.mark.parametrize(
    ("line", "at"),
    [("[" * 9_000, 64), ('[{"a":' * 9_000, 64 // 2 * 6), ('{"a":"[[","b":' + "[" * 9_000 + "]" * 9_000 + "}", 14 + 63)],
)
def test_json_that_is_nested_too_deeply_says_so_and_where(line: str, at: int) -> None:
    """Whoever asks why the export of their MDM was not used would be sent to look for another format."""
    deep = head(line, path="mdm/devices.json")
    assert recognise(deep) is None
    reason, number, offset = unrecognised(deep)
    assert "nested too deeply" in reason
    assert (number, offset) == (1, at)
    assert unrecognised(head("", "", line, path="mdm/devices.json"))[1:] == (3, at + 2)
    assert unrecognised(head('[[["a"]]]'))[1:] == (None, None)


@pytest.mark.parametrize(
    ("text", "line", "offset"),
    [
        ('{"a": 1,\n ...\n}', 2, 10),
        ('\ufeff\n[{"a": 1}', 2, None),
        ('{"a": 1}\n{"b": 2}\n', None, None),
        ("{ brace }", 1, 2),
        ("no json", None, None),
        ("[2026-04-29 14:59:40] INFO started\n", None, None),
        ("[ERROR] it failed: [1, 2\n", None, None),
        ("[2026, 04", 1, None),
    ],
    ids=range(8),
)
def test_damaged_json_that_no_format_knows_says_where(text: str, line: int | None, offset: int | None) -> None:
    """If this fails, somebody looks for a format where a bracket lacks."""
    reason, number, at = unrecognised(Head("x", text.encode(), whole=True))
    assert ("damaged JSON" in reason) == (line is not None)
    assert number == line
    assert line is None or f"on line {line} " in reason
    assert offset is None or at == offset
    assert "damaged" not in unrecognised(Head("x", text.encode(), whole=False))[0]
