"""SNTP, asked by chronyd and by a client of the test's own."""

import shutil
import socket
import struct
import subprocess
import sys
import time

import pytest
from tests.lab.serve.client import Curl
from tests.net.chrony import own_user

from abm_lab.serve.lab import Lab
from abm_lab.serve.sntp import Answer, reply

ASKED = b"\x23" + bytes(39) + b"origin.."


def _ask(lab: Lab, packet: bytes = ASKED) -> bytes:
    host, port = str(lab.about["ntp"]).split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.sendto(packet, (host, int(port)))
        return sock.recv(512)


@pytest.mark.parametrize("error_s", [0.0, 6.5, -86400.0])
def test_its_time_is_wrong_by_the_chosen_error(error_s: float, mixed: Lab, curl: Curl) -> None:
    """A clock check could not be tried against a known error."""
    assert curl.post("/lab/ntp", {"error_s": error_s})[0] == 200
    told = _ask(mixed)
    second, fraction = struct.unpack("!II", told[40:48])
    offset = second - 2_208_988_800 + fraction / 2**32 - time.time()  # noqa: TID251 - That is what is measured.
    assert (len(told), told[0] & 7, told[1], told[24:32]) == (48, 4, 1, b"origin..")
    assert abs(offset - error_s) < 1


def test_a_kiss_of_death_and_a_server_without_time(mixed: Lab, curl: Curl) -> None:
    """A client that takes the time of a server which has none could not be found."""
    curl.post("/lab/ntp", {"kiss": "RATE"})
    told = _ask(mixed)
    assert (told[0] >> 6, told[1], told[12:16]) == (3, 0, b"RATE")
    curl.post("/lab/ntp", {"is_synchronised": False})
    assert _ask(mixed)[0] >> 6 == 3
    assert curl.post("/lab/ntp", {"kiss": "TOO LONG"})[0] == 400
    curl.post("/lab/ntp", {})


def test_what_is_no_request_is_passed_over(mixed: Lab) -> None:
    """Two servers could answer each other without end."""
    for packet in (b"", ASKED[:47], b"\x24" + ASKED[1:], b"\x3b" + ASKED[1:]):
        with pytest.raises(TimeoutError):
            _quick(mixed, packet)


def _quick(lab: Lab, packet: bytes) -> None:
    host, port = str(lab.about["ntp"]).split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.2)
        sock.sendto(packet, (host, int(port)))
        sock.recv(512)


def test_the_stamps_are_of_the_era_of_1900() -> None:
    """The whole time would be off by an era, or a fraction spoiled."""
    told = reply(ASKED, Answer(), 1_500_000)
    assert struct.unpack("!II", told[40:48]) == (2_208_988_801, 1 << 31)


@pytest.mark.slow
def test_chronyd_reads_the_error(mixed: Lab, curl: Curl) -> None:
    """A client that others wrote would not take the lab for a time server."""
    program = shutil.which("chronyd", path=f"/usr/sbin:/usr/local/sbin:{sys.prefix}/debian/usr/sbin")
    if program is None:
        pytest.skip("no chronyd: on Debian run: sudo apt-get install chrony")
    curl.post("/lab/ntp", {"error_s": 6.5})
    host, port = str(mixed.about["ntp"]).split(":")
    command = [program, "-Q", "-u", own_user(), "-f", "/dev/null", "-t", "10", f"server {host} port {port} iburst"]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    curl.post("/lab/ntp", {})
    assert "System clock wrong by 6.5" in done.stdout + done.stderr
