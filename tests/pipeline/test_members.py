"""Members of archives, read as any file and opened again."""

import random
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.pipeline import building
from tests.pipeline.building import line, noise, reader, text
from tests.sources.stream.packing import CONTAINERS, PACK, tar, zipped

from abm_trace.core.nouns import Blob, Fact, Origin, Reading
from abm_trace.core.packed import Packed
from abm_trace.pipeline.cite import completed
from abm_trace.pipeline.members import Member, archive_of, by_archive, opened
from abm_trace.pipeline.names import names_in
from abm_trace.pipeline.quote import quoted
from abm_trace.pipeline.workers import read_all
from abm_trace.sources.stream import File, StreamError

LOG = text([line("Preparing for enrollment…", 1), *noise(90), line("ABM response: 204 serial=F9FXQ1ABCD", 9)])
MANIFEST = b"serial,site\nF9FXQ1ABCD,clinic-01\n"
TREE = {"logs/F9FXQ1ABCD.log": LOG, "logs/b.log": LOG[:300], "manifest.csv": MANIFEST, "odd.bin": bytes(range(256))}


def read(blobs: list[Blob], block: int = building.BLOCK) -> tuple[list[Reading], dict[str, Member]]:
    """The readings of blobs, and the members among them by path."""
    readings, members = read_all(blobs, reader(block=block), None, lambda *_: None)
    return readings, {member.path: member for member in members}


def cited(readings: list[Reading], blobs: dict[str, Blob], prefix: str = "") -> list[tuple[str, object, Fact]]:
    """(path, origin, fact without it) of all facts, each cited as a verdict would."""
    found = []
    buffer = bytearray(building.BLOCK)
    for reading in readings:
        boot = Origin(reading.path, "boot", 0, 0)
        facts = (*reading.facts, Fact("booted", reading.first_at, "log", "", {}, boot))
        wanted = [fact.origin for fact in facts if not fact.origin.sha256]
        done = completed({reading.path: wanted}, blobs, buffer)
        for fact in facts:
            origin = done.get(fact.origin, fact.origin)
            path = reading.path.removeprefix(prefix)
            bare = msgspec.structs.replace(fact, origin=Origin("", ""))
            found.append((path, msgspec.structs.replace(origin, path=""), bare))
    return sorted(found, key=repr)


def plainly(folder: Path, tree: dict[str, bytes]) -> list[tuple[str, object, Fact]]:
    """The same of a folder of plain files."""
    blobs = {name: building.blob(folder / "plain", data, name) for name, data in tree.items()}
    return cited(read(list(blobs.values()))[0], dict(blobs))


def packedly(folder: Path, data: bytes, prefix: str) -> list[tuple[str, object, Fact]]:
    """The same of an archive, without its own row."""
    readings, members = read([building.blob(folder, data, "a")])
    own = [reading for reading in readings if reading.path != "a"]
    return cited(own, dict(members), prefix)


@pytest.mark.parametrize("kind", CONTAINERS)
def test_an_archive_gives_what_its_folder_gives(tmp_path: Path, kind: str) -> None:
    """A member counts as a file: facts, lines and digests would depend on how the evidence was sent."""
    found = packedly(tmp_path, CONTAINERS[kind](TREE), "a/")
    assert found == plainly(tmp_path, TREE)
    assert len(found) > len(TREE) + 2


NESTS = st.lists(st.sampled_from(sorted(CONTAINERS)), min_size=1, max_size=3)
TREES = st.dictionaries(
    st.from_regex(r"[a-z]{1,8}(/[a-zü ]{1,20}){0,2}\.log", fullmatch=True),
    st.integers(0, 1 << 30).map(lambda seed: _log(random.Random(seed))),
    min_size=1,
    max_size=5,
)


def _log(generator: random.Random) -> bytes:
    said = [line(f"ABM response: 204 serial=F9F{n}", n) for n in range(generator.randint(1, 3))]
    lines = [*said, *noise(generator.randint(0, 120))]
    generator.shuffle(lines)
    return text(lines, generator.choice(("\n", "\r\n")))


@settings(max_examples=40, deadline=None)
@given(tree=TREES, nest=NESTS, outside=st.sampled_from(["", *PACK]))
def test_any_nest_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, bytes], nest: list[str], outside: str
) -> None:
    """Facts would be lost, doubled or cited wrongly in an archive in an archive."""
    folder = tmp_path_factory.mktemp("nest")
    data, prefix = CONTAINERS[nest[0]](tree), "a/"
    for number, kind in enumerate(nest[1:]):
        data, prefix = CONTAINERS[kind]({f"in{number}": data}), f"{prefix}in{len(nest) - 2 - number}/"
    if outside and len(nest) < 3:
        data = PACK[outside](data)
    prefix = "a/" + "".join(f"in{number}/" for number in reversed(range(len(nest) - 1)))
    assert packedly(folder, data, prefix) == plainly(folder, tree)


def test_a_solid_archive_is_gone_through_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tar.gz of 12,000 members would be expanded 12,000 times."""
    blob = building.blob(tmp_path, PACK["gz"](tar({f"{n}.log": LOG for n in range(30)})), "a")
    readings, members = read([blob])
    moved = {path: replace(member, location="/nowhere") for path, member in members.items()}
    boots = {reading.path: [Origin(reading.path, "boot", 0, 0)] for reading in readings}
    assert len(completed(boots, moved, bytearray(building.BLOCK))) == 30
    assert all(fact.origin.sha256 and fact.origin.line for reading in readings for fact in reading.facts)
    assert {names_in(member) for member in moved.values()} == {frozenset({"F9FXQ1ABCD"})}
    opens: list[str] = []

    class Counted(File):
        """A file that says that it was opened."""

        def __init__(self, blob: Blob) -> None:
            super().__init__(blob)
            opens.append(blob.path)

    monkeypatch.setattr("abm_trace.pipeline.members.File", Counted)
    wanted = {reading.path: [fact.origin for fact in reading.facts] for reading in readings}
    texts = quoted(wanted, dict(members))
    assert len(texts) == sum(map(len, wanted.values()))
    assert opens == ["a"]


def test_a_member_that_is_gone_is_said_to_be(tmp_path: Path) -> None:
    """An archive that was replaced in the meantime would end the explanation."""
    blob = building.blob(tmp_path, zipped({"x": LOG}), "a")
    member = Member("a/y", blob.location, 1, 0, "a", blob.size_bytes)
    with pytest.raises(StreamError, match="not there any more"), opened(member):
        pass
    assert archive_of(member).path == "a"
    assert by_archive([member, blob]) == {"a": [member, blob]}


def test_the_rest_of_an_archive_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sysdiagnose of 9,000 binary files would fill the report."""
    monkeypatch.setattr("abm_trace.pipeline.accounting.SKIPPED_MAX", 5)
    data = tar({**{f"{n}.tracev3": bytes(range(256)) for n in range(50)}, "x.log": LOG})
    readings, _ = read([building.blob(tmp_path, data, "a")])
    assert len(readings) == 52
    assert sum(len(reading.skipped) for reading in readings) == 6
    (own,) = [reading for reading in readings if reading.path == "a"]
    assert "(45 more like this)" in own.skipped[0].reason
    assert (own.format, own.why) == ("archive", "51 members, 1 of them read")


def test_one_reading_of_an_archive_says_what_to_do(tmp_path: Path) -> None:
    """A check of one file would take the first member for the whole."""
    found = reader().read(building.blob(tmp_path, zipped({"x": LOG, "y": LOG}), "a"))
    assert "archive" in found.skipped[0].reason
    assert reader().read(building.blob(tmp_path, zipped({"x": LOG}), "a")).path == "a/x"


def test_the_exports_of_an_archive_are_packed_where_together_they_say_very_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """9,000 small archives of a browser, each of some facts, would all be at hand at once: 300 MB."""
    data = tar({f"{n}.csv": b"serial,site\n" + b"F9FXQ1AB%02d,clinic-01\n" % n * 3 for n in range(20)})
    plain, _ = read([building.blob(tmp_path, data, "a")])
    monkeypatch.setattr("abm_trace.pipeline.reading.REPEATS_FROM", 30)
    found, _ = read([building.blob(tmp_path, data, "a")])
    scanned = reader(block=building.BLOCK).scan(building.blob(tmp_path, data, "a"))
    assert [bool(each.packed) for each in scanned].count(True) == 10
    assert any(isinstance(each.facts, Packed) for each in found)
    assert [list(each.facts) for each in found] == [list(each.facts) for each in plain]
