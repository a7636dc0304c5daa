"""Pages, cursors, parameters and bodies."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.lab.serve.client import Curl

from abm_lab.serve.answers import cursor, cut, place
from abm_lab.serve.lab import Lab
from abm_lab.serve.world import Row

ROWS = [Row(str(number), number, b"%d" % number) for number in range(10)]


@given(some.integers(1, 12))
def test_pages_by_cursors_hold_every_row_once(limit: int) -> None:
    """A listing would lose rows between pages, or end early."""
    shown, at, offset = [], 7, 0
    while True:
        page = cut(ROWS, at, offset, limit)
        shown += page.rows
        if page.next is None:
            break
        at, offset = place(page.next) or (0, 0)
    assert shown == [row.content for row in ROWS]
    assert at == 7


@given(some.text())
def test_foreign_cursors_are_told_from_ours(text: str) -> None:
    """A stranger's cursor would end as a failure of the server."""
    found = place(text)
    assert found is None or min(found) >= 0
    assert place(cursor(12, 34)) == (12, 34)


@pytest.mark.parametrize(
    "path",
    [
        f"/business/v1/orgDevices?cursor={cursor(10**30, 0)}",
        f"/business/v1/orgDevices?cursor={cursor(-1, 0)}",
        "/business/v1/orgDevices/%00%ff",
        "/business/v1/auditEvents?filter[startTimestamp]=9999-12-31T23:59:59Z&filter[endTimestamp]=0001-01-01T00:00:00Z",
        f"/abm/us-east/v1/devices?cursor={cursor(10**30, 10**30)}",
        "/abm/us-east/v1/audit/events?since=%00",
        "/lab/devices/%F0%9F%92%A5",
        "//",
        "/abm",
    ],
)
def test_bad_input_is_never_a_failure_of_the_server(path: str, mixed: Lab, curl: Curl) -> None:
    """A stranger's address would break the lab instead of being refused."""
    token = curl.about["abm"]["us-east"]["token"]
    if path.startswith("/business"):
        token = curl.business_token(curl.assertion())[1]["access_token"]
    assert curl.one(path, "-g", token=token)[0] in {200, 400, 404}


def test_a_body_is_bounded_and_must_be_json(tmp_path: Path, curl: Curl) -> None:
    """A client could fill the memory, or break the server with bytes that are no JSON."""
    big = tmp_path / "big"
    big.write_bytes(b"x" * ((1 << 20) + 1))
    assert curl.one("/lab/faults", "-X", "POST", "--data-binary", f"@{big}")[0] == 413
    assert curl.one("/lab/faults", "-X", "POST", "-d", "{not json")[0] == 400
    assert curl.one("/lab/faults", "-X", "POST", "--data-binary", "\\xff")[0] == 400
