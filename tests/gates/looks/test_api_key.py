"""What the API lets a key do, as looks; the command's test has the lab, these are answers that the lab never gives."""

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from abm_trace.gates.looks import Subject, api_key
from abm_trace.net.allow import Allow
from abm_trace.net.http import Answer, Way
from abm_trace.net.reach import ReachError
from abm_trace.sources.probes import business

ACCOUNT = business.Account("BUSINESSAPI.x", "k", ec.generate_private_key(ec.SECP256R1()), "business.api")
TOKEN = msgspec.json.encode({"access_token": "SECRET", "expires_in": 3600, "token_type": "Bearer"})
PAGE = b'{"data":[{"id":"F9/../x?y","type":"orgDevices"}],"meta":{"paging":{"total":7}}}'


def answer(status: int, body: bytes, **headers: str) -> Answer:
    """An answer of the API."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, named, body, "127.0.0.1", 0.1)


def looked(
    monkeypatch: pytest.MonkeyPatch, given: Answer | ReachError, reads: Answer | ReachError
) -> tuple[tuple[Subject, ...], list[str]]:
    """What is said where the token endpoint and each question are answered so; and what was asked."""
    asked: list[str] = []

    def give(found: Answer | ReachError) -> Answer:
        if isinstance(found, ReachError):
            raise found
        return found

    def read(_scope: str, path: str, _token: str, _allow: Allow, _way: Way) -> Answer:
        asked.append(path)
        return give(reads)

    monkeypatch.setattr(business, "access_token", lambda *_: give(given))
    monkeypatch.setattr(business, "read", read)
    return api_key.look(ACCOUNT, Allow([]), Way()), asked


def test_a_serial_is_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a foreign id could lead to another question, or to a write."""
    subjects, asked = looked(monkeypatch, answer(200, TOKEN), answer(200, PAGE))
    assert [each.state for each in subjects] == ["good"] * 5
    assert "/v1/orgDevices/F9%2F..%2Fx%3Fy/assignedServer" in asked
    assert subjects[1].seen == "may be read (7 in all)"


@pytest.mark.parametrize(
    ("given", "state", "says"),
    [
        (answer(429, b"", retry_after="30"), "open", "again in 30 s"),
        (answer(429, b"", retry_after="\x1b[31m"), "open", "again later"),
        (answer(503, b""), "open", "(503) that says nothing"),
        (answer(400, b'{"error":"invalid_request"}'), "open", "(400) that says nothing"),
        (ReachError("x: no answer within 1 s", "timeout"), "open", "no answer"),
        (answer(400, b'{"error":"invalid_client"}'), "bad", "key-refused"),
        (answer(200, b"<html>"), "open", "(200) that says nothing"),
        (answer(302, b"", location="https://evil.example"), "open", "redirected (302) to https://evil.example"),
    ],
)
def test_no_token(given: Answer | ReachError, state: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, a service that is busy would be called a refused key, or questions be asked without a token."""
    (subject,), asked = looked(monkeypatch, given, answer(200, PAGE))
    assert (subject.state, asked) == (state, [])
    assert says in f"{subject.problem} {[each.id for each in subject.findings]}"


@pytest.mark.parametrize(
    ("reads", "state"),
    [
        (answer(403, b""), "good"),  # A warning.
        (answer(401, b""), "bad"),
        (answer(429, b""), "open"),
        (answer(500, b""), "open"),
        (answer(302, b""), "open"),
        (answer(200, b"[]"), "open"),
        (answer(200, b'{"data":[{"id":1}]}'), "open"),
        (ReachError("x: was reset", "reset"), "open"),
    ],
)
def test_what_is_refused_or_not_told(reads: Answer | ReachError, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, 401, 403, 429 and silence would not be told apart."""
    subjects, _ = looked(monkeypatch, answer(200, TOKEN), reads)
    assert [each.state for each in subjects[1:]] == [state] * 3
