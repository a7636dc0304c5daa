"""One blob: recognised, read, accounted for."""

import gzip
import json
import tarfile
from datetime import UTC
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline import building
from tests.pipeline.reading_of import blob, line, reading, reasons, rules

from abm_trace.core.nouns import Blob
from abm_trace.formats.exports._interface import CUT
from abm_trace.pipeline import reading as readings
from abm_trace.pipeline import told
from abm_trace.pipeline.losses import LOSS
from abm_trace.pipeline.reading import Reader
from abm_trace.signatures import load, windows
from abm_trace.signatures.scan import Scanner
from abm_trace.sources import stream

LOG = (line(1, "boot") + line(5, "ABMDeviceRegistered")).encode()
MANIFEST = b"serial,site\nF9FXQ1ABCD,clinic-01\n"


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    """A log called .csv would be read as a table."""
    assert reading(tmp_path, LOG, "manifest.csv").format == "article"
    assert reading(tmp_path, MANIFEST, "boot.log").format == "manifest"


def test_a_format_can_be_forced(tmp_path: Path) -> None:
    """--as would do nothing."""
    found = reading(tmp_path, MANIFEST, forced="article")
    assert (found.format, found.facts) == ("article", ())
    assert found.why == "asked for with --as"


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b"\x00\x01garbage\xff" * 9, "not recognised")])
def test_what_no_format_reads_is_named(tmp_path: Path, data: bytes, reason: str) -> None:
    """It would be dropped in silence."""
    found = reading(tmp_path, data)
    assert found.format == ""
    assert reason in reasons(found)[0]


def test_what_stands_before_the_damage_counts(tmp_path: Path) -> None:
    """A cut gzip would lose its facts, or hide that it is cut."""
    packed = gzip.compress(LOG + b"\n" + bytes(range(256)) * 400)
    found = reading(tmp_path, packed[:-40], "a.log.gz")
    assert [fact.kind for fact in found.facts] == ["registered"]
    assert any("cut" in reason for reason in reasons(found))


def test_a_first_line_without_end_does_not_hide_the_next_ones(tmp_path: Path) -> None:
    """One endless line would cost the whole file."""
    found = reading(tmp_path, b"A" * 9_000_000 + b"\n" + LOG)
    assert [fact.kind for fact in found.facts] == ["registered"]
    assert found.skipped[0].line == 1


EVENTS = "".join(
    f'{{"id":"e{n}","event_type":"device_registered","occurred_at":"2026-05-17T08:47:1{n}Z","serial_number":"A{n}"}}\n'
    for n in range(3)
).encode()
_LARGE = b'{"id":"x","zz":"' + b"a" * 2_000_000 + b'"}\n'


@pytest.mark.parametrize(
    "first",
    [
        b"x" * 9_000_000 + b"\n",
        _LARGE,
        b"[" * 100_000 + b"\n",
        b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(10_000)) + b"}\n",
        _LARGE * 2,
    ],
    ids=["no-end", "large", "deep", "keys", "two"],
)
def test_a_first_line_that_fills_the_head_does_not_hide_the_events_behind_it(tmp_path: Path, first: bytes) -> None:
    """One bad line would cost all that an audit says."""
    found = reading(tmp_path, first + EVENTS, "audit.ndjson")
    assert [fact.origin.line for fact in found.facts] == [first.count(b"\n") + n for n in (1, 2, 3)]
    assert {each.line for each in found.skipped} == set(range(1, first.count(b"\n") + 1))


def test_a_table_or_a_page_behind_a_first_line_without_end_is_not_guessed(tmp_path: Path) -> None:
    """A row would be taken for the header of a table, or a part of some document for an export."""
    page = b'{"events":[\n' + EVENTS.replace(b"}\n", b"},\n") + b"{}]}"
    for behind in (MANIFEST, page):
        assert reading(tmp_path, b"x" * 100_000 + b"\n" + behind).format == ""


@pytest.mark.parametrize("first", [EVENTS, b""], ids=["inside", "first"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_line_that_is_too_long_is_named_and_what_is_behind_it_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: bytes, count: int
) -> None:
    """It was called damaged, twice, and the text said to be cut there."""
    monkeypatch.setattr("abm_trace.pipeline.text.PIECE_BYTES_MAX", 1_000_000)
    data = first + _LARGE * count + EVENTS
    found = building.reader(block=300_000).read(building.blob(tmp_path, data))
    lines = first.count(b"\n")
    want = [(lines + n + 1, len(first) + n * len(_LARGE)) for n in range(count)]
    assert [(each.line, each.offset) for each in found.skipped] == want
    assert all("a line longer than 32 MiB" in reason for reason in reasons(found))
    assert [fact.origin.line for fact in found.facts] == [*range(1, lines + 1), *(lines + count + n for n in (1, 2, 3))]
    assert found.lines == lines + count + 3


def test_only_so_many_things_are_named_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of ten million bad lines would fill the report."""
    monkeypatch.setattr("abm_trace.pipeline.accounting.SKIPPED_MAX", 5)
    bad = line(5, "ABMDeviceRegistered").replace("05-17", "02-30")
    found = reading(tmp_path, (line(1, "boot") + line(2, "x") + bad * 50).encode())
    assert len(found.skipped) == 6
    assert "45 more like this" in found.skipped[-1].reason


def test_a_record_that_is_no_line_is_cited_by_its_number(tmp_path: Path) -> None:
    """Its digest would be compared with that of a line."""
    array = b'[{"id":"e1","event_type":"device_registered","occurred_at":"2026-05-17T08:47:12Z","serial_number":"A"}]'
    (inside,) = reading(tmp_path, array, "a.json").facts
    (alone,) = reading(tmp_path, array[1:-1] + b"\n", "a.ndjson").facts
    assert (inside.origin.line, inside.origin.record) == (None, 0)
    assert alone.origin.line == 1
    assert inside.origin.sha256 == alone.origin.sha256


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf"])
def test_a_byte_order_mark_alone_read_as_a_log_is_no_fault_of_ours(tmp_path: Path, mark: bytes) -> None:
    """`--as FORMAT` on a file that holds nothing would ask the person to report a defect."""
    found = reading(tmp_path, mark, forced="log-syslog")
    assert found.facts == ()
    assert not any("please report it" in reason for reason in reasons(found))


@pytest.mark.parametrize("block", [4096, 1 << 20])
def test_everything_before_the_cut_of_a_gzip_is_used(tmp_path: Path, block: int) -> None:
    """Its hint says so; up to a block of good lines would be lost."""
    lines = [building.line("Preparing for enrollment…"), *building.noise(200), building.line("ABM response: 204")]
    found = building.read(tmp_path, building.cut_gzip(building.text([*lines, *building.noise(5)]), 4), block=block)
    assert building.kinds(found) == ["preparing", "response_204"]
    assert "cut" in building.reasons(found)


def test_a_reader_is_used_for_one_blob_after_another(tmp_path: Path) -> None:
    """The buffer, the guess or the hits of one blob would turn up in the next."""
    one = building.reader()
    lines = [building.line("Preparing for enrollment…"), *building.noise(200), building.line("ABM response: 204")]
    syslog = "<14>May 17 03:47:12 F9FXQ1ABCD teslad[231]: ABM response: 204\n" * 2
    packed = BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("x" * 90))
    short = MANIFEST[: MANIFEST.find(b"\n") + 1]  # Shorter than a tar's header: its mark would still stand behind it.
    for data in (
        packed.getvalue(),
        short,
        building.text(lines),
        MANIFEST,
        syslog.encode(),
        LOG,
        gzip.compress(building.text(lines)),
        b"",
        LOG,
    ):
        again, alone = one.read(building.blob(tmp_path, data)), building.reader().read(building.blob(tmp_path, data))
        assert (again.format, again.facts, again.skipped) == (alone.format, alone.facts, alone.skipped)


@given(data=st.data())
def test_any_bytes_give_a_reading(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """A hostile file would end the triage, or fail inside us and be called our fault."""
    whole = data.draw(st.sampled_from([LOG * 40, gzip.compress(LOG * 40), MANIFEST]))
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(whole)))
        whole = whole[:place] + data.draw(st.binary(max_size=8)) + whole[place + data.draw(st.integers(0, 300)) :]
    found = building.read(tmp_path_factory.getbasetemp(), whole, block=data.draw(st.sampled_from([4096, 1 << 16])))
    assert found.facts or found.skipped or found.format
    assert "please report it" not in building.reasons(found)


def test_the_rows_before_the_cut_of_a_packed_table_are_used(tmp_path: Path) -> None:
    """A manifest of which the last bytes are missing would name no device at all."""
    rows = "".join(f"F9F{number:07d},clinic-01\n" for number in range(2000))
    found = building.read(tmp_path, building.cut_gzip(b"serial,site\n" + rows.encode(), 4), block=4096)
    assert found.format == "manifest"
    assert len(found.facts) >= 1999
    assert "cut" in building.reasons(found)


def test_a_document_says_only_so_much_and_its_silence_then_proves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of a million devices would take all memory, or those behind its cut would look missing."""
    monkeypatch.setattr(readings, "FACTS_MAX", 40)
    monkeypatch.setattr(told, "REPEATS_FROM", 10)
    rows = ",\n".join(f'{{"serial_number":"F9F{n}","profile_status":"empty","op_type":"added"}}' for n in range(100))
    found = reading(tmp_path, f'{{"cursor":"c","more_to_follow":false,\n"devices":[{rows}]}}'.encode())
    assert found.format == "dep-devices"
    assert 40 < len(found.facts) < 60
    assert [each for each in found.skipped if "cut it into" in each.reason and each.offset]
    assert [fact.at for fact in found.facts if fact.kind == "coverage"] == [None]


_ROWS = [f'{{"serial_number":"F9FXQ0000{n}","device_id":"dev_{n}","status":"registered"}}' for n in range(5)]


@pytest.mark.parametrize(
    ("data", "known", "lacks"),
    [
        ("[" + ",\n".join(_ROWS) + "]", 5, False),
        ("[" + ",\n".join(_ROWS)[:-30], 4, True),
        ("[" + ",".join(_ROWS)[:-30], 4, True),
        ("[" + ",".join(_ROWS) + "] and more", 5, False),
        ("[" + ",\n".join((*_ROWS[:2], '{"serial_number":%}', *_ROWS[2:])) + "\n]", 5, False),
        ("\n".join(_ROWS), 5, False),
        ("\n".join(_ROWS)[:-30], 4, True),
        ("\n".join((*_ROWS, '{"serial_number":%}')), 5, False),
        ("serial,device_id,status\nA1B2C3D4E5,d1,registered\nA1B2C3D4E6,d2", 1, True),
        ("serial,device_id,status\nA1B2C3D4E5,d1,registered\nA1B2C3D4E6,d2\n", 1, False),
        ("serial,device_id,status\nA1B2C3D4E5,d1,registered\nA1B2C3D4E6,d2,registered", 2, False),
    ],
)
def test_nothing_follows_from_what_a_list_without_its_end_lacks(
    tmp_path: Path, data: str, known: int, *, lacks: bool
) -> None:
    """The devices of the lost rows would be half confirmed; or those of a whole list unknown, for one bad row."""
    found = reading(tmp_path, data.encode())
    assert found.format == "abm-devices"
    assert sum(fact.kind == "registered" for fact in found.facts) == known
    assert [fact.at for fact in found.facts if fact.kind == "coverage"] == [None] * lacks
    assert any(each.reason.startswith(CUT) for each in found.skipped) is lacks


def test_a_table_may_be_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audit of a large rollout would be read by half."""
    monkeypatch.setattr(readings, "FACTS_MAX", 40)
    monkeypatch.setattr(told, "REPEATS_FROM", 10)
    rows = "".join(f'{{"serial_number":"F9F{n}","profile_status":"empty","op_type":"added"}}\n' for n in range(100))
    found = reading(tmp_path, rows.encode())
    assert len({fact.attrs["serial"] for fact in found.facts}) == 100
    assert not found.skipped


def test_a_row_that_is_repeated_is_one_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of one row would count as too much, and the next row be lost."""
    monkeypatch.setattr(readings, "TABLE_FACTS_MAX", 40)
    monkeypatch.setattr(told, "REPEATS_FROM", 10)
    row = '{"serial_number":"F9F1","profile_status":"empty","op_type":"added"}\n'
    found = reading(tmp_path, (row * 500 + row.replace("F9F1", "F9F2")).encode())
    assert {fact.attrs["serial"] for fact in found.facts} == {"F9F1", "F9F2"}
    assert not found.skipped


@pytest.mark.parametrize(
    ("error", "kind", "cause"),
    [
        ('(34006) Error Domain=MCCloudConfigurationErrorDomain Code=34006 "x"', "fetch_error", "apple_unavailable"),
        ('(33005) Error Domain=MCCloudConfigurationErrorDomain Code=33005 "x"', "fetch_error", "not_assigned"),
        ("Client is not DEP enabled.", "not_dep_enabled", "not_assigned"),
        ("something else", "error", ""),
    ],
)
def test_a_message_without_a_time_means_what_the_signatures_say(
    tmp_path: Path, error: str, kind: str, cause: str
) -> None:
    """The saved answer of `profiles` would prove a request and no cause."""
    text = f"Error fetching Device Enrollment configuration: {error}\n"
    booted, fact = reading(tmp_path, text.encode(), "F9FXQ1ABCD.txt").facts
    assert (booted.kind, booted.at) == ("booted", None), "a Mac that answers is running"
    assert (fact.kind, fact.cause, fact.at, fact.source) == (kind, cause, None, "log")
    assert (fact.origin.line, fact.origin.offset) == (1, 0)
    assert fact.origin.sha256 == sha256(text.strip().encode()).hexdigest()


SHOWN = [example.message for rule in load()[0] for example in rule.examples if example.matches]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@given(data=st.data())
def test_which_way_the_windows_were_chosen_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, packed: bool, data: st.DataObject
) -> None:
    """A line whose letters JSON writes as numbers was read, or not, as the clock chose the scanner."""
    made = []
    for number in range(data.draw(st.integers(1, 4))):
        message = data.draw(st.sampled_from(SHOWN) | st.sampled_from(["nothing of ErrorD", "[connected]", "[connecte"]))
        escaped = data.draw(st.sets(st.sampled_from(sorted(set(message)))))
        if data.draw(st.booleans()):
            text = "".join(f"\\u{ord(each):04x}" if each in escaped else json.dumps(each)[1:-1] for each in message)
            made.append(f'{{"timestamp":"2026-05-17 03:47:1{number}.000000+0000","eventMessage":"{text}",'
                        '"processImagePath":"/usr/libexec/teslad"}')  # fmt: skip
        else:
            made.append(line(number, message))
    content = "\n".join(made).encode()
    folder = tmp_path_factory.mktemp("ways")
    given_blob = blob(folder, gzip.compress(content) if packed else content, "F9FXQ1ABCD.log")
    found = []
    for way in windows.WAYS:
        reader = Reader(rules(), UTC)
        sample = data.draw(st.just(content) | st.binary(max_size=64))
        reader._scanning.scanner = Scanner((*rules(), LOSS), sample, way)
        found.append((reader.read(given_blob), reader.idle._idle))
    assert found[0] == found[1]


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_added_to_a_file_while_it_is_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool
) -> None:
    """Who reads a log that is still written would not know that its end is not in the verdict."""
    data = gzip.compress(LOG) if packed else LOG
    path = tmp_path / "a.log"

    def kind_of(head: bytes) -> str:
        with path.open("ab") as end:
            end.write(b"more\n")
        return stream.kind_of(head)

    assert not reading(tmp_path, data).skipped
    monkeypatch.setattr("abm_trace.pipeline.reading.kind_of", kind_of)
    path.write_bytes(data)
    found = Reader(rules(), UTC).readings(Blob("a.log", str(path), len(data)))
    named = [each for one in found for each in one.skipped]
    assert [(each.path, each.offset) for each in named] == [("a.log", len(data))]
    assert "5 bytes from here on" in named[0].reason
    assert found[0].facts


def test_a_servers_log_is_a_capture_only_where_a_signature_means_a_line_of_it(tmp_path: Path) -> None:
    """A proxy's log would boot the device that it names; a relay's, begun by a daemon, lose its devices."""
    said = "May 17 03:47:0{} proxy01 {}: {}\n".format
    web = said(1, "nginx[9]", "GET /enroll?serial=F9FXQ1ABCD") + said(3, "nginx[9]", "GET /health")
    assert not reading(tmp_path, web.encode()).captures
    device = said(2, "com.apple.ManagedClient[12]", "ABMRegistrationStarted")
    relayed = reading(tmp_path, web.replace("\n", f"\n{device}", 1).encode())
    assert relayed.captures
    assert [fact.kind for fact in relayed.facts] == ["requested"]
