"""L1: the staging segment cannot trust the endpoint: no staple, an expired chain or root, an unknown issuer."""

from abm_lab.fates._interface import NOT_STARTED, Fate, Truth
from abm_lab.story import Story

_REASONS = ("OCSP staple missing", "unknown issuer", "verify error 10 (certificate has expired)")
_TRUTH = Truth("vanished", "requested", "L1")


def unheard(story: Story) -> None:
    """Requests leave the device and never arrive; what is wrong shows in the probes of its staging host."""
    story.synced()
    story.open()
    story.request(story.rng.uniform(5, 9), audited=False)
    story.fail(14, "connection reset by peer")


def refused(story: Story) -> None:
    """The device itself says why the handshake failed."""
    story.synced()
    story.open()
    story.request(6, audited=False)
    story.fail(8, story.rng.choice(_REASONS))


FATES = (
    Fate("l1_staple", "probe without a staple", _TRUTH, NOT_STARTED, unheard, condition="stapleless"),
    Fate("l1_expired", "probe with an expired chain", _TRUTH, NOT_STARTED, unheard, condition="expired"),
    Fate("l1_dst_root", "probe with DST Root CA X3", _TRUTH, NOT_STARTED, unheard, condition="dst_root"),
    Fate(
        "l1_transcript_staple",
        "s_client transcript without a staple",
        _TRUTH,
        NOT_STARTED,
        unheard,
        condition="transcript_stapleless",
    ),
    Fate(
        "l1_transcript_expired",
        "s_client transcript with verify error 10",
        _TRUTH,
        NOT_STARTED,
        unheard,
        condition="transcript_expired",
    ),
    Fate("l1_handshake", "the log names the reason", _TRUTH, NOT_STARTED, refused),
)
