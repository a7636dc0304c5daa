"""The layers: what proves each and what does not, and their order."""

from collections.abc import Sequence

import pytest
from tests.verdict.facts import (
    ATTRS,
    DAY,
    ENDPOINT,
    HOUR,
    UNREAD,
    accepted,
    asked,
    booted,
    clock,
    context,
    empty,
    enrolled,
    fact,
    judged,
    log,
    methodless,
    no_content,
    pending,
    probe,
    profile,
    recorded,
    registered,
    rejected,
    reset,
    token,
    unstable,
    untimely,
    untrusted,
    where,
)

from abm_trace.core.nouns import Fact
from abm_trace.verdict import Context, layers
from abm_trace.verdict.causes import AFTER_ASKING, BEFORE_ASKING
from abm_trace.verdict.layers import RULES

FOREIGN = "eu-west.abm.apple.com"
GOOD = {"enrollment_method": "abm", "server_url": "https://us-east.abm.apple.com"}
DROPPED = {"enrollment_method": "none", "server_url": "https://us-east.abm.apple.com"}
TOKENS = ("case", "", token()), ("case", "", token("tok_old", "us-east", -HOUR))


def layer_of(*facts: Fact, case: Context | None = None, attrs: dict[str, str] = ATTRS) -> str | None:
    """The primary layer of a device that booted and has these facts."""
    return judged(booted(), *facts, case=case, attrs=attrs).layer


# L5, the payload


def test_a_method_none_in_the_log_is_l5() -> None:
    """If this failed, a profile that lost its method would leave its devices silent without a reason."""
    assert layer_of(methodless()) == "L5"


def test_a_method_none_before_a_request_proves_nothing() -> None:
    """If this failed, L5 would stand where a request was sent: it means that none ever is."""
    assert layer_of(methodless(2), asked(5)) is None
    assert layer_of(methodless(2), recorded(5)) is None
    assert layer_of(methodless(2), pending(5)) == "L7"


@pytest.mark.parametrize(
    "keys",
    [{"server_url": GOOD["server_url"]}, DROPPED, {"enrollment_method": "abm"}, {**GOOD, "enrollment_method": "None"}],
    ids=["no method", "none", "no server", "None"],
)
@pytest.mark.parametrize("scope", [("site", "clinic-01"), ("host", "mac-01"), ("case", ""), None])
def test_a_profile_that_lost_a_key_is_l5(scope: tuple[str, str] | None, keys: dict[str, str]) -> None:
    """If this failed, the decoded profile of a device, its host, its site or its case would prove nothing."""
    if scope is None:
        assert layer_of(profile(**keys)) == "L5"
    else:
        assert layer_of(case=context(wide=[(*scope, profile(**keys))])) == "L5"


def test_a_sound_profile_proves_nothing() -> None:
    """If this failed, every enrolment profile would be a suspect."""
    assert layer_of(profile(**GOOD)) is None


def test_a_profile_of_another_site_proves_nothing() -> None:
    """If this failed, one clinic's broken profile would be blamed for all."""
    assert layer_of(case=context(wide=[("site", "clinic-02", profile(**DROPPED))])) is None


def test_a_log_without_a_request_is_no_l5_by_itself() -> None:
    """If this failed, every device that only booted would be L5."""
    assert layer_of(log("preparing", 1)) is None


@pytest.mark.parametrize(
    "sign", [asked(), recorded(), accepted(), registered()], ids=["log", "audit", "202", "registration"]
)
def test_a_broken_profile_proves_nothing_where_a_request_was_sent(sign: Fact) -> None:
    """If this failed, L5 would stand beside a request (a registration implies one: the rungs below it)."""
    assert layer_of(sign, case=context(wide=[("site", "clinic-01", profile(**DROPPED))])) is None


# L3, the clock


@pytest.mark.parametrize(
    ("offset_s", "layer"), [(5.78, None), (5.79, None), (5.791, "L3"), (-5.78, None), (-5.791, "L3")]
)
def test_a_clock_sample_beyond_the_limit_is_l3(offset_s: float, layer: str | None) -> None:
    """If this failed, a clock that is right enough would be blamed, or a wrong one not, in either direction."""
    assert layer_of(asked(), clock(offset_s)) == layer


def test_the_devices_own_measure_counts_too() -> None:
    """If this failed, `Clock offset:` in the log would be noise."""
    assert layer_of(asked(), log("clock_offset", 4, by="clock-offset", offset="9.2")) == "L3"


def test_the_last_sample_counts() -> None:
    """If this failed, a clock that was set right would stay wrong."""
    assert layer_of(asked(), clock(9.2, 4), clock(0.1, 300)) is None


def test_a_sample_before_a_registration_is_overcome() -> None:
    """If this failed, L3 would be blamed for a device that registered in spite of its clock."""
    assert where(judged(booted(), clock(9.2, 4), asked(), registered(40))) == ("half_confirmed", None)


def test_a_handshake_refused_for_time_is_l3() -> None:
    """If this failed, the device's own word on its clock would not count."""
    assert layer_of(asked(), untimely()) == "L3"


def test_a_reset_proves_nothing() -> None:
    """If this failed, every broken connection would be a wrong clock or a missing staple."""
    verdict = judged(booted(), asked(), reset())
    assert (verdict.layer, verdict.contributing) == (None, ())
    assert any(finding.id == "tls-handshake-other" and not finding.layer for finding in verdict.findings)


def test_nonce_expired_alone_is_l3_with_lower_confidence() -> None:
    """If this failed, a late answer would be as sure a sign as a measured clock."""
    nonce = log("error", 8, "Code=33014", by="nonce-expired", layer="L3")
    alone = judged(booted(), asked(), nonce)
    assert alone.layer == "L3"
    assert alone.confidence < judged(booted(), asked(), untimely()).confidence
    assert judged(booted(), asked(), nonce, untimely()).confidence > alone.confidence


def test_a_staging_hosts_clock_is_a_risk_and_no_proof() -> None:
    """If this failed, a Mac's wrong clock would be the proved cause of every iPad staged at it."""
    skewed = context(
        wide=[("host", "mac-01", fact("clock_offset", -600, "clock", "8", staging_host="mac-01", offset="8"))]
    )
    # `build` keeps host samples under the name of the host.
    verdict = judged(booted(), recorded(), case=skewed)
    assert (verdict.layer, verdict.contributing) == (None, ("L3",))
    assert judged(booted(), recorded(), registered(), enrolled(), case=skewed).contributing == ()
    elsewhere = {**ATTRS, "staging_host": "mac-02"}
    assert judged(booted(), recorded(), case=skewed, attrs=elsewhere).contributing == ()


# L1, trust


@pytest.mark.parametrize(
    "says",
    [{"stapled": "no"}, {"verify_code": "10"}, {"expired": "CN=R3"}, {"expired": "DST Root CA X3"}],
    ids=["staple", "expired", "chain", "dst"],
)
def test_a_bad_probe_of_the_segment_is_l1(says: dict[str, str]) -> None:
    """If this failed, a segment that cannot trust ABM would stage on."""
    for scope in (("site", "clinic-01"), ("host", "mac-01"), ("case", "")):
        assert layer_of(asked(), case=context(wide=[(*scope, probe(**says))])) == "L1"


def test_a_probe_of_no_known_server_or_segment_proves_nothing() -> None:
    """A cut transcript at the top of a case would be the cause of every device's end, whatever it was asked of."""
    nameless = probe(endpoint="", stapled="no")
    assert layer_of(asked(), case=context(wide=[("case", "", nameless)])) is None
    assert layer_of(asked(), case=context(wide=[("site", "clinic-01", nameless)])) == "L1"


def test_a_good_probe_proves_nothing() -> None:
    """If this failed, every probe would be a proof."""
    assert layer_of(asked(), case=context(wide=[("site", "clinic-01", probe())])) is None


def test_a_missing_staple_elsewhere_only_informs() -> None:
    """If this failed, hosts that staple nothing on purpose would be blamed for L1."""
    other = probe(endpoint="deviceenrollment.apple.com", stapled="no")
    assert layer_of(asked(), case=context(wide=[("site", "clinic-01", other)])) is None


@pytest.mark.parametrize(("name", "layer"), [("*.abm.apple.com", "L1"), ("*.apple.com", None), ("*.com", None)])
def test_a_certificate_of_all_hosts_of_a_domain_is_of_each_of_them(name: str, layer: str | None) -> None:
    """A transcript of `openssl s_client` without its command line says no more, and its fault would be lost."""
    assert (
        layer_of(
            asked(endpoint=ENDPOINT), case=context(wide=[("site", "clinic-01", probe(endpoint=name, stapled="no"))])
        )
        == layer
    )


def test_a_probe_of_an_endpoint_that_the_device_does_not_use_proves_nothing() -> None:
    """If this failed, one region's broken endpoint would be blamed at another's."""
    other = context(wide=[("site", "clinic-01", probe(endpoint=FOREIGN, stapled="no"))])
    assert layer_of(asked(endpoint=ENDPOINT), case=other) is None
    assert layer_of(case=other) is None
    assert layer_of(asked(endpoint=FOREIGN), case=other, attrs={**ATTRS, "token_id": ""}) == "L1"


def test_a_probe_of_another_segment_proves_nothing() -> None:
    """If this failed, one clinic's proxy would be every clinic's."""
    assert layer_of(asked(), case=context(wide=[("site", "clinic-02", probe(stapled="no"))])) is None


@pytest.mark.parametrize(
    ("second", "layer"),
    [(-12 * HOUR, "L1"), (-12 * HOUR - 1, None), (12 * HOUR, "L1"), (12 * HOUR + 1, None), (None, "L1")],
)
def test_a_probe_speaks_for_twelve_hours(second: float | None, layer: str | None) -> None:
    """If this failed, last week's probe would explain today; one without a time speaks for all time."""
    case = context(apple=DAY, mdm=DAY, wide=[("site", "clinic-01", probe(second, stapled="no"))])
    assert judged(booted(), asked(), as_of=DAY, case=case).layer == layer


def test_of_two_probes_the_nearer_one_speaks() -> None:
    """If this failed, a segment that was mended before the staging would still be blamed."""
    bad, mended = probe(-9 * HOUR, stapled="no"), probe(-HOUR)
    assert layer_of(asked(), case=context(wide=[("site", "clinic-01", bad), ("site", "clinic-01", mended)])) is None


def test_a_tls_error_of_trust_is_l1() -> None:
    """If this failed, the device's own word on the chain would not count."""
    assert layer_of(asked(), untrusted()) == "L1"


def test_a_registration_overcomes_a_bad_probe() -> None:
    """If this failed, L1 would be blamed although the device got through the handshake."""
    bad = context(wide=[("site", "clinic-01", probe(stapled="no"))])
    assert where(judged(booted(), asked(), registered(), case=bad)) == ("half_confirmed", None)


# L4, the region


def test_a_204_is_l4() -> None:
    """If this failed, the empty answer of a foreign region would be silence without a cause."""
    assert layer_of(asked(), no_content()) == "L4"
    assert layer_of(asked(), fact("response_204", 8, "capture", endpoint=ENDPOINT)) == "L4"


def test_a_token_of_another_region_is_l4() -> None:
    """If this failed, L4 could be seen only where an answer was kept."""
    assert layer_of(asked(endpoint=FOREIGN), case=context(wide=TOKENS)) == "L4"
    assert layer_of(asked(endpoint=ENDPOINT), case=context(wide=TOKENS)) is None


def test_the_captures_token_region_goes_before_the_tokens() -> None:
    """If this failed, a capture that names its token's region would be judged by the manifest's token."""
    other = fact("requested", 5, "capture", endpoint=ENDPOINT, token_region="eu-west")  # noqa: S106  # A region.
    same = fact("requested", 5, "capture", endpoint=FOREIGN, token_region="eu-west")  # noqa: S106  # A region.
    assert layer_of(other, case=context(wide=TOKENS)) == "L4"
    assert layer_of(same, case=context(wide=TOKENS)) is None


def test_without_a_token_no_region_is_wrong() -> None:
    """If this failed, an unknown token would prove a mismatch."""
    assert layer_of(asked(endpoint=FOREIGN)) is None


def test_the_token_may_be_named_by_an_export() -> None:
    """If this failed, a manifest without `token_id` would hide a mismatch that ABM's own row names."""
    row = fact("pending", 5, "abm", token_id="tok_us")  # noqa: S106  # The id of a made-up token.
    bare = {"serial": ATTRS["serial"]}
    assert layer_of(asked(endpoint=FOREIGN), row, case=context(wide=TOKENS), attrs=bare) == "L4"


def test_a_later_registration_overcomes_l4() -> None:
    """If this failed, a first try at the wrong region would be blamed after the second arrived."""
    facts = asked(5, FOREIGN), no_content(8), asked(20), registered(40)
    assert where(judged(booted(), *facts, case=context(wide=TOKENS))) == ("half_confirmed", None)


# L6, the identity


def test_code_4001_is_l6() -> None:
    """If this failed, the DeviceCheck race would go unnamed."""
    assert layer_of(asked(), unstable()) == "L6"


def test_two_identifiers_are_l6() -> None:
    """If this failed, an unstable identifier would be seen only where ABM says so."""
    verdict = judged(booted(), recorded(5, "req_1", "aa11"), recorded(40, "req_2", "bb22"))
    assert (verdict.layer, verdict.identifiers) == ("L6", ("AA11", "BB22"))


def test_one_identifier_in_two_spellings_is_one() -> None:
    """If this failed, the case of a hexadecimal number would make an unstable identity."""
    assert layer_of(recorded(5, "req_1", "aa11"), log("identifier", 4, device_identifier="AA11")) is None


def test_an_identifier_that_breaks_off_is_no_second_one() -> None:
    """A log that is cut in its last line (`deviceIdentifier=9c1`) would send its device to be erased."""
    whole, cut = recorded(5, "req_1", "9c1e560"), log("identifier", 4, device_identifier="9c1")
    assert layer_of(whole, cut) is None
    assert layer_of(whole, cut, log("identifier", 4.5, device_identifier="9c2")) == "L6"


def test_identifiers_of_two_journeys_prove_nothing() -> None:
    """If this failed, every redeployment would be an unstable identity."""
    old = booted(-3 * DAY), recorded(-3 * DAY + 5, "req_0", "aa11")
    verdict = judged(*old, booted(), recorded(5, "req_1", "bb22"))
    assert (verdict.layer, verdict.identifiers) == (None, ("BB22",))


# L0, the others


def test_a_401_with_an_expired_token_is_token_expired() -> None:
    """If this failed, an expired token would be nobody's fault."""
    refused = log("response_401", 8, by="abm-response-401")
    old = {**ATTRS, "token_id": "tok_old"}
    verdict = judged(booted(), asked(), refused, case=context(wide=TOKENS), attrs=old)
    assert (*where(verdict), verdict.cause) == ("vanished", "L0", "token_expired")
    captured = fact("http_error", 8, "capture", "401", endpoint=ENDPOINT)
    assert judged(booted(), asked(), captured, case=context(wide=TOKENS), attrs=old).cause == "token_expired"


def test_a_401_with_a_valid_token_or_an_expired_token_alone_prove_nothing() -> None:
    """If this failed, either half of the proof would stand for both."""
    refused = log("response_401", 8, by="abm-response-401")
    assert layer_of(asked(), refused, case=context(wide=TOKENS)) is None
    assert layer_of(asked(), case=context(wide=TOKENS), attrs={**ATTRS, "token_id": "tok_old"}) is None


@pytest.mark.parametrize(
    ("reason", "layer", "cause"),
    [
        ("clock_drift_exceeded", "L3", None),
        ("certificate_expired", "L1", None),
        ("tls_handshake_failed", "L1", None),
        ("region_mismatch", "L4", None),
        ("token_region_mismatch", "L4", None),
        ("identifier_unstable", "L6", None),
        ("duplicate_identifier", "L6", None),
        ("payload_invalid", "L5", None),
        ("profile_invalid", "L5", None),
        ("quota_exceeded", "L0", "rejected"),
        ("", "L0", "rejected"),
    ],
)
def test_a_rejections_reason_names_the_layer(reason: str, layer: str, cause: str | None) -> None:
    """If this failed, ABM's own reason would be put into the wrong drawer."""
    verdict = judged(booted(), recorded(), rejected(reason))
    assert (*where(verdict), verdict.cause) == ("rejected", layer, cause)


def test_a_signature_of_l0_names_its_own_cause() -> None:
    """If this failed, every user's rule of L0 would call its cause a rejection."""
    down = fact("error", 8, "log", "503", by="my-rule", layer="L0", cause="apple_unavailable")
    verdict = judged(booted(), asked(), down)
    assert (verdict.verdict, verdict.layer, verdict.cause) == ("vanished", "L0", "apple_unavailable")


# L2 and L7, silence


def test_an_empty_202_without_a_registration_is_l2() -> None:
    """If this failed, the promise that ABM never kept would have no name."""
    assert layer_of(asked(), *empty()) == "L2"


def test_an_empty_202_is_l2_where_no_audit_was_read() -> None:
    """If this failed, L2 would need an export that is often missing."""
    verdict = judged(booted(), asked(), *empty(), case=context(apple=UNREAD))
    assert verdict.layer == "L2"
    assert verdict.confidence < judged(booted(), asked(), *empty()).confidence


def test_a_202_that_names_the_device_is_no_l2() -> None:
    """If this failed, every accepted request would be ambiguous."""
    assert layer_of(asked(), accepted()) is None


def test_a_registration_after_an_empty_202_keeps_the_promise() -> None:
    """If this failed, a slow registration would stay a broken promise."""
    assert where(judged(booted(), asked(), *empty(), registered(40))) == ("half_confirmed", None)


@pytest.mark.parametrize(("age_s", "layer"), [(89, None), (90, None), (91, "L7")])
def test_pending_past_90_seconds_is_l7(age_s: float, layer: str | None) -> None:
    """If this failed, Pending would be a failure too soon, or never."""
    verdict = judged(booted(), pending(5), as_of=5 + age_s)
    assert where(verdict) == ("vanished", layer)


def test_a_pendings_age_is_what_the_list_can_know() -> None:
    """If this failed, an old list would let a Pending grow that may have ended since."""
    assert layer_of(pending(5), case=context(apple=70)) is None
    assert layer_of(pending(5), case=context(apple=120)) == "L7"


def test_pending_after_72_hours_is_still_l7() -> None:
    """If this failed, limbo would be another layer than the Pending it grew from."""
    assert judged(booted(), pending(5), as_of=73 * HOUR).layer == "L7"


def test_a_registration_ends_a_pending() -> None:
    """If this failed, a row that was Pending once would stay in limbo."""
    assert where(judged(booted(), pending(5), registered(200))) == ("half_confirmed", None)


@pytest.mark.parametrize("layer", ["L3", "L1", "L4", "L6"])
def test_silence_is_no_layer_where_anything_above_is_proved(layer: str) -> None:
    """If this failed, L2 and L7 would contribute to devices whose cause is known."""
    causes = {"L3": untimely(), "L1": untrusted(), "L4": no_content(), "L6": unstable()}
    verdict = judged(booted(), asked(), *empty(10), pending(11), causes[layer])
    assert (verdict.layer, verdict.contributing) == (layer, ())


# Errors that were overcome, errors that were not


@pytest.mark.parametrize("error", [unstable(8), untrusted(8), untimely(8), no_content(8)])
def test_an_error_followed_by_a_registration_proves_nothing(error: Fact) -> None:
    """If this failed, the first try would be blamed for what happened after the second."""
    assert where(judged(booted(), asked(), error, registered(40))) == ("half_confirmed", None)


@pytest.mark.parametrize(
    "error",
    [
        unstable(8),
        untrusted(8),
        untimely(8),
        no_content(8),
        clock(9.0),
        log("fetch_error", 8, layer="L0", cause="network_blocked"),
        log("mdm_error", 8, layer="L0", cause="mdm_unreachable"),
    ],
)
def test_an_error_followed_by_an_mdm_record_proves_nothing(error: Fact) -> None:
    """A reached rung implies those below it, also where Apple's side is absent or was not read."""
    for mdm in (enrolled(60), fact("enrolled", None, "mdm")):
        verdict = judged(booted(), asked(), error, mdm)
        assert (where(verdict), verdict.missing) == (("half_confirmed", None), ("apple",))
        assert where(judged(booted(), asked(), error, mdm, case=context(apple=UNREAD))) == ("unknown", None)
    assert judged(booted(), asked(), error, enrolled(3)).layer is not None


def test_an_mdm_record_overcomes_a_bad_probe() -> None:
    """If this failed, the TLS of a site would be blamed for a device that got through it."""
    bad = context(wide=[("site", "clinic-01", probe(stapled="no"))])
    assert layer_of(asked(), case=bad) == "L1"
    assert layer_of(asked(), enrolled(), case=bad) is None


@pytest.mark.parametrize("error", [unstable(60), untrusted(60), untimely(60), no_content(60)])
def test_an_error_after_a_registration_stands(error: Fact) -> None:
    """If this failed, a registration would whitewash all that comes later."""
    verdict = judged(booted(), asked(), registered(40), error)
    assert verdict.verdict == "half_confirmed"
    assert verdict.layer is not None


# The order


def _coded(cause: str) -> tuple[Fact, ...]:
    """An error code that means a cause of L0."""
    return (log("mdm_error", 310, by=cause, layer="L0", cause=cause),)


_PROOFS: dict[tuple[str, str], Sequence[Fact]] = {
    **{("L0", cause): _coded(cause) for cause in BEFORE_ASKING},
    ("L5", ""): (methodless(320),),
    ("L3", ""): (untimely(301),),
    ("L1", ""): (untrusted(302),),
    ("L4", ""): (no_content(303),),
    ("L6", ""): (unstable(304),),
    **{("L0", cause): _coded(cause) for cause in AFTER_ASKING},
    ("L0", "rejected"): (rejected("quota_exceeded", 306),),
    ("L2", ""): empty(7),
    ("L7", ""): (pending(6),),
}
_ORDER = list(_PROOFS)


def test_the_rules_stand_in_the_specifications_order() -> None:
    """If this failed, another layer than the first that blocks would be primary."""
    assert [(rule.layer, rule.cause) for rule in RULES] == _ORDER


@pytest.mark.parametrize("first", range(len(_ORDER) - 1), ids=lambda place: "-".join(filter(None, _ORDER[place])))
def test_of_two_neighbours_the_earlier_one_is_primary(first: int) -> None:
    """If this failed, a pair of causes on one device would be told in the wrong order."""
    one, other = _ORDER[first], _ORDER[first + 1]
    facts = [*_PROOFS[one], *_PROOFS[other]]
    verdict = judged(booted(), *facts, case=context(wide=TOKENS))
    assert (verdict.layer, verdict.cause or "") == one
    contributes = other[0] not in {"L2", "L7", one[0]}
    assert verdict.contributing == ((other[0],) if contributes else ())


def test_region_and_pending_occur_in_the_guides_dialect_alone() -> None:
    """If this failed, a layer that cannot occur would be shown as passed."""
    apple = [
        layer for layer in ("L0", "L1", "L2", "L3", "L4", "L5", "L6", "L7") if layers.applicable(("apple",), layer)
    ]
    assert apple == ["L0", "L1", "L2", "L3", "L5", "L6"]
    assert all(layers.applicable(dialects, "L4") for dialects in ((), ("guide",), ("guide", "apple")))
