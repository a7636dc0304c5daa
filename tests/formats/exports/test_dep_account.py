"""The DEP account."""

import json

from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, said
from tests.samples import sample

from abm_trace.formats.exports import dep_account

ACCOUNT = {"server_name": "Corp MDM", "server_uuid": "U1", "org_name": "Acme", "admin_id": "boss@example.com"}


def test_a_hit() -> None:
    """If this fails, a server's id cannot be joined with its name, or a person's address is kept."""
    data = json.dumps(ACCOUNT).encode()
    assert claims(data) == "dep-account"
    facts, skipped = read(dep_account, data)
    assert said(facts) == [("account", None, "Corp MDM", {"server": "Corp MDM", "server_id": "U1", "org": "Acme"})]
    assert not skipped


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how answers were saved, or a wrong value breaks the reader."""
    assert_split(dep_account, [ACCOUNT | {"server_uuid": f"U{number}"} for number in range(4)])
    assert_hostile(dep_account, ACCOUNT)


def test_a_miss() -> None:
    """If this fails, another record is taken for an account."""
    for data in (b'{"server_name":"x"}', b'{"org_name":"x"}', b"server_name\nx\n"):
        assert dep_account.score(head(data)) == 0
    facts, skipped = read(dep_account, b'{"org_name":"x"}')
    assert not facts
    assert skipped


def test_sample() -> None:
    """If this fails, what Apple really sent is not read."""
    data = sample("dep/account_response.json")
    assert claims(data) == "dep-account"
    assert said(read(dep_account, data)[0])[0][3]["server"] == "dev"
