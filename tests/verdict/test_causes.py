"""The causes of L0 in the Apple dialect, and the sides and deadlines that go with them."""

import pytest
from msgspec.structs import replace
from tests.verdict.apple import (
    DAYS,
    added,
    authenticated,
    case,
    coded,
    commanded,
    failed,
    installation_failed,
    pushed,
    record,
    released,
    row,
    synced,
    unassigned,
    updated,
)
from tests.verdict.facts import at, booted, by_hand, clock, context, enrolled, fact, judged, log, probe, profile

from abm_trace.core.nouns import Fact, Origin, Verdict
from abm_trace.verdict import Context
from abm_trace.verdict.context import Reach


def told(*facts: Fact, as_of: float = DAYS, given: Context | None = None) -> Verdict:
    """The verdict of a device that booted."""
    return judged(booted(), *facts, as_of=as_of, case=given or case())


def cause(verdict: Verdict) -> str:
    """`L0 released`, `L2`, or the verdict alone where no layer is proved."""
    return f"{verdict.layer} {verdict.cause}" if verdict.cause else verdict.layer or verdict.verdict


def test_a_push_and_an_automatic_record_confirm() -> None:
    """If this failed, no device of the Apple dialect would be healthy."""
    assert told(row(), record("pushed"), pushed(), enrolled()).verdict == "confirmed"


def test_an_assigned_row_and_an_automatic_record_confirm() -> None:
    """Intune, Mosyle and Fleet never show a push; the row alone says nothing of one."""
    assert told(row(), enrolled(), given=case(dep=None)).verdict == "confirmed"
    assert told(row(), given=case(dep=None)).verdict == "vanished"
    assert told(row(), given=case(dep=None)).missing == ("apple",)
    assert told(row(), given=case(dep=None, mdm=None)).verdict == "unknown"


def test_a_token_update_is_nanomdms_record() -> None:
    """CASE.md: NanoMDM has no inventory; the first TokenUpdate stands for it."""
    verdict = told(record("pushed"), pushed(), authenticated(), updated())
    assert (verdict.verdict, verdict.last_rung) == ("confirmed", "enrolled")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([unassigned()], "L0 not_assigned"),
        ([record("deleted")], "L0 not_assigned"),
        ([added(), row(), record("deleted", -2 * DAYS)], "vanished"),
        ([released(), unassigned()], "L0 released"),
        ([released(-3 * DAYS), added(-2 * DAYS), row()], "vanished"),
        ([record("empty")], "L0 no_profile"),
        ([record("removed"), coded("no_profile")], "L0 profile_removed"),
        ([record("empty"), coded("not_assigned")], "L0 no_profile"),
        ([record("empty", -2 * DAYS), record("assigned")], "vanished"),
        ([by_hand(), coded("not_assigned")], "L0 enrolled_by_hand"),
        ([by_hand(), record("empty")], "L0 no_profile"),
    ],
)
def test_a_recorded_state_is_the_cause(facts: list[Fact], expected: str) -> None:
    """If this failed, an error code would hide what the organisation or the DEP service recorded."""
    assert cause(told(*facts)) == expected


def test_no_row_of_the_organisation_is_said_of_apples_devices_alone() -> None:
    """A guide-dialect device is in no orgDevices page, and that means nothing."""
    assert cause(told(coded("", layer=""))) == "L0 not_assigned"
    assert cause(told()) == "vanished"
    assert cause(told(coded("", layer=""), given=case(org=None))) == "vanished"
    assert cause(told(coded("", layer=""), given=case(org=-DAYS))) == "vanished"
    assert cause(told(coded("", layer=""), record("assigned"))) == "vanished"
    for known in ("known", "pending", "registered"):  # ABM's own list of devices has it.
        assert "not_assigned" not in cause(told(coded("", layer=""), fact(known, None, "abm")))


def test_a_servers_cause_is_of_the_devices_that_it_never_synced() -> None:
    """If this failed, a dead server would explain devices that it knew well."""
    ended = case(wide=[synced(-2 * DAYS), failed("terms_not_accepted", -DAYS)])
    assert cause(told(row(), given=ended)) == "L0 terms_not_accepted"
    assert cause(told(row(), coded("no_profile"), given=ended)) == "L0 terms_not_accepted"
    assert cause(told(row(), record("assigned"), given=ended)) == "vanished"
    assert cause(told(row(server="mdm-two"), given=ended)) == "vanished"


def test_a_server_that_recovered_explains_nothing() -> None:
    """SPEC section 2: only if it was still failing at the end."""
    mended = case(wide=[failed("terms_not_accepted", -DAYS), synced(60)])
    assert cause(told(row(), given=mended)) == "vanished"


def test_a_401_needs_an_expiry_that_had_passed() -> None:
    """A 401 also answers a wrong clock or a wrong key."""
    token = ("server", "mdm-one", fact("server_token", None, "token", expires_at="2026-05-01T00:00:00Z"))
    fresh = ("server", "mdm-one", fact("server_token", None, "token", expires_at="2027-05-01T00:00:00Z"))
    refused = failed("token_expired", -DAYS, "401")
    assert cause(told(row(), given=case(wide=[refused, token]))) == "L0 token_expired"
    assert cause(told(row(), given=case(wide=[refused, fresh]))) == "vanished"
    assert cause(told(row(), given=case(wide=[refused]))) == "vanished"


def test_what_passes_by_itself_counts_to_the_end_alone() -> None:
    """34006 once, then another answer: Apple's service was there."""
    assert cause(told(row(), coded("apple_unavailable", 10))) == "L0 apple_unavailable"
    assert cause(told(row(), coded("apple_unavailable", 10), coded("network_blocked", 20))) == "L0 network_blocked"
    assert cause(told(row(), coded("apple_unavailable", 10), coded("mdm_refused", 20, "mdm_error"))) == "L0 mdm_refused"


def test_a_push_overcomes_the_errors_before_it() -> None:
    """An error that was followed by success proves nothing."""
    assert cause(told(coded("no_profile", 10), record("pushed"), pushed(20))) == "L2"
    assert cause(told(coded("mdm_refused", 30, "mdm_error"), record("pushed"), pushed(20))) == "L0 mdm_refused"
    assert cause(told(coded("mdm_refused", 10, "mdm_error"), record("pushed"), pushed(20))) == "L2"


def test_a_push_without_a_time_overcomes_what_comes_before_the_mdm() -> None:
    """CASE.md: Kandji's `pushed` is dated by the boot for errors of the MDM's step."""
    assert cause(told(coded("no_profile", 10), record("pushed", None), pushed(None))) == "L2"
    kept = told(coded("mdm_refused", 10, "mdm_error"), record("pushed", None), pushed(None))
    assert cause(kept) == "L0 mdm_refused"
    first = told(coded("mdm_refused", 0, "mdm_error"), record("pushed", None), pushed(None))
    assert cause(first) == "L0 mdm_refused", "a shared log begins with it, so it is the boot"


UNREAD = case(dep=None, mdm=None, org=None)


def test_an_error_of_an_earlier_journey_is_no_end_of_this_one() -> None:
    """If this failed, a device that failed last week and was set up anew would have vanished again."""
    assert told(coded("no_profile", 10), as_of=2 * DAYS, given=UNREAD).verdict == "vanished"
    later = booted(6 * DAYS)
    assert told(coded("no_profile", 10), later, as_of=8 * DAYS, given=UNREAD).verdict == "unknown"


def test_a_clock_that_was_set_is_nothing_that_the_device_did() -> None:
    """If this failed, a device whose clock was set after its last error would not have vanished."""
    jump = log("clock_jump", 12, "3600", by="log-ndjson", boot="B")
    assert told(coded("no_profile", 10), jump, given=UNREAD).verdict == "vanished"


def test_a_push_overcomes_a_clock_sample_unless_an_error_of_time_follows() -> None:
    """The clock did not keep the device from its profile."""
    assert cause(told(clock(60), coded("", layer=""), row())) == "L3"
    assert cause(told(clock(60), record("pushed"), pushed(20))) == "L2"
    assert cause(told(clock(60), record("pushed"), pushed(20), coded("", 140, layer="L3"))) == "L3"


def test_authenticate_without_token_update() -> None:
    """The best sign of a device that was dropped in the middle."""
    assert cause(told(record("pushed"), pushed(), authenticated())) == "L0 checkin_incomplete"
    assert cause(told(record("pushed"), pushed(), authenticated(), given=case(mdm=None))) == "unknown"


def test_a_push_and_no_check_in_is_ambiguity() -> None:
    """If this failed, the real "requested but not registered" would have no name."""
    verdict = told(record("pushed"), pushed())
    assert (verdict.verdict, verdict.missing, verdict.layer) == ("half_confirmed", ("mdm",), "L2")


def test_an_installation_that_failed_is_judged_by_the_error_that_it_wraps() -> None:
    """If this failed, a payload would be mended while the SCEP server, or the MDM's certificate, stays as it is."""
    scep = coded("identity_certificate", 41, kind="mdm_error")
    told_ = told(record("pushed"), pushed(), installation_failed(), installation_failed(code="1009"), scep)
    assert (cause(told_), told_.contributing) == ("L0 identity_certificate", ())
    wrapper = next(each for each in told_.findings if each.id == "profile-installation-failed")
    assert (wrapper.layer, wrapper.cause) == ("", ""), "what went wrong stays visible"
    trust = coded("", 41, kind="mdm_error", layer="L1")
    told_ = told(record("pushed"), pushed(), installation_failed(), trust)
    assert (cause(told_), told_.contributing) == ("L1", ())


def test_an_installation_that_failed_says_itself_what_nothing_else_says() -> None:
    """Codes that name what is wrong with the profile count beside others, and 4001 where no other is left."""
    scep = coded("identity_certificate", 41, kind="mdm_error")
    assert cause(told(record("pushed"), pushed(), installation_failed())) == "L0 profile_rejected"
    assert cause(told(record("pushed"), pushed(), installation_failed(code="4009"), scep)) == "L0 profile_rejected"
    before = coded("identity_certificate", 5, kind="mdm_error")
    assert cause(told(before, record("pushed"), pushed(20), installation_failed())) == "L0 profile_rejected"
    assert cause(told(record("pushed"), pushed(), installation_failed(), coded("", kind="mdm_error", layer=""))) == (
        "L0 profile_rejected"
    ), "an error that names no cause explains nothing"


def test_a_device_that_works_for_an_mdm_checked_in() -> None:
    """Its own log is no confirmation, but L2's "never checked in" would be refuted by one of its lines."""
    verdict = told(record("pushed"), pushed(), commanded())
    assert (verdict.verdict, verdict.missing, verdict.layer) == ("half_confirmed", ("mdm",), None)
    assert verdict.last_rung == "registered"
    assert "which MDM" in verdict.next_action
    assert any(each.id == "mdm-command-processed" for each in verdict.findings)
    assert told(record("pushed"), pushed(), commanded(), enrolled()).verdict == "confirmed"
    assert told(record("pushed"), pushed(), commanded(), given=case(mdm=None)).verdict == "unknown"


def test_a_command_before_the_push_was_another_mdms() -> None:
    """A Mac that migrates works for its old MDM until it is set up anew."""
    verdict = told(record("pushed"), pushed(60), commanded(50))
    assert (verdict.layer, verdict.last_rung) == ("L2", "accepted")


def test_a_command_ends_a_check_in_and_overcomes_nothing() -> None:
    """No MDM commands a device before its TokenUpdate; an old MDM's commands say nothing of errors of the new one."""
    assert cause(told(record("pushed"), pushed(), authenticated(), commanded())) == "half_confirmed"
    assert cause(told(row(), coded("network_blocked"), commanded())) == "L0 network_blocked"


@pytest.mark.parametrize(("second", "layer"), [(25, "L0"), (50, None)])
def test_who_is_commanded_was_let_in_by_the_mdm(second: float, layer: str | None) -> None:
    """If this failed, an iPad that its MDM refused once and then took would have to be erased."""
    refused = coded("mdm_refused", 30, kind="mdm_error")
    assert told(record("pushed"), pushed(), refused, commanded(second)).layer == layer


def test_what_no_record_bears_out_is_said_of_no_device_that_the_mdm_has() -> None:
    """If this failed, people would look for the MDM in whose list the device stands."""
    for facts in ([enrolled()], [by_hand()], [fact("enrolled_without_token", 30, "mdm")]):
        assert "which MDM" not in told(coded("", layer=""), commanded(), *facts).next_action


def test_removed_after_a_push_was_still_accepted() -> None:
    """CASE.md: `removed` with a push time."""
    verdict = told(record("removed", 900), pushed(20))
    assert (verdict.verdict, verdict.last_rung) == ("half_confirmed", "accepted")
    assert told(record("removed", 900), pushed(20), enrolled()).verdict == "confirmed"


def test_by_hand_is_half_a_confirmation() -> None:
    """Beside a push the MDM is missing, without one Apple's side."""
    assert told(record("pushed"), pushed(), by_hand()).missing == ("mdm",)
    assert told(row(), by_hand()).missing == ("apple",)


def test_a_device_of_abm_or_dep_has_fifteen_minutes() -> None:
    """From boot to push, and from push to the MDM record."""
    assert told(row(), as_of=899).verdict == "in_progress"
    assert told(row(), as_of=901).verdict == "vanished"
    assert told(row(), record("pushed"), pushed(800), as_of=1600).verdict == "in_progress"
    assert told(row(), record("pushed"), pushed(800), as_of=1701).verdict == "half_confirmed"
    assert told(coded("", layer=""), as_of=64).verdict == "vanished"


def test_a_source_of_another_server_says_nothing() -> None:
    """CASE.md: read for every device that is not known to belong to another MDM server."""
    assert told(row(), given=case(dep_server="mdm-two")).verdict == "unknown"
    assert told(row(server=""), given=case(dep_server="mdm-two")).verdict == "vanished"


def test_a_redeploy_keeps_how_things_stand_and_no_push() -> None:
    """The first journey's push confirms nothing of the second."""
    first = [row(-9 * DAYS), pushed(-5 * DAYS), enrolled(-5 * DAYS)]
    verdict = told(*first, record("pushed", -5 * DAYS), fact("booted", -5 * DAYS, "log", by="article"))
    assert (verdict.verdict, verdict.journeys) == ("vanished", 2)
    assert cause(told(*first, record("removed", -2 * DAYS))) == "L0 profile_removed"


def test_apples_own_profile_lost_nothing() -> None:
    """CASE.md: a com.apple.mdm payload makes an enrolment profile; the guide's keys are not in Apple's schema."""
    real = profile(apple_mdm="yes")
    assert cause(told(row(), real)) == "vanished"
    assert cause(told(real)) == "L5"
    assert cause(told(row(), profile(apple_mdm="yes", enrollment_method="none"))) == "L5"


def test_apples_own_profile_does_not_blame_a_device_that_only_its_mdm_tells_of() -> None:
    """An MDM's list beside its own sound profile would order a fleet of enrolled devices to be erased."""
    real, unread = profile(apple_mdm="yes"), context(apple=None)
    listed = enrolled(-DAYS)

    def layer(*facts: Fact, given: Context) -> str | None:
        return judged(*facts, as_of=DAYS, case=given).layer

    assert layer(listed, real, given=unread) is None
    assert layer(listed, real, given=context()) is None
    assert layer(listed, profile(server_url="https://x"), given=context()) is None
    assert layer(fact("mdm_row", None, "mdm", "Pending"), real, given=unread) is None
    assert layer(booted(), real, given=unread) == "L5"


def test_a_record_of_its_own_says_that_the_mdm_was_read() -> None:
    """A saved answer about one device proves nothing of the others, but all of this one."""
    waiting = fact("mdm_row", None, "mdm", "awaiting enrollment")
    assert told(record("pushed"), pushed(), given=case(mdm=None)).verdict == "unknown"
    assert told(record("pushed"), pushed(), waiting, given=case(mdm=None)).verdict == "half_confirmed"


def test_an_assignment_right_before_the_boot_joins_no_journeys() -> None:
    """An administrator gives the profile again, ten minutes before the device is set up for the second time."""
    first = [fact("booted", -5 * DAYS, "log", by="article"), pushed(-5 * DAYS), enrolled(-5 * DAYS)]
    verdict = told(*first, record("assigned", -600))
    assert (verdict.verdict, verdict.journeys) == ("vanished", 2)


def test_its_own_word_of_a_check_in_is_no_silence() -> None:
    """A Mac that says that it is enrolled has checked in, whatever the MDM's list lacks."""
    own = fact("enrolled", None, "log", "enrolled via DEP, by its own word")
    assert cause(told(record("pushed"), pushed(), own)) == "half_confirmed"


def test_a_push_overcomes_a_probe() -> None:
    """The device came through the chain that the probe found expired."""
    bad = ("site", "clinic-01", probe(endpoint="iprofiles.apple.com", expired="x"))
    assert cause(told(row(), given=case(wide=[bad]))) == "L1"
    assert cause(told(record("pushed"), pushed(), given=case(wide=[bad]))) == "L2"
    informs = ("site", "clinic-01", probe(endpoint="iprofiles.apple.com", stapled="no"))
    assert cause(told(row(), given=case(wide=[informs]))) == "vanished"


def test_a_token_update_that_waits_no_longer_is_configured() -> None:
    """Apple: a key that is absent means false."""
    waits = fact("token_update", 33, "mdm", by="nanomdm", awaiting_configuration="yes")
    assert told(record("pushed"), pushed(), waits).last_rung == "enrolled"
    assert (
        told(record("pushed"), pushed(), waits, fact("token_renewed", 60, "mdm", by="nanomdm")).last_rung
        == "configured"
    )


@pytest.mark.parametrize(
    ("facts", "stops", "says"),
    [
        ([row(), released()], "released", "have it added again"),
        ([unassigned()], "not_assigned", "assigned to no MDM server"),
        ([record("deleted")], "not_assigned", "assigned to no MDM server"),
        ([row(), record("empty")], "no_profile", "no enrolment profile"),
        ([row(), record("removed")], "profile_removed", "was removed"),
    ],
)
def test_what_will_stop_a_device_is_told_before_it_is_booted(facts: list[Fact], stops: str, says: str) -> None:
    """Somebody would learn only on the staging floor that Apple does not know the device."""
    verdict = judged(*facts, as_of=DAYS, case=case())
    assert (verdict.verdict, verdict.layer, verdict.cause) == ("not_started", None, None)
    assert says in verdict.next_action
    assert [(each.id, bool(each.evidence)) for each in verdict.findings] == [(f"ahead-{stops}", True)]
    fine = judged(row(), record("assigned"), as_of=DAYS, case=case())
    assert not fine.findings
    assert "nothing to do" in fine.next_action


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ([by_hand()], "shows no automated enrolment of it"),
        ([fact("mdm_row", None, "mdm", "removed")], "shows no enrolment of it"),
        ([], "does not show it"),
    ],
)
def test_what_the_mdm_does_not_show(facts: list[Fact], says: str) -> None:
    """The next finding cites the MDM's own row of the device: it would be denied in the same breath."""
    verdict = told(record("pushed"), pushed(), *facts)
    (silent,) = [each for each in verdict.findings if each.id == "mdm-silent"]
    assert silent.text.endswith(says)


def test_another_mdm_s_dep_list_says_nothing_of_a_device() -> None:
    """In a migration every healthy device of the one MDM would fail for not standing in the other's list."""
    record_ = fact("enrolled", -DAYS, "mdm", mdm="nanomdm")
    origins = (Origin("list.json", "x", 0, 9, 1, 0, "a" * 64),)

    def of(product: str, server: str = "", source: str = "dep") -> Verdict:
        lists = [Reach(at(DAYS), 0, origins, server, source, product)]
        read = {"apple": lists, "mdm": [Reach(at(DAYS), 0, origins, "", "mdm", "nanomdm")]}
        return judged(booted(), record_, as_of=DAYS, case=replace(context(), reach=read))

    assert of("jamf").verdict == "unknown"
    assert of("jamf").missing == ("apple",)
    assert of("nanomdm").verdict == of("").verdict == of("jamf", source="audit").verdict == "half_confirmed"


@pytest.mark.parametrize(
    ("second", "facts", "verdict"),
    [
        (300, (), "confirmed"),
        (15, (), "half_confirmed"),  # Before the push: of the enrolment before.
        (-300, (), "half_confirmed"),
        (300, (authenticated(400),), "half_confirmed"),
        (500, (authenticated(400),), "confirmed"),
        (None, (), "half_confirmed"),
    ],
)
def test_who_asks_for_commands_is_in_the_mdm(second: float | None, facts: tuple[Fact, ...], verdict: str) -> None:
    """If this fails, a device that its MDM hears of is wiped, or what it said before it was erased confirms it."""
    asked = fact("connected", second, "mdm", by="nanomdm", mdm="nanomdm")
    assert told(record("pushed"), pushed(), asked, *facts).verdict == verdict


def test_who_asks_for_commands_may_have_come_by_hand() -> None:
    """If this fails, an assignment confirms an enrolment of which nobody knows how it came about."""
    asked = fact("connected", 300, "mdm", by="nanomdm", mdm="nanomdm")
    assert told(row(), asked).verdict != "confirmed"
    assert told(row(), updated()).verdict == "confirmed"


def test_asking_for_commands_goes_on_beside_journeys() -> None:
    """If this fails, a device that talked to its MDM until it was erased is confirmed by the enrolment before."""
    daily = [fact("connected", -day * DAYS - 60, "mdm", by="nanomdm", mdm="nanomdm") for day in range(5)]
    found = told(record("pushed", -5 * DAYS), pushed(-5 * DAYS), updated(-5 * DAYS + 60), *daily)
    assert (found.journeys, found.verdict) == (2, "vanished")


def test_a_later_token_update_is_an_enrolment_whose_first_nobody_kept() -> None:
    """Webhooks are lost; the proof that the MDM does not have the device would be its own event."""
    renewed = fact("token_renewed", 300, "mdm", mdm="nanomdm")
    assert told(record("pushed"), pushed(), authenticated(), renewed).verdict == "confirmed"
    before = fact("token_renewed", -300, "mdm", mdm="nanomdm")
    assert told(record("pushed"), pushed(), before).verdict == "half_confirmed"


def test_who_stands_in_the_organisation_s_list_was_not_released_before() -> None:
    """The event of the re-adding may be lost; the row is later."""
    assert cause(told(released(-5 * DAYS), row(-DAYS))) != "L0 released"
    assert cause(told(row(-5 * DAYS), released(-DAYS))) == "L0 released"


def test_an_event_that_does_not_say_how_is_outweighed_by_the_record() -> None:
    """Jamf's webhook says `enrolled` of one enrolled by hand as well: it would be confirmed."""
    event = fact("enrolled", 60, "mdm", mdm="jamf", event="MobileDeviceEnrolled")
    assert told(row(), event).verdict == "confirmed"
    assert told(row(), by_hand(), event).verdict == "half_confirmed"
    by_ade = fact("enrolled", 60, "mdm", mdm="fleet", event="mdm_enrolled", method="installed_from_dep")
    assert told(row(), by_hand(), by_ade).verdict == "confirmed"
