"""Keys: files that their owner alone can read, commands in front of an HSM, and rotation."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.evidence import building
from tests.evidence.building import START, said

from abm_trace.evidence import keys, retention
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.note import Checkpoint, Note
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer

NAME = "log.example"


def test_created_keys_sign(tmp_path: Path) -> None:
    """If this failed, a key could not be used after the process that made it."""
    folder = tmp_path / "keys"
    key = keys.create(folder, NAME)
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert key.signed("text\n", keys.load(folder, NAME, key.id).sign("text\n"))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604])
def test_modes(mode: int, tmp_path: Path) -> None:
    """If this failed, a key that others can read would be used."""
    key = keys.create(tmp_path / "keys", NAME)
    (tmp_path / "keys" / f"{key.id.hex()}.pem").chmod(mode)
    with pytest.raises(RefusedError, match=f"mode {mode:04o}"):
        keys.load(tmp_path / "keys", NAME, key.id)


@pytest.mark.parametrize("suffix", ["pem", "vkey"])
def test_a_key_that_is_a_link(suffix: str, tmp_path: Path) -> None:
    """If this failed, who may write where a link leads could put a key of theirs there."""
    key = keys.create(tmp_path / "keys", NAME)
    path = tmp_path / "keys" / f"{key.id.hex()}.{suffix}"
    path.symlink_to(path.rename(tmp_path / "elsewhere"))
    with pytest.raises(RefusedError, match="is a link"):
        keys.load(tmp_path / "keys", NAME, key.id)


def test_forgotten(tmp_path: Path) -> None:
    """If this failed, a key that no log knows would lie about, or another one be gone."""
    folder = tmp_path / "keys"
    kept, gone = keys.create(folder, NAME), keys.create(folder, NAME)
    keys.forget(folder, gone)
    assert keys.load(folder, NAME, kept.id).key == kept
    assert {path.stem for path in folder.iterdir()} == {kept.id.hex()}


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_change(mode: int, tmp_path: Path) -> None:
    """If this failed, somebody else could put a key of theirs in the place of ours."""
    key = keys.create(tmp_path / "keys", NAME)
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(RefusedError, match=f"mode {mode:04o}"):
        keys.load(tmp_path / "keys", NAME, key.id)


@pytest.mark.parametrize(
    "content", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", None]
)
def test_what_is_no_key(content: bytes | None, tmp_path: Path) -> None:
    """If this failed, a damaged key would crash the writer, or another one would sign."""
    key, other = keys.create(tmp_path / "keys", NAME), keys.create(tmp_path / "other", NAME)
    pem = tmp_path / "keys" / f"{key.id.hex()}.pem"
    if content is None:
        shutil.copy(tmp_path / "other" / f"{other.id.hex()}.pem", pem)
    else:
        pem.write_bytes(content)
    with pytest.raises(EvidenceError, match=r"private (key|half)"):
        keys.load(tmp_path / "keys", NAME, key.id)
    pem.unlink()
    with pytest.raises(EvidenceError, match="is missing"):
        keys.load(tmp_path / "keys", NAME, key.id)


SIGNS = """
import pathlib, sys
from cryptography.hazmat.primitives.serialization import load_pem_private_key
key = load_pem_private_key(pathlib.Path(sys.argv[1]).read_bytes(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read()))
"""


def test_a_command_signs(tmp_path: Path) -> None:
    """If this failed, a key in an HSM could not be used, or an answer that does not verify would go out."""
    key = keys.create(tmp_path / "hsm", NAME)
    words = (sys.executable, "-c", SIGNS, str(tmp_path / "hsm" / f"{key.id.hex()}.pem"))
    keys.adopt(tmp_path / "keys", key, words)
    assert key.signed("text\n", keys.load(tmp_path / "keys", NAME, key.id).sign("text\n"))
    (tmp_path / "keys" / f"{key.id.hex()}.cmd").write_text('["/nowhere/hsm"]')
    with pytest.raises(EvidenceError, match="/nowhere/hsm, which cannot be run"):
        keys.load(tmp_path / "keys", NAME, key.id)
    for bad in (("false",), ("echo", "signed"), ("/nowhere/hsm",)):
        with pytest.raises(EvidenceError, match="does not sign"):
            keys.Command(key, bad).sign("text\n")
        with pytest.raises(EvidenceError, match="does not sign"):
            keys.adopt(tmp_path / "bad", key, bad)


def rotate(places: Places, act: str, key: object, day: int) -> None:
    """Write a key entry."""
    with Writer(places) as writer:
        retention.state(writer, said("key", START + day * building.DAY, act=act, key=str(key)))


def test_rotation(tmp_path: Path) -> None:
    """If this failed, who trusts the old key could not follow to the new one, or anyone could add a key."""
    places = building.make(tmp_path, 2)
    old = building.check(places).signers[0]
    new = keys.create(places.keys, old.name)
    rotate(places, "add", new, 1)
    note = Note.parse((places.store / "checkpoint").read_bytes())
    assert note.signers([old]) == [old]
    assert note.signers([new]) == [new], "both lines during the overlap"
    building.add(places, range(2, 4), at=START + building.DAY)
    rotate(places, "retire", old, 2)
    (places.keys / f"{old.id.hex()}.pem").unlink()
    building.add(places, range(4, 6), at=START + 3 * building.DAY)
    note = Note.parse((places.store / "checkpoint").read_bytes())
    assert [(line.name, line.id) for line in note.lines] == [(new.name, new.id)]
    for trusted in (old, new):
        report = building.check(places, keys=[trusted])
        assert (report.problems, report.signers) == ([], [new])
    kept = [path for path in (places.store / "checkpoints").iterdir() if path.name != "2"]
    assert len(kept) == 2
    for path in kept:
        path.unlink()
    assert building.check(places, keys=[old]).problems, "nothing leads from the old key to the new one"
    assert not building.check(places, keys=[new]).problems


def test_a_missing_line_of_the_overlap_is_named(tmp_path: Path) -> None:
    """If this failed, a checkpoint of only one of two keys would pass during a rotation."""
    places = building.make(tmp_path)
    old = building.check(places).signers[0]
    rotate(places, "add", keys.create(places.keys, old.name), 1)
    path = places.store / "checkpoint"
    note = Note.parse(path.read_bytes())
    path.write_bytes(Note(note.text, note.lines[:1]).render())
    report = building.check(places, keys=[old])
    assert [each.where for each in report.problems] == ["checkpoint"]
    assert Checkpoint.parse(note.text).size == 3


@pytest.mark.parametrize("suffix", ["pem", "vkey", "cmd"])
def test_a_key_that_is_a_fifo(suffix: str, tmp_path: Path) -> None:
    """If this failed, a writer would hold the log and wait for ever."""
    key = keys.create(tmp_path / "keys", NAME)
    path = tmp_path / "keys" / f"{key.id.hex()}.{suffix}"
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    with pytest.raises(EvidenceError, match="no regular file"):
        keys.load(tmp_path / "keys", NAME, key.id)


def test_a_command_that_writes_without_end(tmp_path: Path) -> None:
    """If this failed, a signer gone mad would fill the memory, and the log would never be let go."""
    key = keys.create(tmp_path / "keys", NAME)
    began = time.monotonic()
    with pytest.raises(EvidenceError, match="its answer does not verify"):
        keys.Command(key, ("yes",)).sign("text\n")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("script", ["sleep 987; echo", "sleep 987 & sleep 987 & wait", "(sleep 987 &) ; echo x"])
def test_what_a_command_started_is_ended(script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, each signature that came too late would leave processes behind."""
    monkeypatch.setattr(keys, "_COMMAND_S_MAX", 0.5)
    key = keys.create(tmp_path / "keys", NAME)
    pid = tmp_path / "pid"
    began = time.monotonic()
    with pytest.raises(EvidenceError, match="does not sign"):
        keys.Command(key, ("sh", "-c", f"echo $$ > {pid}; {script}")).sign("text\n")
    assert time.monotonic() - began < 20
    for _ in range(100):
        if not _group(int(pid.read_text())):
            break
        time.sleep(0.1)
    assert _group(int(pid.read_text())) == []


def _group(leader: int) -> list[str]:
    """The processes of a group that still run."""
    done = subprocess.run(["ps", "-e", "-o", "pgid=,stat="], capture_output=True, text=True, check=True)
    found = (line.split() for line in done.stdout.splitlines())
    return [state for group, state in found if int(group) == leader and not state.startswith("Z")]
