"""A time stamp over HTTP: the lab's authority gives one; what lies, hangs or answers something else changes nothing."""

import contextlib
import hashlib
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import tsp
from tests.cli.check.conftest import About, lab
from tests.cli.conftest import Run
from tests.evidence.authority import Authority
from tests.net.crooked import Behave, saying, serving, silent

from abm_trace.cli.evidence import _options
from abm_trace.core import instants

__all__ = ["lab"]

Change = Callable[[bytes], bytes]
REPLY = "Content-Type: application/timestamp-reply"


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the program is that of the authority: for the logs of these tests it is January."""
    monkeypatch.setattr(_options, "now", lambda: instants.from_datetime(datetime.now(UTC), UTC))  # noqa: TID251  # As it says.


def everything(log: Path) -> dict[str, str]:
    """Each file of the log, its lock and its keys, by its digest."""
    paths = [path for top in log.parent.glob("ev*") for path in (top, *top.rglob("*")) if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_the_labs_authority(lab: About, run: Run, log: Path, today: None) -> None:
    """If this failed, nobody could have a checkpoint stamped without curl."""
    words = ("evidence", "stamp", "ev", "--url", lab["time_stamps"], "--tsa-ca", lab["ca"], "--allow-loopback")
    assert run(*words[:-1]).stderr.count("this very computer") == 1
    done = run(*words, "--policy", "2.999.1")
    assert done.returncode == 0, done.stderr
    assert "abm-lab time stamps saw this checkpoint at" in done.stdout
    done = run("evidence", "verify", "ev", "--tsa-ca", lab["ca"])
    assert "over the first 2 records (verified)" in done.stdout
    assert done.returncode == 0
    before = everything(log)
    done = run(*words, "--policy", "1.2.3")
    assert done.returncode == 2, "an authority refuses a policy that it does not have"
    assert run(*words, "--policy", "x").returncode == 2
    assert everything(log) == before


def asked(request: bytes) -> bytes:
    """The question in an HTTP request."""
    return request.partition(b"\r\n\r\n")[2]


def other(field: str, value: object) -> Change:
    """Another question than the one that came."""

    def change(question: bytes) -> bytes:
        query = tsp.TimeStampReq.load(question)
        if field == "hashed_message":
            query["message_imprint"][field] = value
        else:
            query[field] = value
        return bytes(query.dump(force=True))

    return change


def answering(authority: Authority, change: Change = bytes, after: Change = bytes) -> Behave:
    """An authority over HTTP, which answers a changed question, or changes its answer."""

    def behave(link: socket.socket) -> None:
        body = after(authority.answer(change(asked(link.recv(65536)))))
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {len(body)}\r\n\r\n"
        link.sendall(head.encode() + body)

    return behave


def http(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An answer over HTTP."""
    return "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, "")).encode() + body


def endless(link: socket.socket) -> None:
    """Says that 10 GB come, and begins with them."""
    link.recv(65536)
    link.sendall(http("200 OK", REPLY, "Content-Length: 10000000000"))
    with contextlib.suppress(OSError):
        while True:
            link.sendall(bytes(65536))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One whose root the user trusts."""
    return Authority(tmp_path_factory.mktemp("made") / "tsa")


REJECTED = b"0\x05\x30\x03\x02\x01\x02"
LENGTH = "Content-Length: 7"
INWARD = "Location: http://169.254.169.254/latest/"
LIES: dict[str, tuple[Callable[[Authority], Behave], str]] = {
    "other hash": (lambda of: answering(of, other("hashed_message", bytes(32))), "over other bytes"),
    "other nonce": (lambda of: answering(of, other("nonce", 5)), "its nonce is not"),
    "no nonce": (lambda of: answering(of, other("nonce", None)), "its nonce is not"),
    "other policy": (lambda of: answering(of, other("req_policy", None)), "under the policy 1.2.3.4.1"),
    "forged": (lambda of: answering(of, after=lambda each: each[:-3] + b"xyz"), "not of an authority"),
    "error status": (lambda _: saying(http("200 OK", REPLY, LENGTH, body=REJECTED)), "refused: rejection"),
    "HTML": (lambda _: saying(http("200 OK", "Content-Type: text/html", LENGTH, body=b"<p>page")), "text/html"),
    "HTML as a reply": (lambda _: saying(http("200 OK", REPLY, LENGTH, body=b"<p>page")), "no time stamp answer"),
    "HTTP error": (lambda _: saying(http("503 Busy", "Content-Length: 0")), "HTTP 503"),
    "redirect": (lambda _: saying(http("307 Go", INWARD, "Content-Length: 0")), "not followed"),
    "hangs": (lambda _: silent, "within 1 s"),
    "1 byte a second": (lambda _: saying(http("200 OK", REPLY), 1.0), "within 1 s"),
    "10 GB": (lambda _: endless, "longer than 262,144 bytes"),
    "no HTTP": (lambda _: saying(b"\x00\x01\x02 hello\r\n\r\n"), "no HTTP"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_what_is_refused_leaves_nothing(name: str, authority: Authority, run: Run, log: Path, today: None) -> None:
    """If this failed, an authority that lies would be kept as an anchor, or could stop the log (R24)."""
    behave, said = LIES[name]
    before = everything(log)
    began = time.monotonic()
    with serving(behave(authority)) as (place, met):
        words = ("--tsa-ca", authority.root, "--allow-loopback", "--timeout", "1" if "within" in said else "30")
        policy = "1.2.3.4.9" if name == "other policy" else "1.2.3.4.1"
        done = run("evidence", "stamp", "ev", "--url", f"http://{place}/x", *words, "--policy", policy)
    assert len(met) == 1
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr
    assert time.monotonic() - began < 20
    assert everything(log) == before


@pytest.mark.parametrize("url", ["http://169.254.169.254/", "https://127.0.0.1/", "ftp://a/", "http://u:p@a/", "x"])
def test_addresses_that_are_not_asked(url: str, authority: Authority, run: Run, log: Path) -> None:
    """If this failed, a wrong address would lead inward."""
    before = everything(log)
    assert run("evidence", "stamp", "ev", "--url", url, "--tsa-ca", authority.root).returncode == 2
    assert everything(log) == before
    assert run("evidence", "stamp", "nowhere", "--url", url, "--tsa-ca", authority.root).returncode == 2


def test_others_can_write_meanwhile(authority: Authority, run: Run, log: Path, tmp_path: Path, today: None) -> None:
    """If this failed, a slow authority would keep a triage from being recorded."""
    (tmp_path / "file").write_text("x")

    def behave(link: socket.socket) -> None:
        done.append(run("evidence", "add", "ev", "file", "--kind", "raw").returncode)
        answering(authority)(link)

    done: list[int] = []
    with serving(behave) as (place, _):
        words = ("--tsa-ca", authority.root, "--allow-loopback")
        stamped = run("evidence", "stamp", "ev", "--url", f"http://{place}/", *words)
    assert (done, stamped.returncode) == ([0], 0), stamped.stderr
    assert "over the first 2 records (verified); 1 later" in run("evidence", "verify", "ev", *words[:2]).stdout


@pytest.mark.parametrize("url", ["http://ann:CANARY@tsa.example/", "ann:CANARY@tsa.example", "http:ann:CANARY@x"])
def test_a_password_in_the_address(url: str, run: Run, log: Path) -> None:
    """If this failed, the password of an authority would stand in the logs of whoever called."""
    ca = Authority(Path("tsa")).root
    done = run("evidence", "stamp", "ev", "--url", url, "--tsa-ca", ca)
    assert (done.returncode, "CANARY" in done.stderr + done.stdout) == (2, False)
    assert "--url: has a name or password in it" in done.stderr
