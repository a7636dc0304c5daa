"""Saved error answers of the DEP service."""

import pytest
from tests.formats.exports.apple import claims, decoded
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import dep_error


@pytest.mark.parametrize(
    ("data", "value", "cause", "status"),
    [
        (b"T_C_NOT_SIGNED", "T_C_NOT_SIGNED", "terms_not_accepted", ""),
        (b'"T_C_NOT_SIGNED"\n', "T_C_NOT_SIGNED", "terms_not_accepted", ""),
        (b'"EXPIRED_CURSOR"', "EXPIRED_CURSOR", "cursor_expired", ""),
        (b"EXHAUSTED_CURSOR", "EXHAUSTED_CURSOR", "", ""),
        (b"ACCESS_DENIED\r\n", "ACCESS_DENIED", "", ""),
        (b'403 Forbidden: "T_C_NOT_SIGNED"', "T_C_NOT_SIGNED", "terms_not_accepted", "403"),
        (b'DEP HTTP error: 403 Forbidden: "T_C_NOT_SIGNED"', "T_C_NOT_SIGNED", "terms_not_accepted", "403"),
        ('"T_C_NOT_SIGNED"'.encode("utf-16"), "T_C_NOT_SIGNED", "terms_not_accepted", ""),
        (b"\xef\xbb\xbfT_C_NOT_SIGNED", "T_C_NOT_SIGNED", "terms_not_accepted", ""),
    ],
)
def test_a_hit(data: bytes, value: str, cause: str, status: str) -> None:
    """If this fails, an answer that tells why everything stopped is not recognised."""
    data = decoded(data)
    assert claims(data, "answer.json") == "dep-error"
    facts, skipped = read(dep_error, data)
    assert said(facts) == [("sync_failed", None, value, {"status": status} if status else {})]
    assert (facts[0].layer, facts[0].cause) == ("L0" if cause else "", cause)
    assert not skipped


def test_an_answer_with_its_headers() -> None:
    """If this fails, an error is not dated although its answer says when it came."""
    data = (
        b"HTTP/1.1 403 Forbidden\r\nDate: Sun, 17 May 2026 08:12:31 GMT\r\nContent-Type: text/plain\r\n\r\n"
        b'"T_C_NOT_SIGNED"\r\n'
    )
    assert claims(data) == "dep-error"
    facts, skipped = read(dep_error, data)
    assert said(facts) == [("sync_failed", "2026-05-17T08:12:31Z", "T_C_NOT_SIGNED", {"status": "403"})]
    assert not skipped
    facts, skipped = read(dep_error, data.replace(b"17 May 2026", b"77 May 2026"))
    assert said(facts)[0][1] is None
    assert skipped[0].line == 2


def test_several_answers() -> None:
    """If this fails, only the first of several errors counts."""
    data = b"T_C_NOT_SIGNED\n\nEXPIRED_CURSOR\n"
    assert [fact.value for fact in read(dep_error, data)[0]] == ["T_C_NOT_SIGNED", "EXPIRED_CURSOR"]
    facts, skipped = read(dep_error, data + b"something else\n")
    assert len(facts) == 2
    assert [thing.line for thing in skipped] == [4]


def test_a_miss() -> None:
    """If this fails, any word in capitals is taken for an error of Apple's."""
    for data in (
        b"",
        b"SOMETHING_ELSE",
        b"the answer was T_C_NOT_SIGNED\n",
        b'{"error":"T_C_NOT_SIGNED"}',
        b"Date: x\n",
        b"T_C_NOT_SIGNED\n" * 4000,
        b"2026/05/17 10:00:00 level=info msg=x err=T_C_NOT_SIGNED\n",
    ):
        assert dep_error.score(head(data)) == 0


def test_a_server_s_line_about_it() -> None:
    """If this fails, the very sentence that Fleet shows is not recognised."""
    said = b"POST /api/latest/fleet/mdm/apple/enrollmentprofiles received status 500 " + b": ".join(
        [b"DEP auth error: 403 Forbidden: T_C_NOT_SIGNED"] * 2
    )
    assert dep_error.score(head(said)) > 0.9
    (fact,), skipped = read(dep_error, said)
    assert (fact.kind, fact.cause) == ("sync_failed", "terms_not_accepted")
    assert not skipped
