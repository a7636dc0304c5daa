"""Output of the staging hosts' tools."""

import pytest

from abm_lab.probes import chronyc_tracking, sntp_line, transcript

_AT = 1_779_007_632_883_456


@pytest.mark.parametrize("region", ["us-east", "us-west", "eu-west"])
@pytest.mark.parametrize(("stapled", "expired"), [(True, False), (False, False), (True, True)])
def test_a_transcript_shows_what_was_asked_for(region: str, stapled: bool, expired: bool) -> None:
    """A good host would look bad, or a bad one good."""
    text = transcript(f"{region}.abm.apple.com", _AT, stapled=stapled, expired=expired).decode()
    assert ("OCSP response: no response sent" in text) != stapled
    assert ("verify error:num=10:certificate has expired" in text) == expired
    assert ("Verify return code: 0 (ok)" in text) != expired
    assert f"subject=CN = {region}.abm.apple.com" in text
    assert "{" not in text


def test_sntp_prints_the_correction() -> None:
    """A clock that is ahead would read as one that is behind."""
    assert sntp_line(_AT, 9.2).startswith(b"2026-05-17 08:47:12.883456 (+0000) -9.200000 +/- ")


def test_chrony_calls_a_clock_ahead_fast() -> None:
    """As above, for chronyc."""
    assert b"System time     : 9.200000000 seconds fast of NTP time\n" in chronyc_tracking(_AT, 9.2)
    assert b"seconds slow of NTP time\n" in chronyc_tracking(_AT, -9.2)
