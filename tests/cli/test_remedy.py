"""`abm-trace remedy`: files for this rollout, with what is known of them beside."""

from pathlib import Path

import pytest
from tests.cli.conftest import Run

from abm_trace.remedies import remedies


def test_the_list_says_what_is_known(run: Run) -> None:
    """If this failed, somebody would believe that option 42 sets an iPad's clock because we ship it."""
    done = run("remedy", "list")
    said = " ".join(done.stdout.split())
    for name, each in remedies().items():
        assert name in said
        assert " ".join(each.effect.split())[:40] in said
    assert "--set NAME=VALUE" in said


def test_show_prints_the_file_and_nothing_else(run: Run, tmp_path: Path) -> None:
    """If this failed, the output could not be piped into a file."""
    done = run("remedy", "show", "chrony", "--set", "ntp_names=ntp.clinic.example", "--set", "subnet=10.20.0.0/16")
    assert done.returncode == 0
    assert "server ntp.clinic.example iburst" in done.stdout
    assert done.stdout.startswith("# A staging host")
    assert "on iPadOS: None on an iPad" in done.stderr
    assert "test it: chronyd -p -f chrony.conf" in done.stderr
    assert "nobody's" not in done.stderr
    assert "nobody's: subnet=192.0.2.0/24\n" in run("remedy", "show", "chrony").stderr


def test_an_address_that_nobody_set_is_told_beside_those_that_are(run: Run) -> None:
    """If this failed, a segment of one's own would be given a time server that there is not."""
    own = ("subnet=10.20.0.0/16", "pool=10.20.4.1,10.20.7.254", "router=10.20.0.1", "interface=ens18")
    words = [word for each in own for word in ("--set", each)]
    done = run("remedy", "show", "kea", *words)
    assert "192.0.2.10" in done.stdout
    assert "NOT SET, so the example's, which is nobody's: ntp_addresses=192.0.2.10\n" in done.stderr
    assert "nobody's" not in run("remedy", "show", "kea", *words, "--set", "ntp_addresses=10.20.0.5").stderr


def test_write_makes_the_files_and_takes_none_away(run: Run, tmp_path: Path) -> None:
    """If this failed, a file that somebody had edited would be lost."""
    (tmp_path / "rollout.toml").write_text('boot_folder = "/srv/tftp"\n[sites]\nnorth = "ap-south"\n')
    words = (
        "remedy",
        "write",
        "netboot",
        "stage",
        "--settings",
        tmp_path / "rollout.toml",
        "--out",
        tmp_path / "files",
    )
    done = run(*words)
    assert done.returncode == 0, done.stderr
    names = {each.name for name in ("netboot", "stage") for each in remedies()[name].files}
    assert {each.name for each in (tmp_path / "files").iterdir()} == names
    assert (tmp_path / "files/stage.sh").stat().st_mode & 0o111
    assert not (tmp_path / "files/boot-normal.ipxe").stat().st_mode & 0o111
    assert "'north') region=ap-south ;;" in (tmp_path / "files/stage.sh").read_text()
    assert "belongs at /srv/tftp/boot-normal.ipxe" in done.stderr
    assert run(*words).returncode == 0  # The same again changes nothing.
    (tmp_path / "files/stage.sh").write_text("mine\n")
    done = run(*words)
    assert (done.returncode, "differs: stage.sh" in done.stderr) == (2, True)
    assert (tmp_path / "files/stage.sh").read_text() == "mine\n"
    assert run(*words, "--force").returncode == 0
    assert (tmp_path / "files/stage.sh").read_text() != "mine\n"


def test_runbooks(run: Run) -> None:
    """If this failed, nobody would find the page for the name that a report shows."""
    listed = run("remedy", "runbook").stdout
    assert all(f"{name} " in listed for name in ("vanished", "L3", "token_expired"))
    text = run("remedy", "runbook", "L3", "vanished").stdout
    assert "Abort" in text
    assert "Never press retry" in text
    assert run("remedy", "runbook", "L3", "--format", "markdown").stdout.startswith("# L3\n")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "magic"), "there is no remedy 'magic'"),
        (("show", "kea", "--set", "rooter=1"), "there is no such setting"),
        (("show", "kea", "--settings", "missing.toml"), "missing.toml is no file"),
        (("runbook", "L9"), "there is no runbook 'L9'"),
        (("write", "kea", "--out", "/proc/nothing/here"), "cannot be made"),
    ],
)
def test_bad_usage(words: tuple[str, ...], says: str, run: Run) -> None:
    """If this failed, a mistake would look like a file."""
    done = run("remedy", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
