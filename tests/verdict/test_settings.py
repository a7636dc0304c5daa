"""The data of the verdict: each threshold with its origin, the table of reasons, the catalogue of actions."""

from string import Formatter

import pytest

from abm_trace.verdict.layers import RULES
from abm_trace.verdict.settings import actions, layer_of_reason, thresholds

GUIDE = {"confirmation_s": 63, "staging_abort_s": 45, "pending_s": 90, "limbo_s": 72 * 3600, "clock_s": 5.79}
SPECIFIED = {
    "apple_confirmation_s": 900,
    "segment_window_s": 12 * 3600,
    "journey_gap_s": 24 * 3600,
    "attempt_gap_s": 1,
    "source_intervals": 3,
}


def test_the_thresholds_are_the_specifications() -> None:
    """If this failed, a limit would have drifted from its source."""
    assert {name: item.value for name, item in thresholds().items.items()} == {**GUIDE, **SPECIFIED}


def test_every_threshold_says_where_it_comes_from() -> None:
    """If this failed, a report could not say why a limit is what it is."""
    for name, item in thresholds().items.items():
        assert item.origin in {"guide", "vendor", "standard", "measured", "ours"}, name
        assert item.meaning.endswith("."), name
    assert {name for name, item in thresholds().items.items() if item.origin == "guide"} == set(GUIDE)


def test_a_changed_threshold_says_so() -> None:
    """If this failed, a case's own limit would be printed as the guide's, or change it for the next case."""
    changed = thresholds().changed("confirmation_s", 30)
    assert changed.us("confirmation_s") == 30_000_000
    assert changed.items["confirmation_s"].origin == "case.toml"
    assert thresholds().us("confirmation_s") == 63_000_000


@pytest.mark.parametrize(
    ("reason", "layer"),
    [
        ("clock_drift_exceeded", "L3"),
        ("CLOCK_DRIFT_EXCEEDED", "L3"),
        ("certificate_untrusted", "L1"),
        ("hurricane", "L0"),
    ],
)
def test_a_reason_names_a_layer(reason: str, layer: str) -> None:
    """If this failed, the table of reasons would not be read, or an unknown reason would have a layer."""
    assert layer_of_reason(reason) == layer


def test_every_layer_and_verdict_has_an_action() -> None:
    """If this failed, somebody at 04:00 would read an empty line."""
    catalogue = actions()
    assert {rule.layer for rule in RULES} - {"L0"} <= catalogue["layer"].keys()
    assert {rule.cause for rule in RULES if rule.cause} <= catalogue["cause"].keys()
    verdicts = {"confirmed", "rejected", "not_started", "in_progress", "vanished", "unknown"}
    assert verdicts | {"half_confirmed_mdm", "half_confirmed_apple"} <= catalogue["verdict"].keys()


def test_actions_fill_in_only_what_is_known() -> None:
    """If this failed, a typing error in a place-holder would end a triage."""
    known = {"serial", "site", "host", "missing", "endpoint"}
    for group in actions().values():
        for sentence in group.values():
            assert {name for _, name, _, _ in Formatter().parse(sentence) if name} <= known
