"""Telling systemd how a service does, where systemd asked to be told."""

import contextlib
import os
import socket

# From: https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html


def notify(**said: str | int) -> None:
    """Tell the service manager, for example `READY=1, STATUS="…"`; nothing happens where none listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    lines = "\n".join(f"{key}={' '.join(str(value).split())}" for key, value in said.items())
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
        telling.settimeout(1)
        telling.sendto(lines.encode(), address.replace("@", "\0", 1) if address[0] == "@" else address)
