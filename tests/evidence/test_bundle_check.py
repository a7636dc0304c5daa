"""The check of a bundle: each byte of it counts."""

import shutil
import tarfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.evidence import building, flips
from tests.evidence.test_bundle import KEY, keep, log, make

from abm_trace.core.errors import AbmTraceError
from abm_trace.evidence import blobs, bundle
from abm_trace.evidence._report import Options
from abm_trace.evidence.bundle_check import verify_bundle
from abm_trace.evidence.bundle_contents import Ranges
from abm_trace.evidence.bundle_file import Bundle, writing
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer

__all__ = ["log"]


PARTS = 6


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of 21 kB with each kind of part: as stored, by line, lines withheld, a page, a time stamp."""
    folder = tmp_path_factory.mktemp("whole")
    places = building.make(folder, 2)
    with Writer(places) as writer:
        both = blobs.Binding("audit.ndjson", tuple(blobs.Ids(f"F9FXQ{number:05d}") for number in (0, 1)))
        writer.append([keep(writer, "raw", b"F9FXQ00000 registered\nnobody\n", both)])
    at = flips.stamped(places, folder / "tsa")
    page, out = folder / "page.html", folder / "b.tar"
    page.write_bytes(b"<p>")
    make(places, out, serials=frozenset({"F9FXQ00000"}), reports=(page,), now=at)
    kinds = {name.rpartition("/")[0].partition("/raw")[0] for name in Bundle(out).members}
    assert kinds == {
        *("about", "about/files", "about/lines"),
        *("evidence", "evidence/checkpoints", "evidence/private", "evidence/stamps"),
        *("evidence/tile/0/000.p", "evidence/tile/entries/000.p"),
    }
    return out


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_every_byte_counts(part: int, whole: Path, tmp_path: Path) -> None:
    """If this failed, something in a bundle could be changed, and nobody would know, or look elsewhere (R16)."""
    out = Path(shutil.copy(whole, tmp_path / "b.tar"))
    assert flips.unnamed(out, part, PARTS) == []


def test_bytes_of_a_redacted_bundle(log: Places, tmp_path: Path) -> None:
    """If this failed, what redaction puts in could be changed. Here 1,700 of its bytes; all of them in `make soak`."""
    make(log, tmp_path / "b.tar", key=KEY)
    assert flips.unnamed(tmp_path / "b.tar", 5, 13) == []


@pytest.mark.parametrize("key", [b"", KEY], ids=["full", "redacted"])
def test_every_part_counts(key: bytes, log: Places, tmp_path: Path) -> None:
    """If this failed, a part could be left out, put in, or taken from another bundle."""
    out, other, changed = (tmp_path / name for name in ("b.tar", "o.tar", "c.tar"))
    make(log, out, key=key)
    building.add(log, range(10, 11))
    make(log, other, key=bytes([1]) * 32 if key else b"")
    parts = {name: Bundle(out).read(name, 1 << 20) for name in Bundle(out).members}
    foreign = {name: Bundle(other).read(name, 1 << 20) for name in Bundle(other).members}

    def problems(new: dict[str, bytes]) -> list[str]:
        with writing(changed) as writer:
            for name in sorted(new):
                writer.add(name, [new[name]])
        return [each.where for each in verify_bundle(changed, Options()).problems]

    assert problems(parts) == []
    for name, part in parts.items():
        assert problems({each: data for each, data in parts.items() if each != name}), name
        if foreign.get(name, part) != part:
            assert problems(parts | {name: foreign[name]}), name
    for name in (
        *(foreign.keys() - parts.keys()),
        "about/files/more.html",
        "evidence/private/staging.db",
        "evidence/x",
    ):
        assert problems(parts | {name: foreign.get(name, b"x")}), name


def test_lines_that_belong_to_nothing(log: Places, tmp_path: Path) -> None:
    """If this failed, a bundle that was packed anew could hold what nobody signed (R16)."""
    out, changed = tmp_path / "b.tar", tmp_path / "c.tar"
    make(log, out, records=((2, 2),))
    parts = {name: Bundle(out).read(name, 1 << 20) for name in Bundle(out).members}
    head, private = parts["evidence/checkpoint"], parts["evidence/private/000"]
    for name, data in (
        ("evidence/checkpoint", head + "— x AAAAAAA=\n".encode()),
        ("evidence/checkpoint", head + head.splitlines(keepends=True)[-1]),
        ("evidence/private/000", private + b"-\n"),
        ("evidence/private/000", private + b"-\n" * 100_000),
        ("evidence/private/000", b"x\n" + private.partition(b"\n")[2]),
        ("evidence/private/001", b"-\n"),
    ):
        with writing(changed) as writer:
            for each, right in sorted((parts | {name: data}).items()):
                writer.add(each, [data if each == name else right])
        assert verify_bundle(changed, Options()).problems, (name, data[-80:])


@pytest.mark.parametrize("field", ["stored", "by_line"])
@pytest.mark.parametrize("ranges", [((0, 10**12),), ((4, 3),), ((2, 3), (3, 4)), ((-1, 2),), ((2, 7),)])
def test_ranges_of_a_hostile_manifest(
    field: str, ranges: Ranges, log: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, 15 KB from a stranger would fill the memory of the check."""
    right = bundle._Maker._manifest
    monkeypatch.setattr(
        bundle._Maker, "_manifest", lambda maker: msgspec.structs.replace(right(maker), **{field: ranges})
    )
    out = tmp_path / "b.tar"
    make(log, out)
    report = verify_bundle(out, Options())
    assert "names records that are not in order, or not in the log" in report.problems[-1].text
    assert len(report.problems) < 20


def test_a_bundle_that_is_none(tmp_path: Path, log: Places) -> None:
    """If this failed, any tar, or half of a bundle, would pass."""
    plain = tmp_path / "plain.tar"
    with tarfile.open(plain, "w") as tar:
        tar.add(log.store, arcname="evidence")
    assert verify_bundle(plain, Options()).problems
    cut = tmp_path / "cut.tar"
    make(log, cut)
    cut.write_bytes(cut.read_bytes()[:-2000])
    assert verify_bundle(cut, Options()).problems
    empty = tmp_path / "empty.tar"
    empty.write_bytes(b"")
    assert verify_bundle(empty, Options()).problems
    with pytest.raises(AbmTraceError):
        verify_bundle(tmp_path / "nowhere.tar", Options())


def test_another_key_and_an_earlier_checkpoint(log: Places, tmp_path: Path) -> None:
    """If this failed, a bundle of a log that somebody made up would pass for the owner's."""
    made_up = building.make(tmp_path / "else", 1)
    other = building.check(made_up).signers[0]
    out = tmp_path / "b.tar"
    make(log, out)
    owner = building.check(log).signers[0]
    kept = (log.store / "checkpoint").read_bytes()
    assert verify_bundle(out, Options(keys=[other])).problems
    assert verify_bundle(out, Options(keys=[owner], earlier=[kept])).problems == []


def test_lines_that_a_stranger_claims(tmp_path: Path) -> None:
    """If this failed, a small bundle from a stranger would keep the check busy for as long as it likes."""
    places = building.make(tmp_path)
    with Writer(places) as writer:
        blanks = b"F9FXQ00000" + b" " * 1_000_000 + b"\n"
        both = blobs.Binding("x", (blobs.Ids("F9FXQ00000"), blobs.Ids("F9FXQ00001")))
        writer.append([keep(writer, "raw", blanks * 60, both)])
        writer.checkpoint()
    out = tmp_path / "b.tar"
    make(places, out, serials=frozenset({"F9FXQ00000"}))
    report = verify_bundle(out, Options())
    assert report.problems == []
    assert any("about/lines/000000002.zst expands to more than 100 times" in each for each in report.remarks)
    report = verify_bundle(out, Options(keys=report.signers))
    assert report.shown
    assert (report.problems, report.shown.lines, len(report.remarks)) == ([], 60, 1)


def test_lines_that_were_changed_are_not_read(log: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a part that is known to be another one would keep the check busy all the same."""
    out, changed = tmp_path / "b.tar", tmp_path / "c.tar"
    make(log, out, key=KEY)
    parts = {name: Bundle(out).read(name, 1 << 20) for name in Bundle(out).members}
    name = min(name for name in parts if name.startswith("about/lines/"))
    parts[name] = b"".join(blobs.Packer().pack([b"# " + bytes(50_000_000)]))
    with writing(changed) as writer:
        for each in sorted(parts):
            writer.add(each, [parts[each]])
    read: list[object] = []
    right = blobs.unpack

    def unpack(file: Any) -> Any:  # noqa: ANN401  # As `blobs.unpack`.
        read.append(file.raw)
        return right(file)

    monkeypatch.setattr(blobs, "unpack", unpack)
    report = verify_bundle(changed, Options(keys=building.check(log).signers))
    assert [each.where for each in report.problems if each.where == name] == [name]
    assert len(read) == len([each for each in parts if each.startswith("about/lines/")]), "one less, and the contents"
