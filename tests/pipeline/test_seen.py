"""Tests of abm_trace.pipeline.seen: what the signatures see in a log that says very much."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from tests.pipeline import building
from tests.sources.stream.packing import zipped

from abm_trace.core.nouns import Fact, Reading
from abm_trace.core.packed import Packed
from abm_trace.pipeline import reading, seen
from abm_trace.pipeline.reading import Reader, Scanned
from abm_trace.pipeline.seen import Seen
from abm_trace.signatures import Sighting

BLOCK = 2048


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is very much."""
    monkeypatch.setattr(seen, "ROOM_MIN", 4)
    monkeypatch.setattr(reading, "REPEATS_FROM", 20)
    monkeypatch.setattr("abm_trace.pipeline.capture._HITS_AT_ONCE", 3)


def log(count: int, every: int = 1) -> str:
    """A log that says two things of each of so many seconds."""
    lines = []
    for n in range(0, count, every):
        minute = f"2026-05-17 {n // 3600:02}:{n // 60 % 60:02}"
        answer = f'ABM response: 202 {{"status":"accepted","requestId":"req_{n}"}}'
        lines += [building.line(answer, n % 60, minute), building.line("ABMRegistrationStarted", n % 60, minute)]
    return "".join(f"{each}\n" for each in lines)


def nserrors(count: int) -> str:
    """A log of messages of three lines, of which the second and the third say something."""
    text = (
        "2026-05-17 03:{:02}:{:02}.883 Er profiled[1:1] [com.apple.ManagedClient:x] Error: NSError:\n"
        "    Domain : MCInstallationErrorDomain\n    Code   : 4001 MCInstallationErrorDomain Code=4001\n"
    )
    return "".join(text.format(n // 60, n % 60) for n in range(count))


def objects(count: int, back: int) -> str:
    """Records with ticks; the clock was set back by seven seconds before the last `back` of them."""
    row = (
        '{{"eventType":"logEvent","subsystem":"com.apple.CloudConfigurationDaemon","processImagePath":'
        '"/usr/libexec/teslad","timestamp":"2026-05-17 09:{:02}:{:02}.000000+0000","machTimestamp":{},'
        '"bootUUID":"B1","eventMessage":"ABMRegistrationStarted"}}\n'
    )
    walls = [n if n < count - back else n - 7 for n in range(10, count + 10)]
    return "".join(row.format(wall // 60, wall % 60, n * 24_000_000) for n, wall in enumerate(walls, 10))


def lossy(count: int) -> str:
    """A log that lost messages, and says much beside."""
    loss = "2026-05-17 03:47:01.000 Df logd[1:1] [x:y] lost 3 unreliable messages from teslad\n"
    row = "2026-05-17 03:{:02}:{:02}.883 Df teslad[1:1] [com.apple.ManagedClient:x] ABMRegistrationStarted\n"
    return loss + "".join(row.format(n // 60, n % 60) for n in range(count))


def scanned(folder: Path, data: bytes, name: str) -> list[Scanned]:
    """What a reader hands on of a file."""
    return building.reader(block=BLOCK).scan(building.blob(folder, data, name))


def completed(found: list[Scanned]) -> list[Reading]:
    """The readings of that."""
    return [reading.complete(each, {rule.id: rule for rule in building.rules()}) for each in found]


LOGS: dict[str, Callable[[], str]] = {
    "two-a-second": lambda: log(200),
    "nserrors": lambda: nserrors(120),
    "clock-set-back": lambda: objects(90, back=30),
    "losses": lambda: lossy(90),
    "array": lambda: "[" + ",".join(objects(90, back=30).splitlines()) + "]",
}


@pytest.mark.parametrize("name", LOGS)
@pytest.mark.parametrize("archive", [False, True], ids=["file", "member"])
def test_what_is_packed_while_it_is_read_says_the_same_in_the_same_order(
    tmp_path: Path, request: pytest.FixtureRequest, name: str, *, archive: bool
) -> None:
    """A verdict would depend on how much else its log says."""
    data = LOGS[name]().encode()
    file, data = ("a.zip", zipped({"a.log": data})) if archive else ("a.log", data)
    plain = scanned(tmp_path, data, file)
    request.getfixturevalue("small")
    packed = scanned(tmp_path, data, file)
    assert packed[0].packed
    assert not packed[0].sightings
    assert not packed[0].cited
    (before,), (after,) = completed(plain), completed(packed)
    assert isinstance(after.facts, Packed)
    assert not isinstance(before.facts, Packed)
    places = [uncited(fact) for fact in after.facts]
    assert places == [uncited(fact) for fact in before.facts]
    assert len(places) >= 90
    lines = LOGS[name]().split("\n")
    for fact in after.facts:
        if fact.origin.sha256 and name != "array":
            assert fact.origin.sha256 == sha256(lines[(fact.origin.line or 0) - 1].encode()).hexdigest()
    seen_of = [fact for fact in after.facts if fact.kind != "clock_jump"]
    assert all(bool(fact.origin.sha256) == archive for fact in seen_of)


def uncited(fact: Fact) -> tuple[object, ...]:
    """A fact without the line that only a member's has by now."""
    return fact.kind, fact.at, fact.value, fact.attrs, fact.origin.offset, fact.origin.length, fact.layer, fact.cause


@pytest.mark.usefixtures("small")
def test_little_is_at_hand_at_any_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """300,000 hit lines of one device took 1.6 GB."""
    held: list[int] = []
    settle = Seen.settle

    def measured(self: Seen, *, once: bool) -> dict[int | None, int]:
        held.append(max(len(self.sightings), len(self.cited)))
        return settle(self, once=once)

    monkeypatch.setattr(Seen, "settle", measured)
    (found,) = scanned(tmp_path, zipped({"a.log": log(400).encode()}), "a.zip")
    assert found.count == 1200
    assert max(held) < 40


@pytest.mark.usefixtures("small")
def test_the_members_of_an_archive_share_what_may_be_at_hand(tmp_path: Path) -> None:
    """An archive of logs that each say a little less than very much would take as much memory as one that does."""
    members = {f"{n}.log": log(6).encode() for n in range(8)}
    found = scanned(tmp_path, zipped(members), "a.zip")
    assert [bool(each.packed) for each in found] == [False] + [True] * 7
    assert {len(each.facts) for each in completed(found)} == {18}


@pytest.mark.usefixtures("small")
def test_what_is_said_again_is_kept_once_however_far_apart(tmp_path: Path) -> None:
    """A flood of a few errors in turn would fill the memory, or hide what comes behind it."""
    other = log(90).replace("req_", "other_")
    (found,) = completed(scanned(tmp_path, (log(30) * 20 + other).encode(), "a.log"))
    (once,) = completed(scanned(tmp_path, (log(30) + other).encode(), "b.log"))
    assert [fact.origin.offset for fact in found.facts][: 30 * 3] == [fact.origin.offset for fact in once.facts][:90]
    assert len(found.facts) == len(once.facts)


@pytest.mark.usefixtures("small")
def test_a_line_below_what_was_packed_still_belongs_to_it(tmp_path: Path) -> None:
    """The same error of one message would count twice."""
    (found,) = completed(scanned(tmp_path, nserrors(60).encode(), "a.log"))
    assert len({(fact.kind, fact.at) for fact in found.facts}) == len(found.facts)


def test_without_a_reader_all_stays_at_hand() -> None:
    """Who follows a log as it grows would never be told."""
    found = Seen()
    each: Sighting = ("x", 1, "", {}, 0, 5)
    found.sightings += [each] * 5000
    assert found.settle(once=True) == {}
    assert found.packed(()) is None
    assert len(found.sightings) == 5000


def test_a_small_log_is_not_packed(tmp_path: Path) -> None:
    """Each log of a rollout would be packed and unpacked."""
    reader: Reader = building.reader()
    (found,) = reader.scan(building.blob(tmp_path, log(300).encode()))
    assert (len(found.sightings), found.packed) == (900, [])
