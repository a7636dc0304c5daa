"""What is found wrong with a handshake, by the facts of it."""

import pytest

from abm_trace.checks import tls
from abm_trace.core.nouns import Fact, Origin

ABM = "eu-west.abm.apple.com"
GOOD = {
    "endpoint": ABM, "stapled": "yes", "ocsp_status": "good", "verify_code": "0", "protocol": "TLSv1.3",
    "issuer": "O = Apple Inc.",
}  # fmt: skip


def found(attrs: dict[str, str], expected: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """(id, layer, severity) of what is found with these attributes laid over sound ones."""
    probe = Fact("tls_probe", 5, "tls", "", GOOD | attrs, Origin("x", "tls-probe", line=1))
    return [(each.id, each.layer, each.severity) for each in tls.check(probe, expected)]


@pytest.mark.parametrize(
    ("attrs", "said"),
    [
        ({"expired": "CN = old", "verify_code": "10"}, [("tls-expired", "L1", "error")]),
        ({"verify_code": "10"}, [("tls-expired", "L1", "error")]),
        ({"verify_code": "9"}, [("tls-not-yet-valid", "L3", "error")]),
        ({"verify_code": "19"}, [("tls-issuer-unknown", "L1", "error")]),
        ({"verify_code": "23"}, [("tls-revoked", "L1", "error")]),
        ({"verify_code": "26"}, [("tls-wrong-purpose", "L1", "error")]),
        ({"verify_code": "62"}, [("tls-wrong-name", "L1", "error")]),
        ({"verify_code": "79"}, [("tls-chain", "L1", "error")]),
        ({"protocol": "TLSv1.1"}, [("tls-old-protocol", "L1", "error")]),
        ({"stapled": "no", "ocsp_status": ""}, [("tls-no-staple", "L1", "error")]),
        ({"stapled": "no", "endpoint": "mdm.example.org"}, [("tls-no-staple", "", "note")]),
        ({"stapled": "no", "endpoint": "abm.apple.com.evil.org"}, [("tls-no-staple", "", "note")]),
        ({"ocsp_status": "revoked", "endpoint": "mdm.example.org"}, [("tls-revoked", "L1", "error")]),
        ({"ocsp_status": "unknown"}, [("tls-staple-unknown", "L1", "error")]),
        ({"staple_error": "x"}, [("tls-staple-bad", "L1", "error")]),
        ({"staple_error": "it is made in the future (2099)"}, [("tls-staple-bad", "L3", "error")]),
        ({"staple_stale": "x", "endpoint": "mdm.example.org"}, [("tls-staple-stale", "L1", "warning")]),
        ({"stapled": "", "ocsp_status": "", "verify_code": "", "protocol": ""}, []),
        ({}, []),
    ],
)
def test_each_finding_and_no_other(attrs: dict[str, str], said: list[tuple[str, str, str]]) -> None:
    """If this failed, a broken endpoint would pass, or a sound one, or a silent one, be blamed."""
    assert found(attrs) == said
    assert all(name in tls.DO for name, _, _ in said)


def test_an_issuer_that_is_trusted_and_wrong() -> None:
    """If this failed, an inspecting proxy whose root this computer trusts would pass unseen."""
    apples = ("Apple", "DigiCert")
    assert found({}, apples) == []
    assert found({"issuer": "O = Zscaler Inc."}, apples) == [("tls-issuer-unexpected", "L1", "error")]
    assert found({"issuer": "O = Zscaler Inc."}) == []
    assert found({"issuer": "O = Zscaler Inc.", "verify_code": "19"}, apples) == [("tls-issuer-unknown", "L1", "error")]


def test_the_worst_stands_first() -> None:
    """If this failed, a warning would hide what stops the rollout."""
    said = found({"endpoint": "mdm.example.org", "staple_stale": "x", "verify_code": "19"})
    assert [severity for _, _, severity in said] == ["error", "warning"]
