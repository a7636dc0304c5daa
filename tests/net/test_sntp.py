"""SNTP: against a real chronyd, and against answers that must not be believed."""

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.net.chrony import serving

from abm_trace.net import sntp
from abm_trace.net.sntp import KissError, Server, SntpError

HERE = Server("192.0.2.1")
NOW_S = 1_790_000_000.0
NTP_S = 2_208_988_800


def wall_ns() -> int:
    """This computer's clock."""
    return time.time_ns()  # noqa: TID251  # A real server is asked what it is.


def answer(
    *,
    first: int = 0x24,
    stratum: int = 2,
    received_s: float = NOW_S,
    sent_s: float = NOW_S,
    delay_s: float = 0.0,
    dispersion_s: float = 0.0,
    reference: bytes = b"GPS\0",
    origin: bytes = bytes(8),
    precision: int = -20,
) -> bytes:
    """The packet of a server, as RFC 5905 lays it out."""
    short = int(delay_s * 2**16), int(dispersion_s * 2**16)
    stamps = [int((NTP_S + at) * 2**32) % 2**64 for at in (received_s, sent_s)]
    head = struct.pack("!BBbbII4s8s8s", first, stratum, 6, precision, *short, reference, bytes(8), origin)
    return head + struct.pack("!QQ", *stamps)


def test_a_real_server_is_asked(tmp_path: Path) -> None:
    """If this failed, what a real time server says would be misread: it runs on this very clock."""
    with serving(tmp_path) as server:
        sample = sntp.ask(server, sntp.resolve(server)[0], wall_ns)
        late = sntp.ask(server, sntp.resolve(server)[0], lambda: wall_ns() + 7_250_000_000)
    assert (sample.server, sample.stratum) == (str(server), 5)
    assert abs(sample.offset_s) <= sample.bound_s < 0.5
    assert abs(late.offset_s - 7.25) <= late.bound_s


def test_a_server_that_follows_nothing_is_not_believed(tmp_path: Path) -> None:
    """If this failed, a time server that has lost its own time would still say ours is right."""
    with (
        serving(tmp_path, "server 127.0.0.1 port 9 iburst") as server,
        pytest.raises(SntpError, match="follows no clock"),
    ):
        sntp.ask(server, sntp.resolve(server)[0], wall_ns)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"first": 0x23}, "no answer"),
        ({"first": 0xE4}, "follows no clock"),
        ({"stratum": 16}, "follows no clock"),
        ({"received_s": -NTP_S, "sent_s": NOW_S}, "holds no time"),
        ({"sent_s": NOW_S - 1}, "contradicts itself"),
        ({"sent_s": NOW_S + 5}, "contradicts itself"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(wrong: dict[str, float], says: str) -> None:
    """If this failed, a broken or hostile server could turn the verdict of the clock."""
    with pytest.raises(SntpError, match=says):
        sntp.read(HERE, answer(**wrong), NOW_S, 0.02)  # type: ignore[arg-type]  # Keywords of one test each.


@pytest.mark.parametrize("code", ["RATE", "DENY", "RSTR"])
def test_a_server_that_refuses_is_heard(code: str) -> None:
    """If this failed, a server that asks to be left alone would be asked on."""
    with pytest.raises(KissError) as caught:
        sntp.read(HERE, answer(stratum=0, reference=code.encode()), NOW_S, 0.02)
    assert caught.value.code == code


def test_the_bound_holds_the_round_trip_and_the_servers_own_distance() -> None:
    """If this failed, a far or vague server would look exact, and a clock at the limit green."""
    sample = sntp.read(HERE, answer(delay_s=0.5, dispersion_s=0.25), NOW_S + 0.1, 0.2)
    assert sample.offset_s == pytest.approx(0, abs=1e-5)
    assert sample.bound_s == pytest.approx(0.1 + 0.25 + 0.25, abs=1e-4)


def test_the_era_after_2036_is_known() -> None:
    """If this failed, every clock would be blocked from 7 February 2036 on."""
    at = 2_300_000_000.0
    sample = sntp.read(HERE, answer(received_s=at, sent_s=at), at + 1, 0.0)
    assert sample.offset_s == pytest.approx(1, abs=1e-5)


@given(st.binary(max_size=80))
def test_any_bytes_are_an_answer_or_an_error(data: bytes) -> None:
    """If this failed, one packet of anybody on the network would end the guard."""
    try:
        sample = sntp.read(HERE, data, NOW_S, 0.01)
    except SntpError:
        return
    assert sample.bound_s >= 0


@contextmanager
def talking(says: Callable[[bytes], list[bytes]]) -> Iterator[Server]:
    """A server that answers one packet with whatever it likes."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talker:
        talker.bind(("127.0.0.1", 0))
        talker.settimeout(5)

        def talk() -> None:
            data, asker = talker.recvfrom(100)
            for each in says(data):
                talker.sendto(each, asker)

        thread = threading.Thread(target=talk)
        thread.start()
        yield Server("127.0.0.1", talker.getsockname()[1])
        thread.join()


def test_only_an_answer_to_this_very_question_counts() -> None:
    """If this failed, packets that somebody else sends blindly would set the verdict."""

    def says(asked: bytes) -> list[bytes]:
        now = time.time()  # noqa: TID251  # It answers with real time.
        forged = answer(received_s=now + 99, sent_s=now + 99, origin=b"\1" * 8)
        return [forged, b"", answer(received_s=now, sent_s=now, origin=asked[40:48])]

    with talking(says) as server:
        sample = sntp.ask(server, sntp.resolve(server)[0], wall_ns)
    assert abs(sample.offset_s) < 5


def test_the_bound_holds_a_pause_of_this_computer() -> None:
    """If this failed, a busy computer's clock would be called wrong by as long as it had to wait."""

    def says(asked: bytes) -> list[bytes]:
        now = time.time()  # noqa: TID251  # It answers with real time.
        return [answer(received_s=now, sent_s=now, origin=asked[40:48])]

    def late() -> int:
        time.sleep(0.2)
        return wall_ns()

    with talking(says) as server:
        sample = sntp.ask(server, sntp.resolve(server)[0], late)
    assert abs(sample.offset_s) <= sample.bound_s


@pytest.mark.parametrize(
    ("number", "says"), [(0, "no answer within 0.2 s"), (1, "1 packet that"), (3, "3 packets that")]
)
def test_false_time_is_told(number: int, says: str) -> None:
    """If this failed, somebody who sends false time would look like a server that is down."""
    forged = answer(received_s=NOW_S, sent_s=NOW_S, origin=b"\1" * 8)
    with talking(lambda _: [forged] * number) as server, pytest.raises(SntpError) as error:
        sntp.ask(server, sntp.resolve(server)[0], wall_ns, 0.19996)
    assert says in str(error.value)
    assert ("false time" in str(error.value)) is bool(number)


def test_a_question_tells_nothing_of_this_computer_and_differs_each_time() -> None:
    """If this failed, questions could be foretold, and would tell this clock's time to the network."""
    asked: list[bytes] = []

    def says(data: bytes) -> list[bytes]:
        asked.append(data)
        return []

    for _ in range(2):
        with talking(says) as server, pytest.raises(SntpError, match="no answer"):
            sntp.ask(server, sntp.resolve(server)[0], wall_ns, 0.1)
    assert asked[0][:40] == asked[1][:40] == b"\x23" + bytes(39)
    assert asked[0][40:] != asked[1][40:]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("time.apple.com", "time.apple.com", 123),
        ("192.0.2.1:1123", "192.0.2.1", 1123),
        ("2001:db8::1", "2001:db8::1", 123),
        ("[2001:db8::1]:1123", "2001:db8::1", 1123),
    ],
)
def test_servers_are_named_as_people_do(text: str, host: str, port: int) -> None:
    """If this failed, a server named with its port or by IPv6 would not be asked."""
    assert sntp.server(text) == (host, port)
    assert sntp.server(str(sntp.server(text))) == (host, port)


@pytest.mark.parametrize("text", ["", ":", "a:", "a:0", "a:65536", "a:x", "[::1", "[::1]123", "a:99999999999"])
def test_what_names_no_server_is_refused(text: str) -> None:
    """If this failed, a slip of the pen would measure against nothing."""
    with pytest.raises(SntpError, match="names no time server"):
        sntp.server(text)


@pytest.mark.parametrize("inward", ["127.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1", "224.0.1.1", "::"])
def test_a_name_cannot_lead_inward(inward: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a name service could point the guard at this host or at a cloud's metadata (R24)."""
    family = socket.AF_INET6 if ":" in inward else socket.AF_INET
    found = [(family, socket.SOCK_DGRAM, 17, "", (inward, 123))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(SntpError, match="leads to"):
        sntp.resolve(Server("time.example"))
    assert sntp.resolve(Server(inward))[0].to[0] == inward  # Who writes the address means it.
