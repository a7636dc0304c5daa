"""Answers of Apple's API, and of MDMs, that hold an error."""

import json

import pytest
from tests.formats.exports.apple import VALUES, claims
from tests.formats.exports.reading import head, read, reasons

from abm_trace.formats.exports import abm_error

ERROR = {
    "id": "x",
    "status": "404",
    "code": "NOT_FOUND",
    "title": "The specified resource doesn't exist",
    "detail": "…",
}
NAMED = "an answer holds an error instead of rows: 404 NOT_FOUND The specified resource doesn't exist"


def test_a_hit() -> None:
    """If this fails, an answer that failed is not told from a list without rows."""
    for data in (json.dumps({"errors": [ERROR]}).encode(), json.dumps([{"errors": [ERROR]}], indent=1).encode()):
        assert claims(data) == "abm-error"
        facts, skipped = read(abm_error, data)
        assert not facts
        assert [reason for _, reason in reasons(skipped)] == [NAMED]
    _, skipped = read(abm_error, json.dumps({"errors": [ERROR, ERROR | {"code": "OTHER"}]}).encode())
    assert len(skipped) == 2


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            {"error": {"code": "InvalidAuthenticationToken", "message": "Lifetime failed", "innerError": {}}},
            "InvalidAuthenticationToken Lifetime failed",
        ),
        (
            {"httpStatus": 401, "traceId": "0", "errors": [{"code": "INVALID_TOKEN", "description": "no", "id": "0"}]},
            "401 INVALID_TOKEN no",
        ),
        ({"message": "Failed", "errors": [{"name": "base", "reason": "Authentication required"}], "uuid": "x"}, "Auth"),
        ({"errors": [{"title": "object not found"}]}, "object not found"),
    ],
    ids=["graph", "jamf", "fleet", "simplemdm"],
)
def test_an_mdms_error(answer: dict[str, object], says: str) -> None:
    """If this fails, an MDM's refusal is a file that nobody knows, and who fetched it looks for the fault elsewhere."""
    data = json.dumps(answer).encode()
    assert claims(data, "managedDevices.json") == "abm-error"
    facts, (skipped,) = read(abm_error, data)
    assert not facts
    assert skipped.reason.startswith(f"an answer holds an error instead of rows: {says}")


def test_any_error() -> None:
    """If this fails, an error of the wrong types breaks the reader or is silently dropped."""
    for value in VALUES:
        for broken in ({"errors": [value]}, {"errors": [ERROR | {"code": value}]}, {"errors": value}):
            data = json.dumps(broken).encode()
            abm_error.score(head(data))
            facts, skipped = read(abm_error, data)
            assert not facts
            assert skipped


def test_a_miss() -> None:
    """If this fails, a record that mentions errors is taken for a failed answer."""
    for data in (
        b'{"error":{"code":1}}',
        b'{"error":{"code":1,"message":"x"},"value":[]}',
        b'{"errors":[{"title":"x"}],"hosts":[]}',
        b'{"errors":[{"name":"x"}]}',
    ):
        assert abm_error.score(head(data)) == 0
    for data in (b'{"errors":[]}', b'{"errors":["x"]}', b'{"data":[],"errors":[{"code":"x"}]}', b"errors\nx\n"):
        assert abm_error.score(head(data)) == 0
