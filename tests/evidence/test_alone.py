"""`abm-trace-verify`: the check as a program that stands alone."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.evidence import building

from abm_trace.core import instants
from abm_trace.evidence import alone
from abm_trace.evidence.places import Places


@pytest.fixture
def log(tmp_path: Path) -> Places:
    """A small log."""
    return building.make(tmp_path, 4)


WATCHED = """
import json, sys
def watch(event, arguments):
    if event.startswith("socket.") or (event == "open" and arguments[1] and set(arguments[1]) & set("wax+")):
        raise SystemExit(f"it did {event} {arguments}")
sys.addaudithook(watch)
from abm_trace.evidence import alone
code = alone.main([sys.argv[1]])
print(json.dumps([code, sorted(name for name in sys.modules if name.startswith("abm_trace."))]))
"""


def test_it_stands_alone(log: Places) -> None:
    """If this failed, an auditor would have to trust all of the tracer, and nothing would keep it off the network."""
    words = [sys.executable, "-B", "-c", WATCHED, str(log.store)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    code, names = json.loads(done.stdout.splitlines()[-1])
    assert code == alone.WHOLE
    assert {name.split(".")[1] for name in names} == {"core", "evidence"}
    assert "abm_trace.evidence.store" not in names, "nothing in it can write a log"


def test_exit_codes_and_text(log: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a script would take a broken log for a good one."""
    assert alone.main([str(log.store)]) == alone.WHOLE
    text = capsys.readouterr().out
    assert text.startswith("WHOLE: 6 records")
    for words in ("newest outside anchor: none", "This does not prove:", "the log's own word", "4 inputs"):
        assert words in text
    key = tmp_path / "key.txt"
    key.write_text(f"{building.check(log).signers[0]}\n")
    assert alone.main([str(log.store), "--key", str(key), "--since", str(log.store / "checkpoints/2")]) == alone.WHOLE
    assert "own word" not in capsys.readouterr().out
    (log.store / "tile/0/000.p/6").unlink()
    assert alone.main([str(log.store), "--records-only"]) == alone.BROKEN
    text = capsys.readouterr().out
    assert text.startswith("BROKEN: ")
    assert "record 5: its leaf hash is missing" in text
    assert "not checked" in text


@pytest.mark.parametrize(
    "words", [["nowhere"], [".", "--key", "a+b"], [".", "--key", "nofile"], [".", "--tsa-ca", "x"]]
)
def test_misuse(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a mistyped option would look like a verdict on the log."""
    assert alone.main(words) == alone.MISUSED
    assert capsys.readouterr().err.startswith("abm-trace-verify: ")


@pytest.mark.parametrize("option", ["--key", "--since", "--tsa-ca"])
def test_a_fifo_does_not_hang(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a file that never ends would keep the auditor waiting."""
    os.mkfifo(tmp_path / "fifo")
    assert alone.main([str(tmp_path), option, str(tmp_path / "fifo")]) == alone.MISUSED
    assert "fifo: is no regular file" in capsys.readouterr().err


def test_a_record_of_tomorrow(log: Places, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a clock that was set ahead, to purge early, would pass where nobody stamped the log."""
    ahead = instants.from_datetime(datetime.now(UTC), UTC) + building.DAY  # noqa: TID251  # As the program does.
    building.add(log, range(9, 10), at=ahead)
    assert alone.main([str(log.store)]) == alone.BROKEN
    assert "record 6: dated later than now" in capsys.readouterr().out


def test_hostile_names_are_shown_not_obeyed(log: Places, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a file name in a store could write onto the auditor's terminal."""
    (log.store / "tile/\x1b[2J\u202e").write_bytes(b"")
    assert alone.main([str(log.store)]) == alone.BROKEN
    text = capsys.readouterr().out
    assert "\\x1b[2J\\u202e" in text
    assert "\x1b" not in text


def test_document(log: Places) -> None:
    """If this failed, programs would not learn what people are told."""
    found = alone.document(building.check(log))
    assert (found["schema"], found["whole"], found["size"]) == ("abm-trace/evidence-verify/1", True, 6)
    assert found["anchor"] is None
    (log.store / "checkpoint").unlink()
    assert alone.document(building.check(log))["whole"] is False


def test_a_lock_that_is_none(log: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a rollback would pass because the lock that was named is no file."""
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", "nowhere", "."):
        assert alone.main([str(log.store), "--lock", str(tmp_path / name)]) == alone.MISUSED
        assert "is no regular file" in capsys.readouterr().err
    assert alone.main([str(log.store), "--lock", str(log.lock)]) == alone.WHOLE
    log.lock.unlink()
    os.mkfifo(log.lock)
    assert alone.main([str(log.store)]) == alone.BROKEN


def test_what_is_no_log(tmp_path: Path, log: Places, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a mistyped name would be told to have been tampered with, and with all that stands there."""
    folder = tmp_path / "letters"
    folder.mkdir()
    for number in range(200):
        (folder / f"letter{number}").write_text("x")
    (tmp_path / "key.txt").write_text(f"{building.check(log).signers[0]}\n")
    (tmp_path / "empty").mkdir()
    for name in ("letters", "key.txt", "empty"):
        assert alone.main([str(tmp_path / name)]) == alone.MISUSED
        done = capsys.readouterr()
        assert done.out == ""
        assert f"{name}: is neither an evidence log, nor a bundle" in done.err
        assert "abm-trace-verify evidence --key" in done.err
        assert "letter1" not in done.err


def test_a_log_that_was_emptied(log: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, to delete a whole log would look like a mistyped name, though its lock remembers it."""
    log.store.rename(tmp_path / "taken")
    log.store.mkdir()
    assert alone.main([str(log.store)]) == alone.BROKEN
    assert "is no evidence log" in capsys.readouterr().out


def test_what_is_no_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, a fifo would be told to be a folder."""
    os.mkfifo(tmp_path / "fifo")
    for name in ("fifo", "nowhere"):
        assert alone.main([str(tmp_path / name)]) == alone.MISUSED
        assert "neither a folder nor a regular file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("end", "code"), [("| true", 141), (">/dev/full", 2), (">&-", 2)], ids=["unread", "full", "closed"]
)
@pytest.mark.parametrize("option", ["", "-u"], ids=["buffered", "unbuffered"])
@pytest.mark.parametrize("words", ["{}", "--help", "--version"], ids=["log", "help", "version"])
def test_output_that_cannot_be_written(words: str, option: str, end: str, code: int, log: Places) -> None:
    """If this failed, a full disk or a pager that was left would look like a log that is not as it was signed."""
    program = f"{{ sleep 0.1; {sys.executable} {option} -m abm_trace.evidence.alone {words.format(log.store)}; }} {end}"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("abm-trace-verify: standard output cannot be written") == (code == alone.MISUSED)


def test_it_is_stopped(log: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, Ctrl-C would end in a traceback, and in the code of a log that is not as it was signed."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(alone, "check", stop)
    with pytest.raises(SystemExit) as ended:
        alone.main([str(log.store)])
    assert ended.value.code == 130


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """If this failed, nobody could say which version checked a log."""
    with pytest.raises(SystemExit):
        alone.main(["--version"])
    assert capsys.readouterr().out.startswith("abm-trace-verify 0.")
