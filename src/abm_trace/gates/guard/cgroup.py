"""A control group (version 2) for one command, where the system allows it: it holds even what escapes by forking."""

import contextlib
import os
import re
from pathlib import Path

_MOUNT = re.compile(r"^\d+ \d+ \S+ / (\S+) .* - cgroup2 ", re.MULTILINE)
"""`29 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw`: the hierarchy's own root, and where it is."""

_OWN = re.compile(r"^0::(/.*)$", re.MULTILINE)


class Cgroup:
    """A group below this process's own. From: https://docs.kernel.org/admin-guide/cgroup-v2.html."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls) -> "Cgroup | None":
        """A new group, None where there are none, or none may be made, or the kernel (below 5.14) cannot end one."""
        own = own_folder()
        if own is None:
            return None
        folder = own / f"abm-trace-guard-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError:
            return None
        try:
            if (folder / "cgroup.kill").exists():
                return cls(folder)
        except OSError:
            pass
        with contextlib.suppress(OSError):
            folder.rmdir()
        return None

    def take(self, pid: int) -> None:
        """Take in a process, and whatever it starts from now on."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.procs").write_bytes(b"%d" % pid)

    def kill(self) -> None:
        """End every process of the group at once, what is just being forked too."""
        with contextlib.suppress(OSError):
            (self.folder / "cgroup.kill").write_bytes(b"1")

    def close(self) -> None:
        """Take the group away, if nothing lives in it."""
        with contextlib.suppress(OSError):
            self.folder.rmdir()


def own_folder() -> Path | None:
    """The folder of this process's own group, None where there is none that could be written below."""
    try:
        mounted = _MOUNT.search(Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"))
        own = _OWN.search(Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    if mounted is None or own is None or ".." in own[1]:
        return None
    folder = Path(mounted[1] + own[1])
    return folder if os.access(folder, os.W_OK) else None
