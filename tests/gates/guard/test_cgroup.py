"""Control groups: a real one, where the system lets us make it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from abm_trace.gates.guard import cgroup
from abm_trace.gates.guard.cgroup import Cgroup, own_folder


def test_what_is_in_it_is_ended_and_it_goes() -> None:
    """If this failed, an escaped process would live on, or each run would leave a group behind."""
    group = Cgroup.make()
    if group is None:
        pytest.skip("no control group may be made here")
    folder = group.folder
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    group.take(process.pid)
    assert str(process.pid) in (folder / "cgroup.procs").read_text().split()
    assert str(os.getpid()) not in (folder / "cgroup.procs").read_text().split()
    group.kill()
    assert process.wait() == -9
    group.close()
    assert not folder.exists()


@pytest.mark.parametrize(
    ("mounts", "own", "found"),
    [
        ("29 23 0:26 / {root} rw - cgroup2 cgroup2 rw\n", "0::/here\n", "here"),
        ("29 23 0:26 / {root} rw shared:4 - cgroup2 none rw\n", "9:name=systemd:/x\n0::/here\n", "here"),
        ("29 23 0:26 / {root} rw - cgroup cgroup rw,cpu\n", "0::/here\n", None),
        ("29 23 0:26 / {root} rw - cgroup2 cgroup2 rw\n", "0::/../above\n", None),
        ("29 23 0:26 / {root} rw - cgroup2 cgroup2 rw\n", "0::/nowhere\n", None),
        ("", "", None),
    ],
)
def test_where_ours_is(
    mounts: str, own: str, found: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this failed, a group would be made where it is none of ours, or nowhere though it could be."""
    (tmp_path / "here").mkdir()
    (tmp_path / "mountinfo").write_text(mounts.format(root=tmp_path))
    (tmp_path / "cgroup").write_text(own)
    monkeypatch.setattr(
        cgroup, "Path", lambda path: tmp_path / Path(path).name if path.startswith("/proc") else Path(path)
    )
    assert own_folder() == (tmp_path / found if found else None)
