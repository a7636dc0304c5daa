"""`abm-trace v2-ready`: the patch on standard output, what to look at beside it, and nothing written unasked."""

import os
from pathlib import Path

import pytest
from tests.cli.conftest import Run

SCRIPT = 'curl "https://us-east.abm.apple.com/v1/devices/$S" | jq -r .status\n'
READY = 'curl "https://us-east.abm.apple.com/v2/devices/$S/lifecycle" | jq -r .registrationStatus.state\n'
OPEN = 'curl "https://us-east.abm.apple.com/v1/tokens/$T"\n'


def test_it_looks_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    """If this failed, a look would change somebody's scripts."""
    (tmp_path / "stage.sh").write_text(SCRIPT + OPEN)
    done = run("v2-ready", "stage.sh")
    assert done.returncode == 1
    assert done.stdout.startswith("--- a/stage.sh\n+++ b/stage.sh\n@@ -1,2 +1,2 @@\n")
    assert f"-{SCRIPT}+{READY} {OPEN}" in done.stdout
    assert "look: stage.sh:2:" in done.stderr
    assert "1 places to rewrite (--write), 1 to look at" in done.stderr
    assert (tmp_path / "stage.sh").read_text() == SCRIPT + OPEN


def test_write_rewrites_once_and_keeps_the_rights(run: Run, tmp_path: Path) -> None:
    """If this failed, a script could not be run any more, or would be rewritten again and again."""
    path = tmp_path / "d/stage.sh"
    path.parent.mkdir()
    path.write_bytes(SCRIPT.replace("\n", "\r\n").encode())
    path.chmod(0o750)
    assert run("v2-ready", "--write", "d").returncode == 0
    assert path.read_bytes() == READY.replace("\n", "\r\n").encode()
    assert path.stat().st_mode & 0o777 == 0o750
    done = run("v2-ready", "d")
    assert (done.returncode, done.stdout) == (0, "")


def test_what_a_person_must_look_at_keeps_the_exit_code(run: Run, tmp_path: Path) -> None:
    """If this failed, a pipeline would call ready what still asks v1."""
    (tmp_path / "stage.sh").write_text(SCRIPT + OPEN)
    assert run("v2-ready", "--write", "stage.sh").returncode == 1
    assert (tmp_path / "stage.sh").read_text() == READY + OPEN


def test_binaries_links_and_other_things_are_named_and_left(run: Run, tmp_path: Path) -> None:
    """If this failed, a signed profile would be broken, or a file outside of the folder rewritten."""
    folder = tmp_path / "d"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git/hook").write_text(SCRIPT)
    outside = tmp_path / "outside.sh"
    outside.write_text(SCRIPT)
    (folder / "link.sh").symlink_to(outside)
    os.mkfifo(folder / "pipe")
    binary, latin = SCRIPT.encode() + b"\x00", SCRIPT.encode() + b"\xe9"
    (folder / "signed.mobileconfig").write_bytes(binary)
    (folder / "latin.sh").write_bytes(latin)
    (folder / "big.txt").write_bytes(b"x" * (4 * 1024 * 1024 + 1))
    (folder / "good.sh").write_text("echo\n")
    done = run("v2-ready", "--write", "d")
    assert (done.returncode, done.stdout) == (0, "")
    reasons = {
        "link.sh": "is a link",
        "pipe": "is no regular file",
        "signed.mobileconfig": "is no text",
        "latin.sh": "is no text of UTF-8",
        "big.txt": "is larger",
    }
    for name, why in reasons.items():
        assert f"{name}: {why}" in done.stderr
    assert outside.read_text() == (folder / ".git/hook").read_text() == SCRIPT
    assert (folder / "signed.mobileconfig").read_bytes() == binary
    assert (folder / "latin.sh").read_bytes() == latin
    assert "1 files read, 5 not looked at: 0 depend on v1" in done.stderr


def test_hostile_text_is_not_obeyed(run: Run, tmp_path: Path) -> None:
    """If this failed, a script could repaint the terminal of whoever looks at it."""
    (tmp_path / "s.sh").write_text(f"\x1b[2J {OPEN}")
    assert "\x1b" not in run("v2-ready", "s.sh").stderr


@pytest.mark.parametrize(("words", "code"), [(("missing",), 2), (("empty",), 3)])
def test_nothing_to_look_at_is_no_yes(words: tuple[str, ...], code: int, run: Run, tmp_path: Path) -> None:
    """If this failed, a misspelled folder would be ready."""
    (tmp_path / "empty").mkdir()
    done = run("v2-ready", *words)
    assert (done.returncode, done.stdout) == (code, "")
