"""L1 fates."""

from collections.abc import Callable

import pytest

from abm_lab.fates import discover
from abm_lab.fates.l1_trust import FATES
from abm_lab.fleet import make_sites
from abm_lab.sites import host_files, host_probes
from abm_lab.story import Story


@pytest.mark.parametrize("fate_id", [fate.id for fate in FATES if fate.id != "l1_handshake"])
def test_the_staging_host_shows_the_cause(fate_id: str, as_of: int) -> None:
    """A device would be L1 in truth, and no probe of its host would say so."""
    site, condition = make_sites(1)[0], discover()[fate_id].condition
    probes = list(host_probes(site, condition, as_of - 10**12, as_of))
    transcripts = b"".join(content for path, content in host_files(site, condition, as_of) if path.startswith("tls/"))
    bad_probes = [
        not probe.stapled or probe.verify_code == 10 or "DST Root CA X3" in probe.chain[-1].subject for probe in probes
    ]
    bad_transcript = b"no response sent" in transcripts or b"verify error:num=10" in transcripts
    assert bool(probes) != bool(transcripts)
    assert all(bad_probes)
    assert bool(probes) or bad_transcript


def test_the_log_names_a_reason_of_trust(tell: Callable[..., Story], messages: Callable[[Story], list[str]]) -> None:
    """The handshake fate would lack its only proof."""
    reasons = {messages(tell("l1_handshake", seed))[-1] for seed in range(30)}
    assert reasons == {
        "TLS handshake failed: OCSP staple missing",
        "TLS handshake failed: unknown issuer",
        "TLS handshake failed: verify error 10 (certificate has expired)",
    }
