"""Tests of abm_trace.pipeline.kept: a case that was read is not read again, unless anything about it changed."""

import os
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.pipeline.building import line, text
from tests.pipeline.cases import make

from abm_lab.case import write_case
from abm_trace.core.nouns import Blob, Skipped
from abm_trace.pipeline import kept, workers
from abm_trace.pipeline.kept import Place, place
from abm_trace.pipeline.triage import Options, Resolved, resolved, triage
from abm_trace.sources import folder
from abm_trace.verdict import thresholds

HOUR = 3600 * 10**9


def now() -> int:
    """The time, in ns since 1970."""
    return time.time_ns()  # noqa: TID251  # That of the file system, which stamps what a test writes.


def found(case: Path, cache: Path, options: Options | None = None, later: int = HOUR) -> Place:
    """Where the trace of a case is kept, `later` ns from now, so that the files that a test just wrote have settled."""
    asked = options or Options(jobs=1)
    at = place(case, list(folder.fetch(case)), asked, now() + later, {"XDG_CACHE_HOME": str(cache)})
    assert at is not None
    return at


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small cases are worth it, too."""
    monkeypatch.setattr(kept, "WORTH_BYTES", 0)
    monkeypatch.setattr(kept, "WORTH_DEVICES", 0)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case of six devices, some of whose files say what a terminal would obey."""
    made = make(tmp_path / "case")
    hostile = line('ABM response: 204 \x1b[31m\u202e\ud7ff{"a":"\\u0000"}', 9)
    with (made / "logs/F9FXQ00000.log").open("ab") as log:
        log.write(text([hostile]))
    (made / "no\nise\x1b.bin").write_bytes(b"\x00\xff" * 200)
    return made


@pytest.fixture
def cache(case: Path, tmp_path: Path) -> Path:
    """A cache folder in which the trace of the case is kept."""
    made = tmp_path / "cache"
    at = found(case, made)
    assert at.keep(resolved(case, at.options, at.listing))
    return made


def same(one: Resolved, other: Resolved) -> None:
    """Fail unless both say the same of every device, and of the case."""
    assert list(one.devices) == list(other.devices)
    assert list(one.serials) == list(other.serials) == [device.serial for device in other.devices]
    assert replace(one, serials=(), devices=(), kept_at=None) == replace(other, serials=(), devices=(), kept_at=None)
    for number in range(len(one.devices)):
        assert one.judged(number) == other.judged(number)


@pytest.mark.parametrize("scenario", ["chicago", "poisoned", "unknown", "apple-mixed", "mixed-dialect", "stuck-cursor"])
def test_each_device_is_judged_as_by_triage(scenario: str, tmp_path: Path) -> None:
    """If this failed, `explain` would say something else of a device than `triage`, from its files or from a trace."""
    lab = write_case(tmp_path, scenario, 150, 5, 7, 2, jobs=1)
    traced = triage(lab, Options(jobs=1))
    at = found(lab, tmp_path / "cache")
    fresh = resolved(lab, at.options, at.listing)
    assert at.keep(traced)
    again = at.find()
    assert again is not None
    assert again.kept_at is not None
    for read in (fresh, again):
        assert [read.judged(number)[0] for number in range(len(read.devices))] == list(traced.verdicts)
        assert read.judged(0)[1] == traced.skipped
    same(again, fresh)


def test_members_of_an_archive_are_found_again(case: Path, tmp_path: Path) -> None:
    """If this failed, a line inside of an archive could not be quoted from a kept trace."""
    with tarfile.open(case / "logs.tar.gz", "w:gz") as archive:
        for each in sorted((case / "logs").iterdir()):
            archive.add(each, each.name)
            each.unlink()
    at = found(case, tmp_path / "cache")
    fresh = resolved(case, at.options, at.listing)
    assert at.keep(fresh)
    again = at.find()
    assert again is not None
    assert {path: blob for path, blob in again.blobs.items() if "/" in path}.keys() == {
        f"logs.tar.gz/F9FXQ{number:05d}.log" for number in range(6)
    }
    assert again.judged(0) == fresh.judged(0)


def test_a_kept_trace_is_the_users_alone(case: Path, cache: Path) -> None:
    """If this failed, others could read what is known of people's devices, or write what we believe."""
    (kept_file,) = (cache / "abm-trace").iterdir()
    assert kept_file.stat().st_mode & 0o777 == 0o600
    assert (cache / "abm-trace").stat().st_mode & 0o777 == 0o700
    assert found(case, cache).find() is not None
    kept_file.chmod(0o620)
    assert found(case, cache).find() is None
    kept_file.chmod(0o600)
    kept_file.rename(cache / "elsewhere")
    kept_file.symlink_to(cache / "elsewhere")
    assert found(case, cache).find() is None
    kept_file.unlink()
    os.mkfifo(kept_file, 0o600)
    assert found(case, cache).find() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_is_somebody_elses_is_not_believed(case: Path, cache: Path) -> None:
    """If this failed, whoever may write into the folder could make up what a device did."""
    (kept_file,) = (cache / "abm-trace").iterdir()
    os.chown(kept_file, 12345, -1)
    assert found(case, cache).find() is None
    os.chown(cache / "abm-trace", 12345, -1)
    at = found(case, cache)
    assert not at.keep(resolved(case, at.options, at.listing))


def test_a_folder_that_is_open_to_others_is_closed(case: Path, tmp_path: Path) -> None:
    """If this failed, a trace would be kept where others can replace it."""
    (tmp_path / "cache/abm-trace").mkdir(parents=True)
    (tmp_path / "cache/abm-trace").chmod(0o777)
    at = found(case, tmp_path / "cache")
    assert at.keep(resolved(case, at.options, at.listing))
    assert (tmp_path / "cache/abm-trace").stat().st_mode & 0o777 == 0o700
    (tmp_path / "other").mkdir()
    (tmp_path / "other/abm-trace").symlink_to(tmp_path / "cache/abm-trace")
    at = found(case, tmp_path / "other")
    assert not at.keep(resolved(case, at.options, at.listing))


def _same_size(case: Path) -> None:
    """Change a file in a way that its size and its time do not show."""
    log = case / "logs/F9FXQ00001.log"
    before = log.stat()
    log.write_bytes(log.read_bytes().replace(b"ABMDeviceRegistered", b"ABMDeviceRegister3d"))
    os.utime(log, ns=(before.st_atime_ns, before.st_mtime_ns))


def _another_inode(case: Path) -> None:
    """Put another file in the place of one."""
    log = case / "logs/F9FXQ00001.log"
    (case / "new").write_bytes(log.read_bytes())
    (case / "new").replace(log)


CHANGES: dict[str, Callable[[Path], object]] = {
    "the same size and time": _same_size,
    "another file of the same name": _another_inode,
    "a longer log": lambda case: (case / "mdm.csv").write_text((case / "mdm.csv").read_text() + "\n"),
    "a file more": lambda case: (case / "more.txt").write_text("x"),
    "a file less": lambda case: (case / "mdm.csv").unlink(),
    "another name": lambda case: (case / "mdm.csv").rename(case / "inventory.csv"),
    "settings": lambda case: (case / "case.toml").write_text('timezone = "America/Chicago"\n'),
    "a fifo": lambda case: os.mkfifo(case / "fifo"),
    "a link that leads nowhere": lambda case: (case / "link").symlink_to("nothing"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_changed_is_read_again(change: Callable[[Path], object], case: Path, cache: Path) -> None:
    """If this failed, yesterday's answer would be given of today's case."""
    assert found(case, cache).find() is not None
    change(case)
    assert found(case, cache).find() is None


@pytest.mark.parametrize(
    "options",
    [
        Options(as_of=1_000_000),
        Options(forced="article"),
        Options(thresholds=thresholds().changed("confirmation_s", 90.0)),
        Options(signatures=(Path("rules"),)),
    ],
    ids=["as_of", "forced", "thresholds", "signatures"],
)
def test_other_options_have_a_trace_of_their_own(
    options: Options, case: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, an option that changes what is judged would change nothing."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules").mkdir()
    at = found(case, cache, options)
    assert at.find() is None
    assert at.keep(resolved(case, at.options, at.listing))
    assert found(case, cache, options).find() is not None
    assert found(case, cache).find() is not None


def test_a_rule_that_changed_is_asked_anew(case: Path, tmp_path: Path) -> None:
    """If this failed, whoever writes a rule would see what it said before the last change."""
    rules = tmp_path / "rules"
    rules.mkdir()
    at = found(case, tmp_path / "cache", Options(signatures=(rules,)))
    assert at.keep(resolved(case, at.options, at.listing))
    assert found(case, tmp_path / "cache", Options(signatures=(rules,))).find() is not None
    (rules / "ours.yml").write_text("title: [")
    assert found(case, tmp_path / "cache", Options(signatures=(rules,))).find() is None


def test_another_program_reads_anew(case: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a new version would go on to say what the old one found."""
    program = tmp_path / "abm_trace"
    (program / "pipeline").mkdir(parents=True)
    (program / "rule.yml").write_text("a")
    monkeypatch.setattr(kept, "__file__", str(program / "pipeline/kept.py"))
    at = found(case, cache)
    assert at.find() is None
    assert at.keep(resolved(case, at.options, at.listing))
    (program / "__pycache__").mkdir()
    (program / "__pycache__/x.pyc").write_text("what Python puts there is not the program")
    assert found(case, cache).find() is not None
    (program / "rule.yml").write_text("b")
    assert found(case, cache).find() is None


def test_what_was_changed_just_now_is_not_kept(case: Path, tmp_path: Path) -> None:
    """If this failed, a file that is written while it is read would be thought to be known."""
    at = found(case, tmp_path / "cache", later=10**9)
    assert not at.keep(resolved(case, at.options, at.listing))
    at = found(case, tmp_path / "cache", later=-HOUR)  # The clock was set back, or the server's is ahead.
    assert not at.keep(resolved(case, at.options, at.listing))
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("limit", "most"), [("WORTH_BYTES", 10**6), ("WORTH_DEVICES", 7)])
def test_a_small_case_leaves_nothing_behind(
    limit: str, most: int, case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CASE.md: something would be written that nobody asked for, and that saves nobody's time."""
    monkeypatch.setattr(kept, limit, most)
    at = found(case, tmp_path / "cache")
    assert not at.keep(resolved(case, at.options, at.listing))
    assert not (tmp_path / "cache").exists()


def test_what_may_go_otherwise_the_next_time_is_not_kept(case: Path, tmp_path: Path) -> None:
    """If this failed, a process that was killed once would be missing from every later answer."""
    at = found(case, tmp_path / "cache")
    fresh = resolved(case, at.options, at.listing)
    killed = workers._killed(Blob("a.log", "a.log", 1)).reading.skipped
    for reason in (killed[0].reason, "not used, abm-trace failed on it (MemoryError: )", "reading stopped: I/O error"):
        assert not at.keep(replace(fresh, skipped=(*fresh.skipped, Skipped("a.log", reason))))
    assert at.keep(fresh)


def test_damage_anywhere_is_seen(tmp_path: Path) -> None:
    """If this failed, a disk error could become a verdict. Every byte of a small trace is tried, and every length."""
    (tmp_path / "case").mkdir()
    (tmp_path / "case/manifest.csv").write_text("serial,site\nF9FXQ00000,clinic-1\n")
    at = found(tmp_path / "case", tmp_path / "cache")
    assert at.keep(resolved(at.case, at.options, at.listing))
    whole = at.path.read_bytes()
    for place_ in range(len(whole)):
        for data in (
            whole[:place_] + bytes([whole[place_] ^ 0x01]) + whole[place_ + 1 :],
            whole[:place_],
            whole[:place_] + b"\x00" + whole[place_:],
        ):
            at.path.write_bytes(data)
            assert at.find() is None
    at.path.write_bytes(whole)
    assert at.find() is not None


def test_a_trace_of_another_case_is_no_answer(case: Path, cache: Path, tmp_path: Path) -> None:
    """If this failed, a file that was put in the place of another would be believed."""
    other = found(make(tmp_path / "other", 4), cache)
    assert other.keep(resolved(other.case, other.options, other.listing))
    at = found(case, cache)
    at.path.write_bytes(other.path.read_bytes())
    assert at.find() is None


def test_the_oldest_make_room(case: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, traces would fill the disk, or stay for ever; or what is not ours would be removed."""
    home = cache / "abm-trace"
    (first,) = home.iterdir()
    (home / "notes.txt").write_text("mine")
    os.utime(home / "notes.txt", ns=(0, 0))
    (home / ".part-left").write_text("by a process that was killed")
    os.utime(home / ".part-left", ns=(0, 0))
    os.utime(first, ns=(now() - HOUR,) * 2)
    second = found(make(tmp_path / "second"), cache)
    assert second.keep(resolved(second.case, second.options, second.listing))
    assert {each.name for each in home.iterdir()} == {first.name, second.path.name, "notes.txt"}
    os.utime(second.path, ns=(now() - HOUR // 2,) * 2)
    monkeypatch.setattr(kept, "KEPT_BYTES_MAX", first.stat().st_size + second.path.stat().st_size + 100)
    third = found(make(tmp_path / "third"), cache)
    assert third.keep(resolved(third.case, third.options, third.listing))
    assert {each.name for each in home.iterdir()} == {second.path.name, third.path.name, "notes.txt"}
    os.utime(second.path, ns=(now() - kept.KEPT_NS_MAX - 2 * HOUR,) * 2)
    assert third.keep(resolved(third.case, third.options, third.listing))
    assert {each.name for each in home.iterdir()} == {third.path.name, "notes.txt"}


def test_there_are_not_too_many(case: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a thousand small cases would leave a thousand files."""
    monkeypatch.setattr(kept, "KEPT_MAX", 2)
    (first,) = (cache / "abm-trace").iterdir()
    os.utime(first, ns=(now() - HOUR,) * 2)
    names = set()
    for as_of in (1, 2):
        at = found(case, cache, Options(jobs=1, as_of=as_of))
        assert at.keep(resolved(case, at.options, at.listing))
        names.add(at.path.name)
    assert {each.name for each in (cache / "abm-trace").iterdir()} == names


def test_one_that_is_too_large_is_not_kept(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, one huge case would push out all others, and half a file be left behind."""
    monkeypatch.setattr(kept, "KEPT_BYTES_MAX", 100)
    at = found(case, tmp_path / "cache")
    assert not at.keep(resolved(case, at.options, at.listing))
    assert list((tmp_path / "cache/abm-trace").iterdir()) == []


def test_nothing_is_kept_in_the_case_or_where_it_is_not_wanted(case: Path, tmp_path: Path) -> None:
    """If this failed, evidence would be changed by looking at it."""
    listing, at = list(folder.fetch(case)), now()
    assert place(case, listing, Options(), at, {"XDG_CACHE_HOME": str(case / "cache")}) is None
    assert place(case, listing, Options(), at, {"XDG_CACHE_HOME": str(tmp_path), "ABM_TRACE_KEEP": "0"}) is None
    (tmp_path / "link").symlink_to(case)
    assert place(case, listing, Options(), at, {"XDG_CACHE_HOME": str(tmp_path / "link/cache")}) is None
    elsewhere = place(case, listing, Options(), at, {"XDG_CACHE_HOME": "relative"})
    assert elsewhere is not None
    assert elsewhere.path.is_relative_to(Path.home() / ".cache/abm-trace")


def test_where_there_is_no_room_nothing_is_kept(case: Path, tmp_path: Path) -> None:
    """If this failed, a full disk, or a file in the folder's place, would end the command."""
    (tmp_path / "cache").write_text("a file")
    at = found(case, tmp_path / "cache")
    assert not at.keep(resolved(case, at.options, at.listing))
    assert at.find() is None
