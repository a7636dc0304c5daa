"""The verdict table of the specification, sentence by sentence: sides, deadlines, what lacks, how sure it is."""

from collections.abc import Mapping, Sequence

import pytest
from tests.verdict.apple import certificate_missing, pushed, record
from tests.verdict.facts import (
    ATTRS,
    DAY,
    HOUR,
    UNREAD,
    WEIGHTS,
    accepted,
    asked,
    at,
    booted,
    by_hand,
    clock,
    context,
    device,
    empty,
    enrolled,
    fact,
    judged,
    log,
    no_content,
    pending,
    recorded,
    registered,
    rejected,
    reset,
    unstable,
    untimely,
    untrusted,
    where,
)

from abm_trace.core.nouns import RUNGS, Fact
from abm_trace.verdict import Context, Reach, judge, thresholds
from abm_trace.verdict import build as build_context


def test_both_sides_confirm() -> None:
    """If this failed, healthy devices would be chased."""
    verdict = judged(booted(), recorded(), accepted(), registered(), enrolled())
    assert where(verdict) == ("confirmed", None)
    assert verdict.missing == ()
    assert verdict.last_rung == "enrolled"
    assert verdict.last_rung_at == at(30)


def test_confirmed_has_no_layer_but_shows_what_went_wrong() -> None:
    """If this failed, a cured device would carry a layer, or its troubles would be hidden."""
    verdict = judged(booted(), unstable(8), registered(), enrolled())
    assert (*where(verdict), verdict.cause, verdict.contributing) == ("confirmed", None, None, ())
    (finding,) = [each for each in verdict.findings if each.layer == "L6"]
    assert finding.severity == "info"
    assert finding.evidence


def test_what_comes_after_the_last_success_is_not_overcome_by_a_later_one() -> None:
    """If this failed, a device that left its MDM would be said to have come back."""
    verdict = judged(booted(), unstable(8), registered(), enrolled(30), fact("checked_out", 60, "mdm", "checked_out"))
    assert verdict.verdict == "confirmed"
    said = {each.text: each.severity for each in verdict.findings}
    assert said["checked_out (the device is confirmed all the same)"] == "info"
    assert [text.endswith("(overcome by a later success)") for text in said if not text.startswith("checked")] == [True]


def test_confirmed_goes_before_in_progress() -> None:
    """If this failed, a device that is done would be waited for until its deadline."""
    assert judged(booted(), registered(12), enrolled(30), as_of=40).verdict == "confirmed"


@pytest.mark.parametrize("rejection", [rejected("quota_exceeded"), fact("rejected", 9, "abm", "quota_exceeded")])
def test_a_recorded_rejection_is_rejected(rejection: Fact) -> None:
    """If this failed, ABM's own no, in the audit or the lifecycle, would read as silence."""
    assert judged(booted(), recorded(), rejection).verdict == "rejected"


def test_rejected_needs_neither_deadline_nor_boot() -> None:
    """If this failed, a known rejection would be held back: it stands before not_started and in_progress."""
    assert judged(rejected("clock_drift_exceeded", 9), as_of=20).verdict == "rejected"


def test_a_rejection_followed_by_a_registration_is_overcome() -> None:
    """If this failed, a device that came through at the second try would stay rejected."""
    assert where(judged(booted(), rejected("quota_exceeded", 9), registered(40), enrolled(55))) == ("confirmed", None)
    half = judged(booted(), rejected("quota_exceeded", 9), registered(40))
    assert where(half) == ("half_confirmed", None)


def test_a_rejection_after_a_registration_stands() -> None:
    """If this failed, "not followed by a registration" would read as "no registration at all"."""
    assert judged(booted(), registered(12), rejected("quota_exceeded", 40)).verdict == "rejected"


def test_code_4001_is_never_the_verdict_rejected() -> None:
    """If this failed, the log's word "rejected" would pass for a rejection that ABM recorded."""
    assert where(judged(booted(), asked(), unstable())) == ("vanished", "L6")


@pytest.mark.parametrize(
    "sign",
    [
        fact("known", -DAY, "manifest"),
        fact("assigned", -HOUR, "audit"),
        fact("synced", -HOUR, "audit"),
        clock(9.2),
        fact("mdm_row", -HOUR, "mdm"),
    ],
    ids=lambda sign: sign.kind,
)
def test_what_is_no_sign_of_a_start(sign: Fact) -> None:
    """If this failed, devices still in their boxes would be called vanished."""
    verdict = judged(sign)
    assert where(verdict) == ("not_started", None)
    assert verdict.deadline_at is None


@pytest.mark.parametrize("sign", [booted(), asked(), recorded(), pending(), accepted(), log("preparing", 1)])
def test_what_is_a_sign_of_a_start(sign: Fact) -> None:
    """If this failed, a device that began would pass for one that was never switched on."""
    assert judged(sign).verdict == "vanished"


def test_a_confirmed_side_is_a_start() -> None:
    """If this failed, a device of which only an MDM record or a registration is left would be "not started"."""
    assert judged(enrolled()).verdict == "half_confirmed"
    assert judged(registered()).verdict == "half_confirmed"


def test_half_confirmed_says_which_side_lacks() -> None:
    """If this failed, people would look for the gap on the wrong side."""
    assert judged(booted(), recorded(), registered()).missing == ("mdm",)
    assert judged(booted(), recorded(), enrolled()).missing == ("apple",)


def test_a_record_made_by_hand_is_half_a_confirmation() -> None:
    """If this failed, an unsupervised device would count as done, or its record as nothing."""
    alone = judged(booted(), recorded(), by_hand())
    assert (*where(alone), alone.cause, alone.missing) == ("half_confirmed", "L0", "enrolled_by_hand", ("apple",))
    beside = judged(booted(), recorded(), registered(), by_hand())
    assert (*where(beside), beside.cause, beside.missing) == ("half_confirmed", "L0", "enrolled_by_hand", ("mdm",))


def test_a_record_made_by_hand_is_no_start_missed() -> None:
    """If this failed, a device enrolled by hand without a log would be "not started"."""
    assert judged(by_hand()).verdict == "half_confirmed"


def test_a_record_by_hand_beside_one_by_abm_is_confirmed() -> None:
    """If this failed, an older hand-made record would undo a proper enrolment."""
    assert judged(booted(), registered(), by_hand(20), enrolled(30)).verdict == "confirmed"


def test_vanished_when_neither_side_has_it() -> None:
    """If this failed, the silence that the program is made for would stay silent."""
    verdict = judged(booted(), recorded())
    assert where(verdict) == ("vanished", None)
    assert verdict.missing == ()
    assert {finding.id for finding in verdict.findings} >= {"apple-silent", "mdm-silent"}
    assert all(finding.evidence for finding in verdict.findings)


def test_one_absent_side_is_enough_to_vanish() -> None:
    """If this failed, a device that ABM does not show would wait for an MDM export for ever."""
    late = context(apple=HOUR, mdm=UNREAD)
    verdict = judged(booted(), recorded(), case=late)
    assert (verdict.verdict, verdict.missing) == ("vanished", ("mdm",))
    late = context(apple=UNREAD, mdm=HOUR)
    assert judged(booted(), recorded(), case=late).missing == ("apple",)


def test_unknown_when_a_side_was_not_read() -> None:
    """If this failed, missing data would read as failure."""
    nothing = context(apple=UNREAD, mdm=UNREAD)
    verdict = judged(booted(), recorded(), accepted(), case=nothing)
    assert (*where(verdict), verdict.missing) == ("unknown", None, ("apple", "mdm"))
    one = judged(booted(), recorded(), registered(), case=context(mdm=UNREAD))
    assert (one.verdict, one.missing) == ("unknown", ("mdm",))
    other = judged(booted(), recorded(), enrolled(), case=context(apple=UNREAD))
    assert (other.verdict, other.missing) == ("unknown", ("apple",))


@pytest.mark.parametrize(
    ("last", "layer"),
    [(unstable(), "L6"), (untrusted(), "L1"), (untimely(), "L3"), (no_content(), "L4")],
    ids=["4001", "issuer", "time", "204"],
)
def test_both_unread_and_a_log_that_ends_in_an_error(last: Fact, layer: str) -> None:
    """If this failed, a log that says itself how the device died would be "unknown"."""
    nothing = context(apple=UNREAD, mdm=UNREAD)
    verdict = judged(booted(), asked(), last, case=nothing)
    assert (*where(verdict), verdict.missing) == ("vanished", layer, ("apple", "mdm"))
    assert verdict.confidence < judged(booted(), asked(), last).confidence


def test_both_unread_and_a_log_that_ends_in_an_empty_202() -> None:
    """If this failed, the empty promise would count as a promise."""
    nothing = context(apple=UNREAD, mdm=UNREAD)
    assert where(judged(booted(), asked(), *empty(), case=nothing)) == ("vanished", "L2")


def test_both_unread_and_an_error_that_is_not_the_end() -> None:
    """If this failed, an error in the middle of a log would decide where the log goes on well."""
    nothing = context(apple=UNREAD, mdm=UNREAD)
    assert judged(booted(), asked(), unstable(8), asked(40), accepted(42), case=nothing).verdict == "unknown"
    assert judged(booted(), asked(), reset(8), case=nothing).verdict == "unknown"


@pytest.mark.parametrize(("until", "verdict"), [(62.999, "unknown"), (63.001, "vanished")])
def test_absent_is_only_what_was_read_past_the_deadline(until: float, verdict: str) -> None:
    """If this failed, an export made before the deadline would prove a device's absence."""
    assert judged(booted(), recorded(), case=context(apple=until, mdm=until)).verdict == verdict


@pytest.mark.parametrize(("as_of", "verdict"), [(62, "in_progress"), (63, "in_progress"), (64, "vanished")])
def test_the_deadline_is_63_seconds_after_the_boot(as_of: float, verdict: str) -> None:
    """If this failed, devices would be quarantined too early or too late."""
    found = judged(booted(), recorded(), as_of=as_of)
    assert found.verdict == verdict
    assert found.deadline_at == at(63)


def test_in_progress_has_no_layer() -> None:
    """If this failed, a device with time left would be blamed already."""
    assert where(judged(booted(), asked(), unstable(), as_of=40)) == ("in_progress", None)


@pytest.mark.parametrize(
    ("first", "second"), [(recorded(5), accepted(8)), (accepted(5), registered(12)), (pending(5), accepted(8))]
)
def test_without_a_boot_the_deadline_counts_from_the_first_sign(first: Fact, second: Fact) -> None:
    """If this failed, a device without a log would have no deadline, or a later one with every answer."""
    assert judged(first, second).deadline_at == at(5 + 63)


def test_the_deadline_counts_from_the_first_boot_of_the_journey() -> None:
    """If this failed, a device could put its deadline off by booting again."""
    assert judged(booted(0), booted(200), recorded(), as_of=230).verdict == "vanished"


def test_events_count_by_their_own_time_not_by_their_arrival() -> None:
    """If this failed, a confirmation written after 63 s would be refused: it comes late but it is one."""
    assert judged(booted(), recorded(), registered(500), enrolled(900)).verdict == "confirmed"


@pytest.mark.parametrize(("as_of", "verdict"), [(63 + 270, "in_progress"), (63 + 271, "unknown")])
def test_a_source_that_is_still_read_is_waited_for_three_intervals(as_of: float, verdict: str) -> None:
    """If this failed, a live source would be blamed for what it has not fetched yet, or waited for without end."""
    live = context(apple=50, mdm=50, interval_s=90)
    assert judged(booted(), recorded(), as_of=as_of, case=live).verdict == verdict


def test_a_source_past_the_deadline_is_not_waited_for() -> None:
    """If this failed, every absence in a live case would be put off by three intervals."""
    live = context(apple=70, mdm=70, interval_s=90)
    assert judged(booted(), recorded(), as_of=100, case=live).verdict == "vanished"


def test_the_devices_own_log_is_no_mdm_record() -> None:
    """If this failed, a device would confirm itself: its log proves the rung, not the confirmation."""
    verdict = judged(booted(), recorded(), registered(), log("enrolled", 30, by="dep-device-enrolled"))
    assert (verdict.verdict, verdict.missing, verdict.last_rung) == ("half_confirmed", ("mdm",), "enrolled")


def test_an_audit_event_of_a_higher_rung_confirms_apples_side_alone() -> None:
    """If this failed, `enrollment_complete` would be no registration, or pass for the MDM's own record."""
    verdict = judged(booted(), fact("enrolled", 30, "audit"))
    assert (verdict.verdict, verdict.missing) == ("half_confirmed", ("mdm",))


def test_an_mdm_row_without_enrolled_at_confirms_nothing() -> None:
    """If this failed, the row that an MDM makes on synchronisation would pass for an enrolment."""
    assert judged(booted(), recorded(), fact("mdm_row", 1, "mdm")).verdict == "vanished"


def test_a_row_that_does_not_tell_of_enrolment_leaves_the_mdm_unread_for_its_device() -> None:
    """If this failed, a healthy device whose row lacks the field would be wiped."""
    verdict = judged(booted(), recorded(), registered(), fact("enrolment_untold", None, "mdm"))
    assert (verdict.verdict, verdict.missing) == ("unknown", ("mdm",))


def test_contributing_are_the_later_layers_that_are_proved() -> None:
    """If this failed, the second cause would be lost, or the first be told twice."""
    verdict = judged(booted(), asked(), untrusted(8), unstable(9))
    assert (verdict.layer, verdict.contributing) == ("L1", ("L6",))


def test_every_layer_has_evidence() -> None:
    """If this failed, a claim would not lead back to a line."""
    verdict = judged(booted(), asked(), clock(9.2), untrusted(8), unstable(9))
    for layer in (verdict.layer, *verdict.contributing):
        assert any(finding.layer == layer and finding.evidence for finding in verdict.findings)


def test_silence_cites_what_was_read_and_held_nothing() -> None:
    """If this failed, L2 would stand on the answer alone and not on the gap behind it."""
    finding = next(each for each in judged(booted(), asked(), *empty()).findings if each.layer == "L2")
    assert "apple.json" in {origin.path for origin in finding.evidence}


def test_conflicts_of_identity_are_shown() -> None:
    """If this failed, two devices with one UDID would look like two healthy identities."""
    conflict, line = (fact("conflict", number, "identity", "udid U is named for A, B") for number in (1, 2))
    verdict = judge(device(booted(), registered(), enrolled(), conflicts=(conflict, line)), context(), at(HOUR))
    assert [finding.text for finding in verdict.findings] == ["udid U is named for A, B"]
    assert verdict.findings[0].evidence == (conflict.origin, line.origin)


def test_independent_proofs_raise_the_confidence() -> None:
    """If this failed, confidence would not say how well a layer is proved."""
    one = judged(booted(), asked(), unstable())
    named = asked(5), log("identifier", 6, device_identifier="AA"), log("identifier", 7, device_identifier="BB")
    two = judged(booted(), *named, unstable())
    assert one.layer == two.layer == "L6"
    assert two.confidence > one.confidence


def test_a_repeated_proof_does_not_raise_the_confidence() -> None:
    """If this failed, a line that a log says ten times would pass for ten proofs."""
    one = judged(booted(), asked(), unstable(8))
    assert judged(booted(), asked(), unstable(8), unstable(9), unstable(10)).confidence == one.confidence


def test_unread_sides_lower_the_confidence() -> None:
    """If this failed, a guess on half the sources would look as sure as one on all."""
    facts = booted(), asked(), unstable()
    both = judged(*facts).confidence
    one = judged(*facts, case=context(mdm=UNREAD)).confidence
    none = judged(*facts, case=context(apple=UNREAD, mdm=UNREAD)).confidence
    assert both > one > none


def test_an_unproved_layer_lowers_the_confidence() -> None:
    """If this failed, "vanished, nobody knows why" would look as sure as a cause with proof."""
    assert judged(booted(), asked()).confidence < judged(booted(), asked(), unstable()).confidence


def test_a_registration_of_the_log_alone_is_less_sure() -> None:
    """If this failed, a device's own word would weigh as much as ABM's."""
    own = judged(booted(), log("registered", 12, by="abm-device-registered"), enrolled())
    assert own.verdict == "confirmed"
    assert own.confidence < judged(booted(), registered(), enrolled()).confidence


def test_confidence_lies_between_0_and_100() -> None:
    """If this failed, a verdict would be surer than sure."""
    facts = (booted(), asked(), clock(9.2), untimely(7), rejected("clock_drift_exceeded"))
    for each in (judged(*facts), judged(booted()), judged(), judged(registered(), enrolled())):
        assert 0 < each.confidence < 100


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ((booted(), asked(), unstable()), "never try again"),
        ((booted(), asked(), no_content()), "region"),
        ((booted(), recorded(), registered()), "MDM"),
        ((booted(), recorded()), "reimage"),
        ((), "was booted"),
        ((booted(), registered(), enrolled()), "Nothing to do"),
    ],
)
def test_the_next_action_says_what_to_do(facts: tuple[Fact, ...], words: str) -> None:
    """If this failed, a tired person would get a code instead of a sentence, or a place-holder in it."""
    action = judged(*facts).next_action
    assert words in action
    assert "{" not in action


@pytest.mark.parametrize(
    ("facts", "words", "never"),
    [
        ((pushed(), log("mdm_error", 40, by="mdm-untrusted", layer="L1")), "MDM's own host", "iprofiles.apple.com"),
        ((log("fetch_error", 40, by="cloud-configuration-untrusted", layer="L1"),), "OCSP staple", "MDM"),
        ((pushed(), record("pushed")), "did not check in with the MDM", "requestId"),
        ((certificate_missing(),), "let it cool", "never try again"),
        ((log("fetch_error", 40, by="device-identity-unverified", layer="L6"),), "over the cable", "never try again"),
        ((certificate_missing(), unstable()), "never try again", "let it cool"),
    ],
)
def test_the_next_action_is_that_of_what_proved_the_layer(facts: tuple[Fact, ...], words: str, never: str) -> None:
    """If this failed, people would mend another server's certificate, or erase what has only to cool."""
    verdict = judged(booted(), *facts, as_of=DAY)
    for said in (verdict.next_action, verdict.advice):
        assert words in said
        assert never not in said


def test_unknown_names_what_to_fetch() -> None:
    """If this failed, "unknown" would say nothing that helps."""
    assert "MDM inventory" in judged(booted(), registered(), case=context(mdm=UNREAD)).next_action


def test_an_mdm_gap_is_never_blamed_where_the_registration_is_missing() -> None:
    """If this failed, a report would send people to the MDM first (ABM first, T7)."""
    verdict = judged(booted(), recorded(), enrolled())
    assert verdict.missing == ("apple",)
    assert "ABM does not" in verdict.next_action


def test_the_verdict_says_how_it_stands_on_every_rung() -> None:
    """If this failed, `explain` could not show the ladder with its places."""
    verdict = judged(booted(), recorded(), registered())
    assert tuple(verdict.rungs) == RUNGS
    assert [rung for rung, origin in verdict.rungs.items() if origin] == ["known", "booted", "requested", "registered"]


def test_first_and_last_seen_are_of_dated_facts() -> None:
    """If this failed, the manifest's row or a token's end would pass for a sighting."""
    verdict = judged(booted(), recorded(), registered(12))
    assert (verdict.first_seen, verdict.last_seen) == (at(0), at(12))
    nothing = judged()
    assert (nothing.first_seen, nothing.last_seen) == (None, None)


def test_the_site_is_the_manifests() -> None:
    """If this failed, summaries by site would be empty."""
    assert judged(booted()).site == ATTRS["site"]
    assert judged(booted(), attrs={}).site == ""


def test_confirmations_of_a_journey_before_confirm_no_later_one() -> None:
    """If this failed, a device redeployed after days would hide behind its old MDM record."""
    old = booted(-3 * DAY), registered(-3 * DAY + 12), enrolled(-3 * DAY + 30)
    verdict = judged(*old, booted(), asked(), no_content())
    assert (*where(verdict), verdict.journeys) == ("vanished", "L4", 2)


def test_the_last_journeys_success_counts() -> None:
    """If this failed, an old failure would stick to a device for ever."""
    old = booted(-3 * DAY), asked(-3 * DAY + 5), no_content(-3 * DAY + 8)
    verdict = judged(*old, booted(), recorded(), registered(), enrolled())
    assert (*where(verdict), verdict.journeys) == ("confirmed", None, 2)


@pytest.mark.parametrize(
    ("facts", "dialects"),
    [
        ((), ()),
        ((recorded(),), ()),
        ((accepted(),), ("guide",)),
        ((pushed(),), ("apple",)),
        ((pushed(), accepted()), ("guide", "apple")),
    ],
)
def test_whose_evidence_there_is(facts: tuple[Fact, ...], dialects: tuple[str, ...]) -> None:
    """If this failed, a layer that cannot occur would be shown as passed, or one that can as not applicable."""
    assert judged(booted(), *facts).dialects == dialects


# What was read, and of whom it says nothing


def build(reach: Mapping[str, Sequence[Reach]]) -> Context:
    """A case that was read so far."""
    return build_context((), reach, thresholds(), WEIGHTS)


def answered(second: float = 5) -> Fact:
    """`pending` since then, as the v2 lifecycle of the device says it."""
    return fact("pending", second, "abm", by="lifecycle")


def test_abm_s_answer_about_a_device_is_read_for_that_device() -> None:
    """A v2 lifecycle is no list: what it says of its own device holds beside an audit that ends too early."""
    for apple in (UNREAD, 30):
        verdict = judged(booted(), asked(), answered(), case=context(apple=apple, mdm=UNREAD))
        assert (where(verdict), verdict.missing) == (("vanished", "L7"), ("mdm",))
        silent = next(each for each in verdict.findings if each.id == "apple-silent")
        assert silent.text.endswith("and shows no enrolment of it")
        assert silent.evidence[0] == answered().origin
    assert where(judged(booted(), asked(), case=context(apple=UNREAD, mdm=UNREAD))) == ("unknown", None)


def test_abm_s_answer_reaches_as_far_as_the_case_says() -> None:
    """`[coverage]` says how far ABM was read: an answer of before the deadline is no silence."""
    reach = {"apple": [Reach(at(30), 0, (answered().origin,))]}
    assert judged(booted(), asked(), answered(), case=build(reach)).verdict == "unknown"


def test_silence_cites_the_service_that_it_names() -> None:
    """If this failed, "Apple's DEP service was read" would stand on an audit of the guide's, or the other way round."""
    origins = {source: fact("known", 1, source).origin for source in ("audit", "dep")}
    reach = {"apple": [Reach(at(HOUR), 0, (origin,), "", source) for source, origin in origins.items()]}
    served = fact("dep_record", -DAY, "dep", "assigned")
    for facts, name, cited in (
        ((asked(),), "ABM was", [origins["audit"]]),
        ((served,), "Apple's DEP service was", [origins["dep"]]),
    ):
        silent = judged(booted(), *facts, case=build(reach)).findings[-1]
        assert silent.text.startswith(name)
        assert list(silent.evidence) == cited
    only = {"apple": reach["apple"][1:]}
    assert judged(booted(), case=build(only)).findings[-1].text.startswith("Apple's DEP service was")
    no_audit = next(each for each in judged(booted(), *empty(), case=build(only)).findings if each.layer == "L2")
    assert origins["dep"] not in no_audit.evidence


@pytest.mark.parametrize(("dep_s", "verdict"), [(-DAY, "unknown"), (HOUR, "half_confirmed")])
def test_what_has_no_time_is_as_old_as_its_file(dep_s: float, verdict: str) -> None:
    """A row of an MDM without a date: a DEP page that ended before that export was made cannot show its device."""
    row = fact("enrolled", None, "mdm")
    reach = {"apple": [Reach(at(dep_s), 0, (fact("known", 1, "dep").origin,))], "mdm": [Reach(at(9), 0, (row.origin,))]}
    assert judged(row, case=build(reach)).verdict == verdict
    assert judged(row, case=build({"apple": reach["apple"]})).verdict == verdict


def test_a_rejection_and_an_empty_202_are_taken_back_by_apple_alone() -> None:
    """If this failed, an MDM's record would speak for ABM, which says the contrary."""
    assert judged(booted(), asked(), rejected("clock_drift_exceeded"), enrolled()).verdict == "rejected"
    assert where(judged(booted(), asked(), *empty(), enrolled())) == ("half_confirmed", "L2")


def test_of_very_many_troubles_the_last_of_each_kind_tells_how_many_there_are() -> None:
    """If this failed, a looping device would hide how often it failed, and what went wrong after its loop."""
    failed = [log("tls_failed", second, f"reset {second}", by="tls") for second in range(1, 501)]
    late = log("error", 600, "Code=1", by="other")
    few = judged(booted(), *failed[:20])
    assert [each.text for each in few.findings if each.id == "tls"] == [each.value for each in failed[:20]]
    many = judged(booted(), *failed, late)
    assert [each.text for each in many.findings if each.kind == "signature"] == [
        *(each.value for each in failed[:20]),
        "reset 500; 479 more like it before it are not listed",
        "Code=1",
    ]
    assert judged(late, *reversed(failed), booted()) == many
