"""An answer whose process is killed while the answer is under way."""

import os
import signal
import threading


def half_an_answer(_: int) -> object:
    """A part of it is in the pipe when its process is killed."""
    return bytes(1 << 27), _Last()


class _Last:
    """Packed when all before it is. 128 MB take some ten times as long through a pipe as is waited here."""

    def __reduce__(self) -> tuple[type[int], tuple[()]]:
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGKILL)).start()
        return int, ()
