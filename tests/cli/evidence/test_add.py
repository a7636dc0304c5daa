"""`abm-trace evidence add`."""

import json
import os
from pathlib import Path

import pytest
from tests.cli.conftest import Run, case

__all__ = ["case"]


def records(run: Run, *more: str) -> list[dict[str, object]]:
    """The records of the log as objects."""
    return [json.loads(line) for line in run("evidence", "log", "ev", "--format", "ndjson", *more).stdout.splitlines()]


def test_files_bound_to_a_device(run: Run, log: Path) -> None:
    """If this failed, what is kept would not say whose it is."""
    Path("boot.log").write_bytes(b"a line\n")
    words = ("--serial", "F9FXQ1ABCD", "--token", "tok_1", "--io-platform-uuid", "9C01", "--secure-rom-uuid", "8C68")
    assert run("evidence", "add", "ev", "boot.log", *words).returncode == 0
    (found,) = records(run, "--kind", "raw")
    assert found["binding"] == {
        "path": "boot.log",
        "devices": [{"serial": "F9FXQ1ABCD", "io_platform_uuid": "9C01", "secure_rom_uuid": "8C68"}],
        "tokens": ["tok_1"],
    }
    assert "F9FXQ1ABCD" not in json.dumps(found["entry"])
    assert run("evidence", "log", "ev", "--bytes", "2").stdout == "a line\n"


def test_what_cannot_be_kept_is_named(run: Run, log: Path) -> None:
    """If this failed, evidence would be missing without a word, or a fifo would hang the command."""
    Path("case").mkdir()
    Path("case/a.log").write_bytes(b"a\n")
    os.mkfifo("case/fifo")
    Path("case/link").symlink_to("/etc/passwd")
    os.mkfifo("other")
    done = run("evidence", "add", "ev", "case", "nowhere.log", "other")
    assert done.returncode == 1
    for words in (
        "fifo: a fifo is no file",
        "link: a link out of the case",
        "nowhere.log: cannot be read",
        "other: is no",
    ):
        assert f"not kept: {words}" in done.stderr
    assert done.stdout.startswith("1 kept, 4 not")


def test_a_traced_case(run: Run, log: Path, case: Path) -> None:
    """If this failed, the inputs of a triage would not be bound to its devices, or its verdicts not be kept."""
    done = run("evidence", "add", "ev", case, "--trace")
    assert done.returncode == 0, done.stderr
    found = records(run)
    raws = [each for each in found if each["entry"]["kind"] == "raw"]  # type: ignore[index]  # JSON.
    files = sum(path.is_file() for path in case.rglob("*"))
    assert len(raws) == files
    serials = {
        each["serial"] for record in raws for each in record["binding"].get("devices", ())  # type: ignore[attr-defined]  # JSON.
    }  # fmt: skip
    assert len(serials) >= 24
    (verdicts,) = [index for index, each in enumerate(found) if each["entry"]["kind"] == "verdict"]  # type: ignore[index]
    lines = run("evidence", "log", "ev", "--bytes", verdicts).stdout.splitlines()
    assert {json.loads(line)["schema"] for line in lines} >= {"abm-trace/verdict/1"}
    one = min(serials)
    assert f"{one}" in run("evidence", "log", "ev", "--serial", one).stdout
    assert run("evidence", "verify", "ev").returncode == 0


@pytest.mark.parametrize("kind", ["verdict", "check", "action"])
def test_kinds(kind: str, run: Run, log: Path) -> None:
    """If this failed, a check or a person's act would leave no entry."""
    Path("x.json").write_text("{}")
    assert run("evidence", "add", "ev", "x.json", "--kind", kind, "--source", "checklist").returncode == 0
    assert [each["entry"]["source"] for each in records(run, "--kind", kind)] == ["checklist"]  # type: ignore[index]


def test_usage(run: Run, log: Path) -> None:
    """If this failed, options that contradict each other would be half obeyed."""
    assert run("evidence", "add", "ev", ".", "--trace", "--serial", "x").returncode == 2
    done = run("evidence", "add", "ev", __file__, "--source", "Not An Id")
    assert done.returncode == 2
    assert "source" in done.stderr


def test_the_log_does_not_keep_itself(run: Run, log: Path) -> None:
    """If this failed, the log would hold its own private key (R25), and nonces that no purge deletes."""
    Path("link").symlink_to("ev.keys")
    Path("key").symlink_to(next(Path("ev.keys").glob("*.pem")))
    for path in ("ev", "ev.keys", "ev.lock", "ev/private", "ev/private/000", "link", "key", next(log.rglob("000"))):
        done = run("evidence", "add", "ev", path)
        assert (done.returncode, "is in the log itself" in done.stderr) == (2, True), path
    assert len(records(run)) == 2
    Path("link").unlink()
    Path("key").unlink()
    Path("boot.log").write_bytes(b"a line\n")
    done = run("evidence", "add", "ev", ".")
    assert done.returncode == 1
    assert done.stdout.startswith("1 kept, 1 not")
    assert "files are of the log itself, its lock or keys" in done.stderr
    assert len(records(run)) == 3


def test_a_name_that_is_no_text(run: Run, log: Path) -> None:
    """If this failed, a name in another encoding would stop the command with a traceback."""
    name = os.fsdecode(b"bad\xff-in")
    Path(name).write_bytes(b"a\n")
    done = run("evidence", "add", "ev", name, os.fsdecode(b"no\xff"))
    assert done.returncode == 1, done.stderr
    assert "not kept: no\\xff: cannot be read" in done.stderr
    (found,) = records(run, "--kind", "raw")
    assert found["binding"] == {"path": "bad\\xff-in"}


@pytest.mark.parametrize("source", ["353918105123453", "f9fxq1abcd", "f9fxq1-abcd"])
def test_a_source_that_names_a_device(source: str, run: Run, log: Path) -> None:
    """If this failed, a device would stand in each bundle of the log for ever."""
    Path("a").write_bytes(b"a\n")
    assert run("evidence", "add", "ev", "a", "--serial", "F9FXQ1ABCD").returncode == 0
    done = run("evidence", "add", "ev", "a", "--source", source)
    assert (done.returncode, "--source: names a device" in done.stderr) == (2, True)
    assert run("evidence", "add", "ev", "a", "--source", "abm-api").returncode == 0


def test_records_come_in_no_order(run: Run, log: Path) -> None:
    """If this failed, the numbers of records would tell which pseudonym is which serial number."""
    Path("case").mkdir()
    for number in range(30):
        Path(f"case/F9FXQ{number:05d}.log").write_bytes(b"%d\n" % number)
    assert run("evidence", "add", "ev", "case").returncode == 0
    paths = [found["binding"]["path"] for found in records(run, "--kind", "raw")]  # type: ignore[index]
    assert paths != sorted(paths)
