"""The nouns that know something of themselves."""

from abm_trace.core.nouns import Fact, Origin, Reading

SEEN = Fact("sighting", 0, "sighting", "AP-4", {}, Origin("wifi.csv", "sightings"))
ROW = Fact("known", None, "manifest", "", {}, Origin("manifest.csv", "manifest"))


def test_a_list_of_sightings_is_told_from_evidence() -> None:
    """If this failed, what the network saw would move the clock of a case, or a manifest would be left out of it."""
    assert Reading("wifi.csv", "sightings", "", facts=(SEEN,)).sights
    assert not Reading("manifest.csv", "manifest", "", facts=(ROW,)).sights
    assert not Reading("empty.csv", "sightings", "").sights
