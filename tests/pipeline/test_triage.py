"""Tests of abm_trace.pipeline.triage: the one way through."""

import json
from pathlib import Path
from typing import IO

import pytest
from tests.pipeline.cases import make

from abm_lab.case import write_case
from abm_trace.core import instants, spill
from abm_trace.core.errors import UsageError
from abm_trace.core.packed import Packed
from abm_trace.identity import shelves
from abm_trace.pipeline import judging, reading, told, workers
from abm_trace.pipeline.triage import NothingReadable, Options, triage

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


def test_every_device_gets_a_verdict_with_evidence(tmp_path: Path) -> None:
    """A device would be missing, or a claim stand without its line."""
    traced = triage(make(tmp_path / "case"), Options(as_of=instants.parse("2026-05-17T05:00:00Z")))
    assert [each.serial for each in traced.verdicts] == [f"F9FXQ{number:05d}" for number in range(6)]
    assert [each.verdict for each in traced.verdicts] == ["vanished", "confirmed"] * 3
    assert {each.layer for each in traced.verdicts if each.verdict == "vanished"} == {"L4"}
    for verdict in traced.verdicts:
        assert all(each.sha256 and each.path for finding in verdict.findings for each in finding.evidence)
    assert traced.skipped == ()
    assert [reading.path for reading in traced.readings] == sorted(traced.blobs)


def test_files_in_another_order_and_more_processes_say_the_same(tmp_path: Path) -> None:
    """SPEC: a verdict depends on the facts and on `as_of` alone."""
    case = make(tmp_path / "case")
    as_of = instants.parse("2026-05-17T05:00:00Z")
    one = triage(case, Options(as_of=as_of, jobs=1)).verdicts
    assert triage(case, Options(as_of=as_of, jobs=2)).verdicts == one
    other = tmp_path / "other"
    other.mkdir()
    for path in sorted(case.rglob("*"), reverse=True):
        if path.is_file():
            (other / path.relative_to(case)).parent.mkdir(exist_ok=True)
            (other / path.relative_to(case)).write_bytes(path.read_bytes())
    assert triage(other, Options(as_of=as_of)).verdicts == one


@pytest.mark.parametrize(("jobs", "room"), [(1, spill.ROOM_BYTES), (2, spill.ROOM_BYTES), (1, 0), (2, 0)])
@pytest.mark.parametrize("scenario", ["poisoned", "mixed-dialect"])
def test_a_packed_case_is_judged_as_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scenario: str, jobs: int, room: int
) -> None:
    """The verdicts of a large fleet would be others than those of a small one."""
    case = write_case(tmp_path / "case", scenario, 120, 5, 7, 4, jobs=1)
    one = triage(case, Options(jobs=1))
    assert not isinstance(one.devices, Packed)
    monkeypatch.setattr(workers, "HELD_BYTES_MAX", 0)
    monkeypatch.setattr(workers, "ALONE_BYTES_MAX", 0)
    monkeypatch.setattr(told, "REPEATS_FROM", 50)
    monkeypatch.setattr(told, "BLOCK_FACTS", 7)
    monkeypatch.setattr(reading, "BLOCK_FACTS", 7)
    monkeypatch.setattr(shelves, "OPEN_FACTS_MAX", 30)
    monkeypatch.setattr(shelves, "SHELF_DEVICES", 11)
    monkeypatch.setattr(judging, "ALONE_DEVICES_MAX", 20)
    monkeypatch.setattr(judging, "_BATCH_DEVICES", 9)
    monkeypatch.setattr(spill, "ROOM_BYTES", room)
    files: list[str] = []
    temporary = spill._temporary

    def counted() -> IO[bytes]:
        files.append("one")
        return temporary()

    monkeypatch.setattr(spill, "_temporary", counted)
    many = triage(case, Options(jobs=jobs))
    assert len(files) >= len(["readings", "shelves", "devices", "verdicts"]) if not room else not files
    assert isinstance(many.devices, Packed)
    assert isinstance(many.verdicts, Packed)
    assert list(many.verdicts) == list(one.verdicts)
    assert many.skipped == one.skipped
    for found, device in zip(many.devices, one.devices, strict=True):  # Repeats in one export are left out.
        assert [f for f in device.facts if f in found.facts] == list(found.facts)
        assert {(f.kind, f.at, f.value) for f in found.facts} == {(f.kind, f.at, f.value) for f in device.facts}


def test_as_of_defaults_to_the_newest_event(tmp_path: Path) -> None:
    """Without `--as-of` a finished case would be judged at some other moment."""
    assert instants.render(triage(make(tmp_path / "case")).as_of) == "2026-05-17T03:47:09Z"


def test_a_damaged_file_is_named_and_moves_no_other_verdict(tmp_path: Path) -> None:
    """SPEC T1: damaged input is reported and never stops the rest."""
    case = make(tmp_path / "case")
    as_of = instants.parse("2026-05-17T05:00:00Z")
    before = triage(case, Options(as_of=as_of)).verdicts
    (case / "noise.bin").write_bytes(bytes(range(256)) * 40)
    (case / "empty").touch()
    (case / "case.toml").write_text("[broken\n")
    traced = triage(case, Options(as_of=as_of))
    assert traced.verdicts == before
    assert {each.path for each in traced.skipped} == {"noise.bin", "empty", "case.toml"}


@pytest.mark.parametrize("names", [(), ("noise.bin",), ("case.toml",)])
def test_a_case_that_holds_nothing_readable_says_so_and_what_stood_there(
    tmp_path: Path, names: tuple[str, ...]
) -> None:
    """Exit code 3 would become a green "no device vanished"."""
    for name in names:
        (tmp_path / name).write_bytes(b'timezone = "UTC"\n' if name == "case.toml" else b"\x01\x02" * 100)
    with pytest.raises(NothingReadable) as caught:
        triage(tmp_path)
    assert [each.path for each in caught.value.skipped] == [name for name in names if name != "case.toml"]


def test_a_case_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    """Exit code 2 would become 3, or a traceback."""
    with pytest.raises(UsageError):
        triage(tmp_path / "absent")


def test_progress_is_told(tmp_path: Path) -> None:
    """A long triage would be silent."""
    told: list[tuple[str, int, int]] = []
    triage(make(tmp_path / "case"), Options(progress=lambda *each: told.append(each)))
    assert [stage for stage, _, _ in told if stage != "read"] == ["found", "judged"]
    assert told[0][1] == sum(count for stage, count, _ in told if stage == "read") == 9


def test_user_signatures_work_and_bad_ones_are_named(tmp_path: Path) -> None:
    """`--signatures DIR` would be read and then not used, or a bad rule stop the triage."""
    case, rules = make(tmp_path / "case"), tmp_path / "rules"
    rules.mkdir()
    head = "title: x\nlogsource:\n  product: apple\nlayer: L3\nlevel: high\nfact: error\ndetection:\n  selection:\n"
    (rules / "mine.yml").write_text(head + "    message|startswith: 'USERMARK'\n  condition: selection\n")
    (rules / "bad.yml").write_text(head + "    message|re: '(a+)+x'\n  condition: selection\n")
    log = case / "logs/F9FXQ00000.log"
    marked = log.read_text().replace("ABM response: 204", "USERMARK seen")
    log.write_text(marked)
    traced = triage(case, Options(signatures=[rules], as_of=instants.parse("2026-05-17T05:00:00Z")))
    assert (traced.verdicts[0].verdict, traced.verdicts[0].layer) == ("vanished", "L3")
    assert "mine" in {each.id for each in traced.verdicts[0].findings}
    assert [(Path(each.path).name, each.line) for each in traced.skipped] == [("bad.yml", 9)]


def test_one_boot_is_one_journey_however_its_log_is_cut(tmp_path: Path) -> None:
    """SPEC 2, "nor on how the work was split": what was one attempt would be two journeys, ten months apart."""
    error = 'Error Domain=MCCloudConfigurationErrorDomain Code={} "x" UserInfo={{}}'
    rows = [
        ("2026-01-16 16:00:00", 1, "Darwin"), ("2026-01-16 16:00:08", 9, error.format(34008)),
        ("2026-11-12 16:00:20", 20, "time set"), ("2026-11-12 16:00:30", 30, error.format(34006)),
    ]  # fmt: skip
    lines = [
        json.dumps({
            "timestamp": f"{stamp}.000000+0000", "machTimestamp": since * 24_000_000, "bootUUID": "5A0F",
            "eventMessage": said, "eventType": "logEvent", "subsystem": "com.apple.CloudConfigurationDaemon",
            "processImagePath": "/x/teslad",
        })
        for stamp, since, said in rows
    ]  # fmt: skip
    found = []
    for cut in (4, 3, 2, 1):
        case = tmp_path / f"case-{cut}"
        (case / "logs/F9FXQ10000").mkdir(parents=True)
        (case / "manifest.csv").write_text("serial\nF9FXQ10000\n")
        (case / "dep.json").write_text('{"devices":[],"fetched_until":"2026-11-12T20:00:00Z","more_to_follow":false}')
        for name, part in (("a", lines[:cut]), ("b", lines[cut:])):
            if part:
                (case / f"logs/F9FXQ10000/{name}.ndjson").write_text("\n".join(part) + "\n")
        (judged,) = triage(case, Options(as_of=instants.parse("2026-11-12T20:00:00Z"))).verdicts
        found.append((judged.verdict, judged.layer, judged.cause, judged.attempts, judged.journeys, judged.first_seen))
    assert found[0][1:5] == ("L1", None, 2, 1)
    assert set(found) == {found[0]}
