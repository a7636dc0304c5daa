"""One capture: hit lines, bounds, and what is named."""

import json
from collections.abc import Callable
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.pipeline import building
from tests.pipeline.reading_of import line, reading, reasons

from abm_trace import signatures
from abm_trace.core import instants
from abm_trace.core.nouns import Blob, Reading
from abm_trace.pipeline import capture
from abm_trace.pipeline.cite import completed
from abm_trace.pipeline.framing import Framing
from abm_trace.pipeline.messages import Head, Messages
from abm_trace.pipeline.reading import Reader
from abm_trace.signatures.scan import Hit

BOOT = line(1, "noise of the boot")
ASKED = line(5, "ABMRegistrationStarted")
EMPTY = line(7, 'ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[]}')
LAST = line(40, "noise of the end")


def at(text: str) -> int:
    """The instant of a stamp."""
    return instants.parse(text)


def test_hit_lines_become_facts_with_their_place(tmp_path: Path) -> None:
    """A fact could not be walked back to its bytes."""
    data = (BOOT + ASKED + EMPTY + LAST).encode()
    found = reading(tmp_path, data)
    assert [fact.kind for fact in found.facts] == ["requested", "accepted", "response_empty"]
    for fact in found.facts:
        place = fact.origin.offset or 0
        assert data[place : place + fact.origin.length].decode() in {ASKED.rstrip(), EMPTY.rstrip()}
    assert not found.skipped


def test_the_capture_begins_with_its_first_line_and_ends_with_its_last(tmp_path: Path) -> None:
    """A boot would be put off to the first fact, and "now" be too early."""
    found = reading(tmp_path, (BOOT + ASKED + LAST).encode())
    assert found.first_at == at("2026-05-17T03:47:01Z")
    assert found.last_at == at("2026-05-17T03:47:40Z")


def test_lines_out_of_order_do_not_move_the_bounds(tmp_path: Path) -> None:
    """The boot would depend on the order of lines."""
    lines = [BOOT, ASKED, EMPTY, LAST, *(line(n, "noise") for n in range(10, 30))]
    found = reading(tmp_path, "".join(sorted(lines)[::-1]).encode())
    assert found.first_at == at("2026-05-17T03:47:01Z")
    assert found.last_at == at("2026-05-17T03:47:40Z")


def test_a_new_year_in_a_log_without_years_is_no_disorder(tmp_path: Path) -> None:
    """A device that boots on New Year's Eve would boot a year late."""
    rows = ["Dec 31 23:59:58 iPad teslad[1] <Notice>: x", "Jan  1 00:00:02 iPad teslad[1] <Notice>: y"]
    found = reading(tmp_path, "\n".join([*rows, ""]).encode())
    assert found.yearless
    assert found.first_at is not None


def test_colours_of_a_terminal_are_no_text(tmp_path: Path) -> None:
    """A capture taken on a terminal would be refused as a whole."""
    coloured = (
        "\x1b[0;37mMay 17 03:47:05 \x1b[1;36mteslad\x1b[0;36m[231]\x1b[m \x1b[0;32m<Notice>:\x1b[1;37m {}\n\x1b[m"
    )
    found = reading(tmp_path, (coloured.format("x") + coloured.format("ABMRegistrationStarted")).encode())
    assert [fact.kind for fact in found.facts] == ["requested"]


def test_a_cut_last_line_is_named(tmp_path: Path) -> None:
    """The end of a capture would be missing and nobody would know."""
    found = reading(tmp_path, (BOOT + ASKED).encode() + b"2026-05-17 03:4")
    assert reasons(found) == ["the last line is cut"]


def test_a_hit_line_whose_time_cannot_be_is_named(tmp_path: Path) -> None:
    """A damaged line would be dropped in silence."""
    bad = ASKED.replace("2026-05-17", "2026-02-30")
    found = reading(tmp_path, (BOOT + bad + EMPTY).encode())
    assert [fact.kind for fact in found.facts] == ["accepted", "response_empty"]
    assert [each.line for each in found.skipped] == [2]


def test_octet_counts_cut_a_line_into_messages_and_a_false_one_is_named(tmp_path: Path) -> None:
    """Framed syslog would lose all but its first message."""
    one = "<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - ABMRegistrationStarted"
    two = "<14>1 2026-05-17T03:47:09.000Z F9FXQ1ABCE teslad 1 - - ABMDeviceRegistered"
    right = reading(tmp_path, f"{len(one)} {one}{len(two)} {two}\n{len(one)} {one}\n".encode())
    assert [fact.attrs["host"] for fact in right.facts] == ["F9FXQ1ABCD", "F9FXQ1ABCE", "F9FXQ1ABCD"]
    assert not right.skipped
    later = reading(tmp_path, f"{one}\n{len(one)} {one}{len(two)} {two}\n".encode())
    assert [fact.attrs["host"] for fact in later.facts] == ["F9FXQ1ABCD", "F9FXQ1ABCD", "F9FXQ1ABCE"]
    assert not later.skipped
    false = reading(tmp_path, f"{len(one) + 9} {one}\n{len(two)} {two}\n".encode())
    assert len(false.facts) == 2
    assert "false octet count" in reasons(false)[0]


RELAYED = "<14>1 2026-05-17T03:47:0{}.000Z F9FXQ1ABC{} teslad 1 - - {}"
RELAYED_TEXTS = st.sampled_from(
    [
        "ABMRegistrationStarted", "ABMDeviceRegistered", "noise", "user:\n more", "noise\n\nABMDeviceRegistered",
        f"\n{RELAYED.format(0, 'X', 'ABMDeviceRegistered')}", "noise\r\nmore\n",
        "Error:\nNSError:\nDesc   : no\nDomain : MCCloudConfigurationErrorDomain\nCode   : 34004",
        "ABMRegistrationFailedWithErrorDomain: ABMErrorDomain\nCode=4001",
    ]
)  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(0, 9), RELAYED_TEXTS), min_size=1, max_size=8), st.sampled_from(["", "\n", "\r\n"])
)
def test_counted_messages_say_what_they_say_on_a_line_each(messages: list[tuple[int, str]], end: str) -> None:
    """RFC 6587: a line feed within one would begin another record, or hide what follows it."""
    sent = [RELAYED.format(second, second, text) for second, text in messages]
    with TemporaryDirectory() as folder:
        plain = reading(Path(folder), "".join(" ".join(each.splitlines()) + "\n" for each in sent).encode())
        counted = reading(Path(folder), "".join(f"{len(each)} {each}{end}" for each in sent).encode())
    said = [[(each.kind, each.at, each.value, each.attrs) for each in found.facts] for found in (plain, counted)]
    assert said[0] == said[1]
    assert not counted.skipped
    assert (counted.first_at, counted.last_at, counted.host) == (plain.first_at, plain.last_at, plain.host)


@pytest.mark.parametrize("end", ["", "\n"])
def test_counted_messages_across_blocks_are_whole_and_cited_as_stored(tmp_path: Path, end: str) -> None:
    """Every 8 MiB a message with a line feed would be cut, and its rest be a record."""
    texts = ["ABMRegistrationStarted", "noise\n" + RELAYED.format(9, "X", "ABMDeviceRegistered"), "a\nb\nc"]
    sent = [RELAYED.format(number % 10, number % 10, texts[number % 3]) for number in range(90)]
    data = "".join(f"{len(each)} {each}{end}" for each in sent).encode()
    whole = reading(tmp_path, data)
    assert len(whole.facts) == 30
    places = [each.origin.offset or 0 for each in whole.facts]
    assert all(b"<14>1" in data[place : place + 9] for place in places)
    blob = building.blob(tmp_path, data)
    for size in (701, 1009, 4096):
        parts = Reader(building.rules(), UTC, buffer=bytearray(size)).read(blob)
        assert parts.facts == whole.facts
        assert not parts.skipped
    origins = [each.origin for each in whole.facts]
    found = completed({blob.path: origins}, {blob.path: blob}, bytearray(len(data) + 1))
    for origin, place in zip(origins, places, strict=True):
        line = data[data.rfind(b"\n", 0, place) + 1 :].split(b"\n")[0]
        assert found[origin].sha256 == sha256(line).hexdigest()
        assert found[origin].line == data.count(b"\n", 0, place) + 1


def test_false_octet_counts_of_noise_are_named_too(tmp_path: Path) -> None:
    """CASE.md: a file that was cut or mended by hand would pass for whole where no line of it means anything."""
    noise = "<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - hello"
    two = f"{noise}\n more"
    right = f"{len(noise)} {noise}\n{len(two)} {two}{len(noise) + 1} {noise}\n"
    assert not reading(tmp_path, right.encode()).skipped
    for wrong in (f"{len(noise)} {noise}999999 {noise}", f"{len(noise) - 9} {noise}\n{len(noise)} {noise}\n"):
        assert "false octet count" in "".join(reasons(reading(tmp_path, wrong.encode())))


def test_what_is_known_of_a_message_says_the_same_of_it_elsewhere(tmp_path: Path) -> None:
    """A line would take over what the same words meant of another device, process or log."""
    row = "<14>1 2026-05-17T03:47:0{}.000Z {} {} 1 - - {}\n"
    message = "deviceIdentifier=9c1e serial=F9FXQ1ABCD"
    hosts = ("F9FXQ1ABCD", "F9FXQ1ABCE", "-")
    rows = [row.format(n, host, "teslad", message) for n, host in enumerate(hosts)]
    reader = Reader(building.rules(), UTC)
    for data in ("".join(rows), row.format(5, hosts[0], "cfprefsd", message) * 2, "".join(rows[1:]) * 2):
        alone = Reader(building.rules(), UTC).read(building.blob(tmp_path, data.encode()))
        again = reader.read(building.blob(tmp_path, data.encode()))
        assert again.facts == alone.facts
    assert not reading(tmp_path, (row.format(5, hosts[0], "cfprefsd", message) * 2).encode()).facts
    found = reading(tmp_path, "".join(rows).encode()).facts
    assert [each.attrs.get("host") for each in found] == [*hosts[:2], None]


@pytest.mark.parametrize("name", ["teslad", "TESLAD", "/usr/libexec/teslad"])
def test_a_rule_that_asks_for_the_process_alone_is_asked(tmp_path: Path, name: str) -> None:
    """A rule whose fixed text stands in the process, and not in the message, would never be tested."""
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "teslad-talks.yml").write_text(
        "title: talks\nstatus: test\nlogsource: {product: macos}\nlayer: L0\nfact: fetch_error\ndetection:\n"
        "  who:\n    process|endswith: teslad\n  condition: who\nlevel: low\n"
        "examples: {match: [{message: x, process: teslad}], no_match: [x]}\n"
    )
    known, skipped = signatures.load([rules])
    assert not skipped
    data = f"<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD {name} 1 - - hello\n" * 2
    found = Reader(known, UTC).read(building.blob(tmp_path, data.encode()))
    assert [fact.origin.by for fact in found.facts] == ["teslad-talks"] * 2


def test_a_shared_file_may_mix_formats(tmp_path: Path) -> None:
    """A relay's file would lose the lines of all senders but the first."""
    other = "<14>1 2026-05-17T03:47:05.000Z F9FXQ1ABCD teslad 1 - - ABMDeviceRegistered\n"
    found = reading(tmp_path, (BOOT + ASKED + other + LAST).encode())
    assert [fact.kind for fact in found.facts] == ["requested", "registered"]


MIXED = [
    building.line("Preparing for enrollment…", 1), *building.noise(60), building.line("ABMRegistrationStarted", 2),
    *building.noise(30), building.line("ABM response: 204", 3),
]  # fmt: skip
TWO_MINUTES = [*building.noise(20), *building.noise(9, "2026-05-17 03:40"), building.line("ABM response: 204")]


@given(block=st.integers(200, 2000), end=st.sampled_from(["\n", "\r\n"]))
def test_facts_do_not_depend_on_the_blocks(tmp_path_factory: pytest.TempPathFactory, block: int, end: str) -> None:
    """A fact at a block's border would be lost or doubled (SPEC: not on how the work was split)."""
    data = building.text(MIXED, end)
    whole = building.read(tmp_path_factory.getbasetemp(), data, block=1 << 20)
    parts = building.read(tmp_path_factory.getbasetemp(), data, block=block)
    assert len(whole.facts) == 3
    assert (parts.facts, parts.first_at, parts.last_at) == (whole.facts, whole.first_at, whole.last_at)


@given(st.permutations(TWO_MINUTES))
def test_a_shuffled_capture_begins_and_ends_where_it_did(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    """SPEC: a verdict does not depend on the order of lines; the boot would move with them."""
    found = building.read(tmp_path_factory.getbasetemp(), building.text(lines), block=1 << 20)
    assert found.first_at == instants.parse("2026-05-17T03:40:00Z")
    assert found.last_at == instants.parse("2026-05-17T03:47:19Z")


@pytest.mark.parametrize("padding", ["", " ", "\t", "\x00", "\r", " \r", "\x1b[0m"])
@pytest.mark.parametrize("message", ["enrollmentMethod=none", "ABM response: 204", "Clock offset: 7.2 s"])
def test_a_line_says_the_same_alone_and_beside_a_foreign_line(tmp_path: Path, message: str, padding: str) -> None:
    """Hit lines are read together where all are of one layout: a neighbour would change what a line says."""
    foreign = f"2026-05-17T03:47:30+00:00 F9FXQ1ABCD teslad[231]: {message}"
    own = building.line(message, 5) + padding
    alone = building.read(tmp_path, building.text([*building.noise(4), own, *building.noise(4)]))
    beside = building.read(tmp_path, building.text([*building.noise(4), own, foreign, *building.noise(4)]))
    (fact,) = alone.facts
    assert (beside.facts[0].kind, beside.facts[0].value) == (fact.kind, fact.value)
    assert beside.facts[1].kind == fact.kind


def test_times_of_the_hour_that_autumn_repeats_stay_in_order(tmp_path: Path) -> None:
    """The first line is looked at after the hit lines: it would be read as of the hour after them."""
    minute = "2026-11-01 01"
    lines = [*building.noise(1, f"{minute}:05"), building.line("ABM response: 204", 0, f"{minute}:20")]
    lines += building.noise(2, f"{minute}:30")
    found = building.read(tmp_path, building.text(lines), ZoneInfo("America/Chicago"))
    assert found.facts[0].at == instants.parse("2026-11-01T06:20:00Z")
    assert found.first_at == instants.parse("2026-11-01T06:05:00Z")
    assert found.last_at == instants.parse("2026-11-01T06:30:01Z")
    assert "autumn night repeats" in building.reasons(found)


def test_a_line_longer_than_a_block_does_not_lose_the_next(tmp_path: Path) -> None:
    """The rest of an endless line would swallow the line behind it, or its end be read as a line."""
    long = "x" * (3 * building.BLOCK) + building.line("ABM response: 204")
    lines = [building.line("Preparing for enrollment…", 1), long, building.line("ABMDeviceRegistered", 3)]
    assert building.kinds(building.read(tmp_path, building.text(lines))) == ["preparing", "registered"]


def test_a_character_of_several_bytes_at_a_block_s_end_is_no_damage(tmp_path: Path) -> None:
    """An ordinary text would be called damaged wherever a block happens to end."""
    lines = [f"2026-05-17 03:47:00.000 INFO com.apple.network größe 日本 {'ü' * (n % 7)}" for n in range(300)]
    for block in (1000, 1001, 1002, 1003):
        assert building.read(tmp_path, building.text(lines), block=block).skipped == ()


def test_the_number_of_a_named_line_is_right_in_later_blocks(tmp_path: Path) -> None:
    """A person would look at another line than the damaged one."""
    bad = building.line("ABM response: 204").replace("2026-05-17", "2026-02-31")
    found = building.read(tmp_path, building.text([*building.noise(200), bad, *building.noise(10)]))
    assert [each.line for each in found.skipped] == [201]


@given(data=st.binary(max_size=400))
def test_any_bytes_between_lines_leave_the_others_alone(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Damage in the middle would take the lines around it with it."""
    whole = building.text(building.noise(30)) + data + b"\n" + building.text([building.line("ABM response: 204", 59)])
    assert building.kinds(building.read(tmp_path_factory.getbasetemp(), whole, block=1 << 20)) == ["response_204"]


REAL = Path(__file__).parents[3] / "shared/samples/logs"
SYSLOG = "2026-05-17 03:47:{:02d}.000000+0000 localhost teslad[231]: {}"
NSERROR = (
    'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "Device identifier rejected: unstable, duplicate,'
    ' or missing" UserInfo={…}'
)
REQUEST = "Sending enrollment request to https://eu-west.abm.apple.com/v1/devices"
ANSWER = 'ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[]}'


def facts_of(found: Reading) -> list[tuple[str, str]]:
    """Kind and time of each fact."""
    return [(fact.kind, instants.render(fact.at) if fact.at is not None else "") for fact in found.facts]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real samples are not here")
@pytest.mark.parametrize(
    ("file", "name", "first", "last"),
    [
        ("ios_lockdownd.log", "lockdownd", "2021-10-13T12:57:42.865446Z", "2021-10-13T12:57:42.998396Z"),
        ("logd.0.log", "logd", "2021-08-11T12:50:23Z", "2021-12-16T10:54:59Z"),
        ("syslog_osx", "idevicesyslog", "2000-03-12T01:26:39Z", "2000-03-12T01:26:45Z"),
        (
            "syslog_rsyslog_SyslogProtocol23Format", "rfc5424", "2021-03-06T04:07:38.251122Z",
            "2021-03-06T04:07:38.269077Z",
        ),
    ],
)  # fmt: skip
def test_files_of_real_systems_have_their_format_and_times(file: str, name: str, first: str, last: str) -> None:
    """A log of a sysdiagnose would be unknown, in another zone, or lose its beginning; nothing of it is damaged."""
    path = REAL / file
    blob = Blob(file, str(path), path.stat().st_size)
    found = building.reader(ZoneInfo("America/Chicago"), block=1 << 20).read(blob)
    assert found.format == name
    assert found.first_at is not None
    assert found.last_at is not None
    assert (instants.render(found.first_at), instants.render(found.last_at)) == (first, last)
    assert found.skipped == ()


# -- Messages of several lines.


def message_of_lines(first: str, *more: str) -> list[str]:
    """A record whose message has several lines, between two others."""
    return [SYSLOG.format(1, "before"), SYSLOG.format(5, first), *more, SYSLOG.format(9, "after")]


def user_rule(folder: Path, text: str) -> Path:
    """A signature of the user that looks anywhere in a message of an enrolment process."""
    path = folder / "rules" / "user-anywhere.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(
        f"title: anywhere\nstatus: test\nlogsource: {{product: macos}}\nlayer: L0\nfact: fetch_error\ndetection:\n"
        f"  text:\n    message|contains: {json.dumps(text)}\n  condition: text\nvalue: Code=(?P<code>[0-9]+)\n"
    )
    return path


def read_with_rule(folder: Path, data: bytes, text: str, block: int = 1 << 20) -> Reading:
    """The reading of a blob by the shipped signatures and one that looks for `text` anywhere."""
    rules, skipped = signatures.load([user_rule(folder, text).parent])
    assert not skipped
    return Reader(rules, UTC, buffer=bytearray(block)).read(building.blob(folder, data))


def test_a_later_line_belongs_to_the_record_above_it(tmp_path: Path) -> None:
    """Apple's errors, printed over several lines, would have no time and no process."""
    lines = message_of_lines("Error fetching configuration:", "{", "  Error Domain=MCx Code=34004", "}")
    data = building.text(lines)
    found = read_with_rule(tmp_path, data, "Error Domain=MCx")
    (fact,) = found.facts
    assert (fact.kind, fact.at, fact.attrs["code"]) == ("fetch_error", at("2026-05-17T03:47:05Z"), "34004")
    place = fact.origin.offset or 0
    assert data[place : place + fact.origin.length].decode() == lines[1]
    assert not found.skipped


@given(block=st.integers(150, 900), more=st.integers(0, 62))
def test_where_a_message_is_cut_by_blocks_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, block: int, more: int
) -> None:
    """A fact would depend on how the work was split (SPEC)."""
    lines = message_of_lines("a long message", *(f"  line {n}" for n in range(more)), "Error Domain=MCx Code=34004")
    data = building.text([*building.noise(5), *lines, *building.noise(5)])
    folder = tmp_path_factory.mktemp("blocks")
    (fact,) = read_with_rule(folder, data, "Error Domain=MCx", block).facts
    assert fact.at == at("2026-05-17T03:47:05Z")
    assert fact.origin.offset == data.index(lines[1].encode())


@pytest.mark.parametrize("answer", ["(null)", "{\n}", "\n(null)"])
def test_a_message_may_say_below_its_hit_line_what_it_means(tmp_path: Path, answer: str) -> None:
    """`profiles show` prints its answer on the next line: a device without a profile would have no cause."""
    asked = "2026-05-17 03:47:05.000000+0000 localhost profiles[231]: Device Enrollment configuration:"
    other = SYSLOG.format(9, "(null)")
    found = reading(tmp_path, building.text([asked, answer, other]))
    assert facts_of(found) == [("profiles_null", "2026-05-17T03:47:05Z")]
    assert found.facts[0].origin.offset == 0
    assert not reading(tmp_path, building.text([asked, other])).facts
    assert not reading(tmp_path, building.text([asked, "{", "AllowPairing = 0;", "}", other])).facts


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_an_error_printed_over_several_lines_is_read_whole(tmp_path: Path, end: str) -> None:
    """A device prints `Domain :` and, below it, `Code :`: the domain alone says nothing, and nobody would be told."""
    asked = "Mar 17 03:07:46 Ward-7-iPad profiled[1764] <Notice>: (Error) MC: Cannot retrieve SCEP identity: NSError:"
    error = [
        "    Desc   : The answer is invalid.",
        "    Domain : MCSCEPErrorDomain",
        "    Code   : 22003",
        "    Type   : x",
    ]
    other = "Mar 17 03:07:47 Ward-7-iPad profiled[1764] <Notice>: (Note ) MC: on it goes"
    found = reading(tmp_path, end.join([asked, *error, other, ""]).encode())
    assert [(fact.kind, fact.attrs["code"], fact.origin.offset) for fact in found.facts] == [("mdm_error", "22003", 0)]
    assert not found.skipped
    assert not reading(tmp_path, end.join([asked, *error[:2], other, *error[2:], ""]).encode()).facts


@pytest.mark.parametrize("end", ["#012", "\\n"])
@pytest.mark.parametrize(
    "head", ["<11>May 17 08:47:12 Ward-7 teslad[565]: ", "<11>1 2026-05-17T08:47:12Z Ward-7 teslad 565 - - "]
)
def test_line_ends_that_were_written_out_end_lines(tmp_path: Path, head: str, end: str) -> None:
    """Rsyslog writes `#012` for each line end that it receives: no error of a forwarding Mac would be told."""
    error = ["(Error) MC: NSError:", "Desc   : x", "Domain : MCCloudConfigurationErrorDomain", "Code   : 34004", ""]
    found = reading(tmp_path, f"{head}{end.join(error)}\n".encode())
    assert [(fact.kind, fact.attrs.get("code")) for fact in found.facts] == [("fetch_error", "34004")]
    assert reading(tmp_path, f"{head}see C:\\new#01\n".encode()).facts == ()


def test_a_record_is_cited_once_although_several_of_its_lines_match(tmp_path: Path) -> None:
    """An error with an underlying error would count as two."""
    lines = message_of_lines("Error Domain=MCx Code=34004", "Error Domain=MCx Code=1", "Error Domain=MCx Code=2")
    (fact,) = read_with_rule(tmp_path, building.text(lines), "Error Domain=MCx").facts
    assert fact.attrs["code"] == "34004"


def test_a_message_carries_a_fact_only_where_it_begins_with_the_text(tmp_path: Path) -> None:
    """CASE: the same words inside another message are none; a second line is inside of its message."""
    found = building.read(tmp_path, building.text(message_of_lines("The manual says:", "ABMDeviceRegistered")))
    assert not found.facts


def test_a_line_too_far_below_or_without_a_record_is_named(tmp_path: Path) -> None:
    """A damaged file would be dropped in silence, or be searched without bound."""
    far = message_of_lines("x", *(f"  {n}" for n in range(70)), "Error Domain=MCx Code=34004")
    for lines in (far, ["Error Domain=MCx Code=34004", *far[:1], *far[-1:]]):
        found = read_with_rule(tmp_path, building.text(lines), "Error Domain=MCx")
        assert not found.facts
        assert [each.line for each in found.skipped] == [lines.index("Error Domain=MCx Code=34004") + 1]


def test_a_damaged_line_is_no_second_line(tmp_path: Path) -> None:
    """A line that lost the beginning of its stamp would be read as of the record above it."""
    torn = SYSLOG.format(7, "Error Domain=MCx Code=34004")[9:]
    found = read_with_rule(tmp_path, building.text(message_of_lines("x", torn)), "Error Domain=MCx")
    assert not found.facts
    assert [each.line for each in found.skipped] == [3]


def test_many_lines_without_a_record_are_read_in_bounded_time_and_named_in_bounds(tmp_path: Path) -> None:
    """A hostile file would be walked back through once for each of its lines."""
    data = b"Error Domain=MCx Code=34004\n" * 60_000
    found = read_with_rule(tmp_path, SYSLOG.format(1, "x").encode() + b"\n" + data, "Error Domain=MCx", 1 << 17)
    assert len(found.skipped) <= 1000
    assert "more like this" in found.skipped[-1].reason


# -- Arrays of objects.


def event(second: float, message: str, **more: object) -> dict[str, object]:
    """An event of the unified log as `log show` writes it."""
    return {
        "traceID": 1,
        "eventMessage": message,
        "eventType": "logEvent",
        "backtrace": {"frames": [{"imageOffset": 1, "imageUUID": "U"}, {"imageOffset": 2, "imageUUID": "U"}]},
        "processImagePath": "/usr/libexec/teslad",
        "timestamp": f"2026-05-17 03:47:{second:09.6f}+0000",
        "messageType": "Default",
        **more,
    }


def escaped(value: object) -> str:
    """JSON with escaped slashes, as Apple writes it."""
    return json.dumps(value, ensure_ascii=False).replace("/", "\\/")


def as_apple_prints(events: list[dict[str, object]]) -> str:
    """`log show --style json`."""
    bodies = [",\n".join(f'  "{key}" : {escaped(value)}' for key, value in each.items()) for each in events]
    return "[{\n" + "\n},{\n".join(bodies) + "\n}]\n"


ARRAYS: dict[str, Callable[[list[dict[str, object]]], str]] = {
    "apple": as_apple_prints,
    "compact": lambda events: json.dumps(events, separators=(",", ":"), ensure_ascii=False),
    "spaced": lambda events: json.dumps(events, indent=2, ensure_ascii=False),
    "wide": lambda events: json.dumps(events, indent=4, ensure_ascii=False) + "\n",
    "crlf": lambda events: as_apple_prints(events).replace("\n", "\r\n"),
    "lines": lambda events: "[\n" + ",\n".join(escaped(each) for each in events) + "\n]\n",
    "ndjson": lambda events: "".join(escaped(each) + "\n" for each in events) + '{"count":7,"finished":1}',
}
EVENTS = [
    event(0, 'noise },{ "traceID" }, { [{\n},{\n of a message'),
    event(1, REQUEST),
    *(event(2, f"noise {n} with \\ and / and \u00e9") for n in range(40)),
    event(3, ANSWER),
    event(4, "last"),
]


@pytest.mark.parametrize("style", ARRAYS)
@pytest.mark.parametrize("block", [700, 1000, 4096, 1 << 20])
def test_an_array_is_read_however_it_is_printed(tmp_path: Path, style: str, block: int) -> None:
    """`log show --style json` would be no log, or its events be cut where a block ends or a message looks like JSON."""
    data = ARRAYS[style](EVENTS).encode()
    found = building.read(tmp_path, data, block=block)
    assert found.format == "log-json"
    assert facts_of(found) == [
        ("requested", "2026-05-17T03:47:01Z"),
        ("accepted", "2026-05-17T03:47:03Z"),
        ("response_empty", "2026-05-17T03:47:03Z"),
    ]
    assert found.first_at == at("2026-05-17T03:47:00Z")
    assert found.last_at == at("2026-05-17T03:47:04Z")
    assert found.skipped == ()
    for fact in found.facts:
        place = fact.origin.offset or 0
        begin = data.rfind(b"\n", 0, place) + 1
        line_of = data[begin:].split(b"\n")[0]
        assert b"enrollment request" in line_of or b"ABM response" in line_of
        assert place == begin or style == "compact"  # Where the bytes begin whose digest is told.


@pytest.mark.parametrize("style", ARRAYS)
def test_a_loss_in_an_array_is_cited_where_it_is_told(tmp_path: Path, style: str) -> None:
    """The evidence would be a line `},{`, which says nothing."""
    lost = event(2, "lost >=12 unreliable messages from 1 sources", eventType="lossEvent")
    data = ARRAYS[style]([EVENTS[1], lost, *EVENTS[2:]]).encode()
    (loss,) = [fact for fact in building.read(tmp_path, data, block=1 << 20).facts if fact.kind == "log_loss"]
    place = loss.origin.offset or 0
    assert b"lost >=12" in data[place:].split(b"\n")[0][: loss.origin.length]
    assert style == "compact" or place == data.rfind(b"\n", 0, place) + 1


@pytest.mark.parametrize("style", [*ARRAYS, "preamble"])
def test_an_array_behind_a_byte_order_mark_is_one_too(tmp_path: Path, style: str) -> None:
    """What an editor saved again would be one line, or cited three bytes off."""
    preamble = 'Filtering the log data using "x"\n' if style == "preamble" else ""
    data = (preamble + ARRAYS.get(style, as_apple_prints)(EVENTS)).encode()
    plain_, marked = (building.read(tmp_path, each, block=1 << 20) for each in (data, b"\xef\xbb\xbf" + data))
    assert facts_of(marked) == facts_of(plain_)
    assert [fact.origin.offset for fact in marked.facts] == [3 + (fact.origin.offset or 0) for fact in plain_.facts]
    assert (marked.first_at, marked.last_at, marked.skipped) == (plain_.first_at, plain_.last_at, plain_.skipped)


@pytest.mark.parametrize(
    "broken", ['BROKEN "ABMDeviceRegistered"', '"ABMDeviceRegistered', '"BROKEN" ABMDeviceRegistered"']
)
def test_a_damaged_event_of_an_array_costs_itself_alone(tmp_path: Path, broken: str) -> None:
    """One broken string would turn the rest of the array inside out."""
    events = [*EVENTS[:10], event(2, "BROKEN"), *EVENTS[10:]]
    data = as_apple_prints(events).replace('"BROKEN"', broken, 1)
    found = building.read(tmp_path, data.encode(), block=1 << 20)
    assert building.kinds(found) == ["requested", "accepted", "response_empty"]
    (skipped,) = found.skipped
    begin = data[: data.index("ABMDeviceRegistered")].rindex("{\n")
    assert skipped.line == data.count("\n", 0, begin) + 1
    assert skipped.offset == len(data[:begin].encode())


def test_a_cut_array_is_read_to_its_end_and_the_cut_named(tmp_path: Path) -> None:
    """A stopped export would be refused as a whole."""
    for style in ("apple", "compact"):
        data = ARRAYS[style](EVENTS).encode()
        found = building.read(tmp_path, data[: len(data) - 200], block=1 << 20)
        assert len(found.facts) == 3
        assert "cut" in building.reasons(found)


def test_an_array_of_another_tool_is_one_too(tmp_path: Path) -> None:
    """`unifiedlog_parser_json` writes arrays whose events hold arrays of objects."""
    one = {
        "subsystem": "com.apple.ManagedClient", "thread_id": 1, "pid": 2, "euid": 0, "library": "/x", "activity_id": 0,
        "event_type": "Log", "log_type": "Default", "process": "/usr/libexec/teslad",
        "message": "ABMRegistrationStarted",
        "message_entries": [{"message_strings": "a", "item_type": 1}, {"message_strings": "b", "item_type": 1}],
        "timestamp": "2026-05-17T03:47:05.000000001Z",
    }  # fmt: skip
    data = json.dumps([{**one, "message": "x"}, one, {**one, "message": "y"}], separators=(",", ":")).encode()
    found = building.read(tmp_path, data)
    assert found.format == "unifiedlog-json"
    assert facts_of(found) == [("requested", "2026-05-17T03:47:05Z")]


# -- What a log says of itself.


def test_losses_are_facts_with_their_number_and_time(tmp_path: Path) -> None:
    """What is silent in a log with holes would prove as much as in one without."""
    loss = "lost >=63 unreliable messages from 1-2 (Mach continuous exact start-approx. end)"
    lines = [
        SYSLOG.format(1, "x"),
        SYSLOG.format(3, loss),
        "=== Messages dropped during live streaming (use `log show` to see what they were)",
        SYSLOG.format(9, f"he said: {loss}"),
    ]
    found = building.read(tmp_path, building.text(lines))
    assert [(fact.kind, fact.source, fact.value, fact.attrs["by"]) for fact in found.facts] == [
        ("log_loss", "log", ">=63", "message"),
        ("log_loss", "log", "", "stream"),
    ]
    assert {fact.at for fact in found.facts} == {at("2026-05-17T03:47:03Z")}
    assert not found.skipped


def test_a_loss_event_is_one(tmp_path: Path) -> None:
    """`lossEvent` objects, which have no message, would leave no trace."""
    lost = event(2, "", eventType="lossEvent", lossCount=12, lossCountSaturated=False)
    found = building.read(tmp_path, ARRAYS["apple"]([event(1, "x"), lost, event(3, "y")]).encode())
    assert [(fact.value, fact.at) for fact in found.facts] == [("12", at("2026-05-17T03:47:02Z"))]


def test_a_second_connection_is_named_and_the_first_is_not(tmp_path: Path) -> None:
    """A cable that was pulled would leave no trace, or every capture of idevicesyslog would have a hole."""
    row = "May 17 03:47:{:02d} iPad teslad[1] <Notice>: x"
    cable = ["[connected]", row.format(1), "[disconnected]", "[connected]", row.format(5), "[disconnected]"]
    assert "[connected] stands 2 times" in building.reasons(building.read(tmp_path, building.text(cable)))
    for lines in (cable[:3], [*cable[1:3], cable[0]]):
        found = building.read(tmp_path, building.text(lines))
        assert not found.skipped
        assert not found.facts


def test_many_losses_are_counted(tmp_path: Path) -> None:
    """A log that loses all the time would fill the timeline."""
    loss = "lost 5 unreliable messages from 1-2 (Mach continuous exact start-approx. end)"
    found = building.read(tmp_path, building.text([SYSLOG.format(n % 60, loss) for n in range(100)]))
    assert len(found.facts) == 16
    assert "84 more places" in building.reasons(found)


def test_a_clock_that_was_set_back_within_a_boot_is_set_right(tmp_path: Path) -> None:
    """A request would stand behind its answer, and the journey begin seven seconds late."""

    def on_both(since: float, wall: float, message: str) -> dict[str, object]:
        return event(wall, message, bootUUID="B", machTimestamp=int(since * 24_000_000))

    events = [
        on_both(100, 17, "x"), on_both(101, 18, "y"), on_both(102, 19, REQUEST), on_both(103, 20, "z"),
        on_both(104, 14, ANSWER), on_both(105, 15, "last"),
    ]  # fmt: skip
    data = ARRAYS["ndjson"](events).encode()
    found = building.read(tmp_path, data)
    assert sorted(facts_of(found)) == [
        ("accepted", "2026-05-17T03:47:14Z"),
        ("clock_jump", "2026-05-17T03:47:14Z"),
        ("requested", "2026-05-17T03:47:12Z"),
        ("response_empty", "2026-05-17T03:47:14Z"),
    ]
    (jump,) = [fact for fact in found.facts if fact.kind == "clock_jump"]
    assert jump.value == "7"
    assert b"ABM response" in data[jump.origin.offset or 0 :][: jump.origin.length]
    assert found.first_at == at("2026-05-17T03:47:10Z")
    assert found.last_at == at("2026-05-17T03:47:15Z")


# -- Headers, trailers, mixtures.

HEADERS = [
    'Filtering the log data using "subsystem == \\"x\\""',
    "Skipping info and debug messages, pass --info and/or --debug to include.",
]
TRAILERS = [
    "-" * 116,
    "Log      - Default:          1, Info:                0, Debug:             0, Error:          0, Fault:    0",
    "Activity - Create:           0, Transition:          0, Actions:           0",
]


@pytest.mark.parametrize(
    ("header", "row", "name"),
    [
        (
            "Timestamp                       Thread     Type        Activity             PID    TTL",
            "2026-05-17 03:47:{:02d}.000000+0000 0x1        Default     0x0                  231    0    teslad: {}",
            "log-default",
        ),
        (
            "Timestamp               Ty Process[PID:TID]",
            "2026-05-17 03:47:{:02d}.000 Df teslad[231:1f] {}",
            "log-compact",
        ),
        ("Timestamp                       (process)[PID]", SYSLOG, "log-syslog"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n"])
def test_headers_and_trailers_of_log_show_are_no_damage(
    tmp_path: Path, header: str, row: str, name: str, end: str
) -> None:
    """Every export would be called cut, or begin at a header."""
    lines = [*HEADERS, header, row.format(1, "x"), row.format(2, "ABMRegistrationStarted"), *TRAILERS]
    found = building.read(tmp_path, building.text(lines)[:-1] + end.encode())
    assert found.format == name
    assert facts_of(found) == [("requested", "2026-05-17T03:47:02Z")]
    assert (found.first_at, found.last_at) == (at("2026-05-17T03:47:01Z"), at("2026-05-17T03:47:02Z"))
    assert not found.skipped


def test_lines_of_many_formats_in_one_file(tmp_path: Path) -> None:
    """A relay's file would lose the lines of all senders but the first."""
    lines = [
        SYSLOG.format(1, "ABMRegistrationStarted"),
        "2026-05-17 03:47:02.000000 teslad{CloudConfiguration}[231] <ERROR>: ABM response: 204 [com.apple.x][y]",
        "2026-05-17 03:47:03.000 +0000 teslad com.apple.CloudConfigurationDaemon Default ABMDeviceRegistered",
        "Sun May 17 03:47:04 2026 [135] <debug> (0x16f1db000) MA: ABMRegistrationStarted",
        escaped(event(5, "ABMDeviceRegistered")),
        line(6, "ABM response: 204").rstrip(),
        "<14>1 2026-05-17T03:47:07.000Z F9FXQ1ABCD teslad 1 - - ABMDeviceRegistered",
    ]
    found = building.read(tmp_path, building.text(lines))
    assert [(instants.render(fact.at or 0)[17:19], fact.kind) for fact in found.facts] == [
        ("01", "requested"), ("02", "response_204"), ("03", "registered"), ("04", "requested"), ("05", "registered"),
        ("06", "response_204"), ("07", "registered"),
    ]  # fmt: skip
    assert not found.skipped


def test_patterns_are_found_in_escaped_json(tmp_path: Path) -> None:
    """A message with quotes or slashes would not be found where JSON escapes them."""
    texts = [REQUEST, ANSWER, NSERROR, "Preparing for enrollment…"]
    plain_kinds = building.kinds(building.read(tmp_path, building.text([SYSLOG.format(1, each) for each in texts])))
    for dump in (escaped, json.dumps):
        data = building.text([dump(event(1, each)) for each in texts])
        assert building.kinds(building.read(tmp_path, data)) == plain_kinds
    assert len(plain_kinds) >= 5


def test_what_a_log_repeats_is_kept_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of one error would take memory by its length, or hide what comes behind it."""
    monkeypatch.setattr("abm_trace.pipeline.capture.REPEATS_FROM", 10)
    last = line(9, "ABMRegistrationStarted")
    found = building.read(tmp_path, (ASKED * 200 + last).encode(), block=1024)
    told = {(fact.kind, fact.at) for fact in found.facts}
    assert told == {(fact.kind, fact.at) for fact in reading(tmp_path, (ASKED + last).encode()).facts}
    assert len(found.facts) < 60
    assert found.facts[0].origin.offset == 0


def test_a_line_that_a_log_repeats_is_looked_at_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three megabytes of gzip that expand to one line, 2.85 million times, took 18 s."""
    looked: list[bytes] = []
    hit = capture.Capture._hits

    def counted(self: capture.Capture, hits: list[Hit]) -> None:
        looked.extend(self._at.part(start, stop) for start, stop, _ in hits)
        hit(self, hits)

    monkeypatch.setattr("abm_trace.pipeline.capture.REPEATS_FROM", 10)
    monkeypatch.setattr(capture.Capture, "_hits", counted)
    other, last = line(8, "ABMRegistrationStarted"), line(9, "ABMRegistrationStarted")
    found = building.read(tmp_path, ((ASKED + other) * 200 + last).encode(), block=1024)
    assert len(looked) < 60
    assert looked[-1] == last.rstrip("\n").encode()
    assert {fact.at for fact in found.facts} == {
        fact.at for fact in reading(tmp_path, (ASKED + other + last).encode()).facts
    }


def test_a_line_that_needs_its_neighbours_is_read_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same second line under another record, and the same record above another second line, mean something new."""
    monkeypatch.setattr("abm_trace.pipeline.capture.REPEATS_FROM", 3)
    begins = "2026-05-17 03:47:{:02}.883 Er teslad[1:1] [com.apple.ManagedClient:x] begins\n"
    error = '  Error Domain=MCCloudConfigurationErrorDomain Code=34006 "unavailable"\n'
    text = "".join(begins.format(n) + error for n in range(40))
    found = building.read(tmp_path, text.encode(), block=512)
    assert len({fact.at for fact in found.facts}) == 40


def test_a_hit_in_each_line_of_a_message_is_one_fact(tmp_path: Path) -> None:
    """A message of many hit lines would take time by their square, or count as many errors."""
    begins = "2026-05-17 03:47:12.883 Er teslad[1:1] [com.apple.ManagedClient:x] begins\n"
    error = '  Error Domain=MCCloudConfigurationErrorDomain Code=34006 "unavailable"\n'
    found = reading(tmp_path, (begins + error * 50 + begins + error * 3).encode())
    assert [(fact.kind, fact.origin.offset) for fact in found.facts] == [
        ("fetch_error", 0),
        ("fetch_error", len(begins + error * 50)),
    ]


def test_later_lines_beyond_the_budget_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not looked at for its cost would be lost without a word."""
    monkeypatch.setattr("abm_trace.pipeline.capture._SPANS_MAX", 100)
    begins = "2026-05-17 03:47:12.883 Er teslad[1:1] [com.apple.ManagedClient:x] begins\n"
    error = '  Error Domain=MCCloudConfigurationErrorDomain Code=34006 "unavailable"\n'
    found = reading(tmp_path, ((begins + error) * 50).encode())
    named = [each.line for each in found.skipped if "too many" in each.reason]
    assert named
    assert named[-1] == 100
    assert len(found.facts) == 5
    assert len(found.facts) + len(named) == 50


def test_beyond_the_budget_later_lines_are_passed_over_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """360 MB of such messages took more than 60 s, for each of them was walked over to be named."""
    monkeypatch.setattr("abm_trace.pipeline.capture._SPANS_MAX", 200)
    monkeypatch.setattr("abm_trace.pipeline.capture._HITS_AT_ONCE", 8)
    begins = "2026-05-17 03:{:02}:{:02}.883 Er teslad[1:1] [com.apple.ManagedClient:x] begins\n"
    error = '  Error Domain=MCCloudConfigurationErrorDomain Code=34006 "unavailable"\n'
    walked: list[int] = []
    head = Messages.head

    def counted(self: Messages, position: int) -> Head | None:
        walked.append(position)
        return head(self, position)

    monkeypatch.setattr(Messages, "head", counted)
    data = "".join(begins.format(n // 60, n % 60) + error for n in range(400)) + ASKED
    found = reading(tmp_path, data.encode())
    later = [fact for fact in found.facts if fact.kind == "fetch_error"]
    assert len(walked) < 40
    assert len(later) == 10
    (more,) = [reason for reason in reasons(found) if "more like this" in reason]
    named = sum("too many of them" in reason for reason in reasons(found)) - 1
    assert len(later) + named + int(more.split("(")[1].split()[0]) == 400
    assert found.facts[-1].kind == "requested"


def test_a_line_that_is_odd_costs_its_neighbours_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One later line of a message, or one blank at an end, made every line of 8 MiB three times as dear."""
    alone: list[bytes] = []
    by_line = capture.Capture._line

    def counted(self: capture.Capture, raw: bytes, position: int, candidates: tuple[signatures.Signature, ...]) -> None:
        alone.append(raw)
        by_line(self, raw, position, candidates)

    monkeypatch.setattr(capture.Capture, "_line", counted)
    begins = "2026-05-17 03:47:12.883 Er teslad[1:1] [com.apple.ManagedClient:x] begins\n"
    error = '  Error Domain=MCCloudConfigurationErrorDomain Code=34006 "unavailable"\n'
    blanks, tab = ASKED.replace("\n", "   \n"), ASKED.replace("\n", "\t\n")
    behind_cr = line(8, "waiting")[:-1] + "\r" + line(8, "ABMDeviceRegistered")
    found = reading(tmp_path, (ASKED + begins + error + blanks + tab + behind_cr + ASKED).encode())
    assert alone == [error.encode()[:-1], behind_cr.encode()[:-1]]
    kinds = ["requested", "fetch_error", "requested", "requested", "registered", "requested"]
    assert [fact.kind for fact in found.facts] == kinds


def test_an_array_without_its_end_is_named(tmp_path: Path) -> None:
    """`log stream --style json` that was stopped, or a file that was cut, would pass for whole."""
    whole = as_apple_prints([event(1, "boot"), event(5, "ABM response: 204")])
    assert not reading(tmp_path, whole.encode()).skipped
    cut = reading(tmp_path, whole.rstrip().removesuffix("]").encode())
    assert [fact.kind for fact in cut.facts] == ["response_204"]
    assert reasons(cut) == ["the array is cut: its end is missing"]


def test_a_record_behind_a_lone_cr_is_read(tmp_path: Path) -> None:
    """A tool that joined two logs, or an editor, left one CR: the record behind it was lost without a word."""
    data = (line(1, "boot") + line(5, "waiting")[:-1] + "\r" + line(6, "ABMDeviceRegistered") + line(9, "end")).encode()
    (fact,) = reading(tmp_path, data).facts
    assert (fact.kind, fact.at) == ("registered", at("2026-05-17T03:47:06Z"))
    cited = data[fact.origin.offset or 0 :][: fact.origin.length]
    assert cited.endswith(b"ABMDeviceRegistered")


def test_what_stands_behind_too_many_crs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log of nothing but CRs would take minutes, or its records be lost without a word."""
    monkeypatch.setattr(capture, "_SPANS_MAX", 0)
    data = (line(1, "boot") + line(5, "waiting")[:-1] + "\r" + line(6, "ABMDeviceRegistered") + line(9, "end")).encode()
    found = reading(tmp_path, data)
    assert found.facts == ()
    assert [each.line for each in found.skipped] == [2]
    assert "too many" in reasons(found)[0]


def test_a_cr_that_no_record_follows_stays_in_its_message(tmp_path: Path) -> None:
    """A progress bar in a message would cut it in two, and its end be of no record."""
    data = (line(1, "boot") + line(5, "10 %\r20 %\rABMDeviceRegistered")).encode()
    found = reading(tmp_path, data)
    assert (found.facts, found.skipped) == ((), ())


@pytest.mark.parametrize("style", [None, 1], ids=["lines", "array"])
def test_an_event_that_says_a_thing_twice_is_named(tmp_path: Path, style: int | None) -> None:
    """A second time stamp moved an error to another day, without a word."""
    event = (
        '{"timestamp":"2026-05-17 03:47:12.000000+0000","timestamp":"2026-05-18 03:47:12.000000+0000",'
        '"eventMessage":"ABMRegistrationStarted \\"timestamp\\"","processImagePath":"/usr/libexec/teslad"}'
    )
    once = event.replace('"timestamp":"2026-05-17 03:47:12.000000+0000",', "")
    for text, times in ((event, 1), (once, 0)):
        data = f"[{text}]" if style else f"{text}\n"
        found = reading(tmp_path, data.encode())
        assert [fact.at for fact in found.facts] == [at("2026-05-18T03:47:12Z")]
        assert [thing.reason for thing in found.skipped] == times * [
            "a key of an event is repeated, the last one was used"
        ]


def test_what_is_not_kept_of_a_value_is_named_once_with_its_line(tmp_path: Path) -> None:
    """A request would lose the end of its identifier in silence, or each line of a hostile log be named."""
    kept, long = "7" * (signatures.VALUE_CHARS_MAX - len("deviceIdentifier=")), "8" * 5_000
    values = [line(n, f"deviceIdentifier={value}") for n, value in enumerate((kept, f"{kept}9", long, long), 2)]
    found = reading(tmp_path, "".join((BOOT, *values, LAST)).encode())
    assert [(each.line, each.reason) for each in found.skipped] == [(3, "of a value only 1,024 characters were kept")]
    assert [fact.value[-1] for fact in found.facts[:2]] == ["7", "…"]
    assert {len(fact.value) for fact in found.facts} == {signatures.VALUE_CHARS_MAX}


def test_lines_with_impossible_times_are_named_without_asking_other_formats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """38 MB of them took 27 s of CPU."""
    asked: list[str] = []
    monkeypatch.setattr(Framing, "_other", lambda _, text, __: asked.append(text))
    bad = line(5, "ABMDeviceRegistered").replace("2026-05-17", "2026-13-45")
    found = reading(tmp_path, (line(1, "boot") + bad * 3 + line(6, "ABMDeviceRegistered")).encode())
    assert [each.line for each in found.skipped] == [2, 3, 4]
    assert len(found.facts) == 1
    assert not asked
