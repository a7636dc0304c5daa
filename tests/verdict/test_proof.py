"""Proofs: one a signature, however often it fired."""

from tests.verdict.facts import log, unstable, untrusted

from abm_trace.verdict.proof import ALIKE_MAX, proofs_of


def test_repeats_of_a_signature_are_one_proof_with_three_places_at_most() -> None:
    """If this failed, a chatty log would look like many independent witnesses."""
    (proof,) = proofs_of([unstable(second) for second in range(5)], 90)
    assert (proof.confidence, len(proof.evidence), proof.at) == (90, 3, unstable(0).at)


def test_very_many_repeats_are_counted_and_the_last_is_cited() -> None:
    """If this failed, a log of 300,000 refusals would say nothing of their number, or cite each."""
    facts = [unstable(second) for second in range(ALIKE_MAX + 1)]
    (proof,) = proofs_of(facts, 90)
    assert proof.evidence == (facts[0].origin, facts[1].origin, facts[-1].origin)
    assert proof.text == f"{facts[0].value} (21 times)"
    (proof,) = proofs_of(facts[:-1], 90)
    assert (proof.evidence[2], proof.text) == (facts[2].origin, facts[0].value)


def test_each_signature_is_a_proof_of_its_own() -> None:
    """If this failed, independent witnesses would count as one."""
    both = proofs_of([unstable(1), untrusted(2), log("error", 3, by="other", cause="mdm_refused")])
    assert [(proof.id, proof.cause) for proof in both] == [
        ("abm-identifier-rejected", ""), ("tls-handshake-trust", ""), ("other", "mdm_refused"),
    ]  # fmt: skip
