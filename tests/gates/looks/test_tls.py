"""A look over TLS: what is reached is judged, what is not is a problem."""

from pathlib import Path

from tests.net import crooked, s_server

from abm_lab.serve.certificates import Authority
from abm_trace.core.nouns import Fact, Origin
from abm_trace.gates.looks import tls
from abm_trace.net.allow import Allow
from abm_trace.net.reach import Place, ReachError
from abm_trace.sources.probes.tls import Plan

ALLOW = Allow([s_server.HOST, "127.0.0.1"], loopback=True)


def test_seen_and_recorded(tmp_path: Path) -> None:
    """If this failed, what was seen would not be what is kept."""
    root = Authority("a root", s_server.AT)
    (tmp_path / "ca.pem").write_bytes(root.identity.pem)
    kept: list[bytes] = []
    with s_server.serving(tmp_path, root.leaf("x", [s_server.HOST]), []) as at:
        plan = Plan(Place(s_server.HOST, 443), at, trust=str(tmp_path / "ca.pem"))
        found = tls.look(plan, ALLOW, kept)
    assert ([each.id for each in found.findings], found.state) == (["tls-no-staple"], "bad")
    assert "TLSv1.3, verify code 0, no staple" in found.seen
    assert len(kept) == 1


def test_not_reached() -> None:
    """If this failed, silence would be read as failure."""
    unreached: list[ReachError] = []
    with crooked.serving(crooked.closing) as (at, _):
        found = tls.look(Plan(Place(s_server.HOST, 443), at, timeout_s=1), ALLOW, unreached=unreached)
    assert (found.state, unreached[0].why) == ("open", "closed")
    assert found.do


def test_what_a_transcript_does_not_say() -> None:
    """If this failed, a transcript that did not ask for a staple would be said to lack one."""
    probe = Fact("tls_probe", None, "tls", "", {"endpoint": "a.b"}, Origin("t.txt", "s-client", line=3))
    found = tls.told(probe)
    assert (found.name, found.findings, found.state) == ("a.b (t.txt:3)", (), "open")
    assert found.seen == "protocol not said, verify code not said, staple not asked for"
    abm = Fact("tls_probe", None, "tls", "", {"endpoint": "x.abm.apple.com", "verify_code": "0"}, Origin("t", "x"))
    assert tls.told(abm).problem == "it does not say whether it staples"


def test_a_transcripts_staple_is_not_proved() -> None:
    """If this failed, a staple that somebody else signed would look as sound in a transcript as a checked one."""
    attrs = {"endpoint": "a.b", "verify_code": "0", "stapled": "yes", "ocsp_status": "good"}
    seen = [
        tls.told(Fact("tls_probe", None, "tls", "", attrs, Origin("t", by))).seen for by in ("s-client", "tls-probe")
    ]
    assert [", staple good (as it says: its signature is not in a transcript)" in each for each in seen] == [
        True,
        False,
    ]
