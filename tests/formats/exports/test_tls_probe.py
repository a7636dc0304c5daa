"""TLS probes as JSON."""

import json

import pytest
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import tls_probe

PROBE = {
    "host": "US-East.abm.apple.com",
    "port": 443,
    "segment": "clinic-1",
    "captured_at": "2026-05-17T08:00:00Z",
    "stapled": True,
    "ocsp_status": "good",
    "verify_code": 0,
    "chain": [{"subject": "CN=leaf", "issuer": "CN=CA", "not_after": "2036-01-01T00:00:00Z"}],
    "protocol": "TLSv1.3",
}
ATTRS = {
    "segment": "clinic-1",
    "port": "443",
    "ocsp_status": "good",
    "protocol": "TLSv1.3",
    "endpoint": "us-east.abm.apple.com",
    "stapled": "yes",
    "verify_code": "0",
    "issuer": "CN=CA",
}


def test_a_hit() -> None:
    """If this fails, a probe of the segment is not known."""
    data = json.dumps(PROBE).encode()
    assert tls_probe.score(head(data)) > 0.8
    assert said(read(tls_probe, data)[0]) == [("tls_probe", "2026-05-17T08:00:00Z", "", ATTRS)]


@pytest.mark.parametrize(
    ("chain", "captured_at", "expired"),
    [
        ([{"subject": "CN=leaf", "not_after": "2026-05-17T07:59:59Z"}], "2026-05-17T08:00:00Z", "CN=leaf"),
        ([{"subject": "CN=leaf", "not_after": "May 16 00:00:00 2026 GMT"}], "2026-05-17T08:00:00Z", "CN=leaf"),
        ([{"subject": "CN=leaf", "not_after": "2026-05-17T07:59:59Z"}], None, None),
        ([{"subject": "CN=X1", "issuer": "CN=DST Root CA X3"}], None, "CN=DST Root CA X3"),
        ([{"subject": "CN=X1", "issuer": "CN=DST Root CA X3"}], "2020-05-17T08:00:00Z", None),
    ],
)
def test_expired(chain: list[dict[str, str]], captured_at: str | None, expired: str | None) -> None:
    """If this fails, a chain counts as expired that was not, or the reverse."""
    facts, _ = read(tls_probe, json.dumps({**PROBE, "chain": chain, "captured_at": captured_at}).encode())
    assert facts[0].attrs.get("expired") == expired


@pytest.mark.parametrize(
    ("until", "captured_at", "stale"),
    [
        ("2026-05-17T07:59:59Z", "2026-05-17T08:00:00Z", "2026-05-17T07:59:59Z"),
        ("2026-05-17T08:00:00Z", "2026-05-17T08:00:00Z", None),
        ("2026-05-17T07:59:59Z", None, None),
        ("", "2026-05-17T08:00:00Z", None),
    ],
)
def test_a_stale_staple(until: str, captured_at: str | None, stale: str | None) -> None:
    """If this fails, a staple that ran out passes, or one that holds is blamed."""
    facts, _ = read(tls_probe, json.dumps({**PROBE, "staple_until": until, "captured_at": captured_at}).encode())
    assert facts[0].attrs.get("staple_stale") == stale


def test_what_is_not_said_is_absent() -> None:
    """If this fails, a probe that did not ask for a staple proves that there was none."""
    facts, _ = read(tls_probe, b'{"host":"us-east.abm.apple.com","verify_code":10}')
    assert said(facts) == [("tls_probe", None, "", {"endpoint": "us-east.abm.apple.com", "verify_code": "10"})]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("chain", "CN=leaf"),
        ("chain", [None, 7, {"not_after": []}]),
        ("verify_code", "abc"),
        ("stapled", "perhaps"),
        ("captured_at", "0000-05-17T08:46:00Z"),
        ("host", 7),
    ],
)
def test_wrong_types_are_named(name: str, wrong: object) -> None:
    """If this fails, a field of the wrong type is silently nothing."""
    assert read(tls_probe, json.dumps({**PROBE, name: wrong}).encode())[1]


def test_a_miss() -> None:
    """If this fails, other records with a host are taken for probes."""
    assert tls_probe.score(head(b'{"host":"x","method":"GET","url":"y","status":200}')) == 0
