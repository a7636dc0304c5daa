"""Deciding: allowed, denied, unknown, closed; the guide's rule in both syntaxes; the shipped policies' own tests."""

from collections.abc import Mapping, Sequence
from random import Random

import msgspec
import pytest
from tests.gates.policy import opa

from abm_trace.checks.firmware import needs
from abm_trace.core.errors import UsageError
from abm_trace.gates import policy
from abm_trace.gates.policy import Decision, Reason, decide, run_tests
from abm_trace.gates.policy.documents import Device, Payload, PolicyDocument, Settings, Token
from abm_trace.gates.policy.modules import Module, chosen, shipped

VERSIONS = ("18.4", "18.10", "18.3.2", "18.4.1", "9.3", "26.1", "18.x", "", "18", None)
METHODS = ("abm", "none", "manual", "", None)


def one(text: str) -> Decision:
    """What one module decides of a document that says nothing."""
    (found,) = decide([Module("p.rego", f"package p\n{text}\n")], [("d", PolicyDocument())], Settings())
    return found


@pytest.mark.parametrize(
    ("rule", "state", "message"),
    [
        ('deny contains "no" if not input.device.serial', "denied", "no"),
        ('deny contains {"msg": "no", "fix": "do"} if true', "denied", "no"),
        ("deny if not input.device.serial", "denied", "p.deny holds"),
        ('deny := "no"', "denied", "no"),
        ('warn contains "soon" if true', "allowed", "soon"),
        ('unknown contains "what" if true', "unknown", "what"),
        ("deny contains 5 if true", "denied", "data.p.deny says 5, which is no message"),
        ('deny := {"why": "x"}', "denied", 'data.p.deny says {"why": "x"}, which is no message'),
        ('deny contains "x" if 1 / (count(input.site)) == 0', "denied", "p.rego:2: divide by zero"),
    ],
)
def test_what_a_rule_says(rule: str, state: str, message: str) -> None:
    """If this failed, a no would be read as a yes, or as nothing."""
    found = one(rule)
    assert found.state == state
    assert [each.message for each in found.reasons] == [message]


def test_a_rule_that_does_not_hold_denies_nothing() -> None:
    """If this failed, every device would be held back."""
    assert one("deny if input.device.serial").reasons == ()
    assert one("default deny := false\ndeny if input.device.serial").reasons == ()


def test_what_is_not_known_is_not_there() -> None:
    """If this failed, null would be compared as a value: null < "18.4" is true."""
    assert one('deny contains "x" if input.device.os_version < "18.4"').state == "allowed"
    assert one('deny contains "x" if not input.device.os_version').state == "denied"


def test_one_reason_to_deny_is_enough() -> None:
    """If this failed, a missing fact or a warning would hide a no."""
    reasons = (Reason("p", "unknown", "?"), Reason("p", "deny", "no"), Reason("p", "warn", "!"))
    assert Decision("d", reasons).state == "denied"
    assert Decision("d", reasons[::2]).state == "unknown"
    assert Decision("d", reasons[2:]).state == "allowed"


def test_a_policy_without_a_rule_that_decides_is_refused() -> None:
    """If this failed, a policy whose rule is misspelled would allow everything."""
    with pytest.raises(UsageError, match="no policy decides anything"):
        one('denied contains "x"')


def documents() -> list[tuple[str, PolicyDocument]]:
    """200 of them, of versions and profiles good and bad."""
    random = Random(5)
    return [
        (
            str(number),
            PolicyDocument(
                device=Device(os_version=random.choice(VERSIONS)),
                payload=random.choice(
                    (None, Payload(enrollmentMethod=random.choice(METHODS)), Payload(serverUrl="https://x"))
                ),
            ),
        )
        for number in range(200)
    ]


def test_the_two_syntaxes_agree_on_200_documents() -> None:
    """If this failed, the guide's rule would mean one thing before OPA 1.0 and another after."""
    new, old = chosen(["guide"]), chosen(["v0/guide"])
    told = [
        [
            (each.name, each.state, sorted((r.kind, r.message, r.fix) for r in each.reasons))
            for each in decide(modules, documents(), Settings(), v0=v0)
        ]
        for modules, v0 in ((new, False), (old, True))
    ]
    assert told[0] == told[1]
    states = [state for _, state, _ in told[0]]
    assert min(states.count(state) for state in ("allowed", "denied", "unknown")) >= 10
    assert not any("closed" in str(reasons) for _, _, reasons in told[0])


@opa.needed
def test_opa_itself_decides_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the shipped policies would hold with the built-in engine and not with OPA's, whose Rego is."""
    given = [
        (name, msgspec.structs.replace(each, device=msgspec.structs.replace(device, model=model, build=build)))
        for name, each in documents()[:60]
        if (device := each.device)
        for model, build in (("iPad16,3", None), ("iPad16,3", "22F76"), ("iPad13,1", None))
    ]
    ours = list(decide(shipped(), given, Settings(), firmware=needs()))

    def theirs(_: str, modules: Sequence[Module], data: Mapping[str, object], **_options: object) -> opa.OpaEngine:
        return opa.OpaEngine([(each.path, each.text) for each in modules], data)

    monkeypatch.setattr(policy, "engine", theirs)
    assert list(decide(shipped(), given, Settings(), firmware=needs())) == ours
    runs, _ = run_tests(shipped(tests=True), Settings())
    assert len(runs) >= 35
    assert [each for each in runs if each.state != "passed"] == []


def test_18_10_is_later_than_18_4() -> None:
    """If this failed, versions would be compared as texts, as the guide does, and the newest devices slip through."""
    document = PolicyDocument(device=Device(os_version="18.10"), payload=Payload(enrollmentMethod="none"))
    for name in ("guide", "v0/guide"):
        (found,) = decide(chosen([name]), [("d", document)], Settings(), v0=name.startswith("v0"))
        assert found.state == "denied"


def test_settings_reach_the_policies() -> None:
    """If this failed, limits could be written down and not be kept."""
    document = PolicyDocument(
        device=Device(serial="f9fxq1abcd", model="iPad16,3", os_version="18.3", clock_offset_s=1),
        payload=Payload(enrollmentMethod="abm", serverUrl="https://us-east.abm.apple.com"),
        token=Token(region="us-east", createdAt="2026-05-01T00:00:00Z", tokenExpiry="2026-08-01T00:00:00Z"),
        as_of="2026-05-17T00:00:00Z",
    )
    (free,) = decide(shipped(), [("d", document)], Settings())
    assert free.state == "allowed", free.reasons
    strict = Settings(
        regions=("eu-west",), token_age_days_max=10, clock_offset_s_max=0.5, quarantine=("F9FXQ1ABCD",),
    )  # fmt: skip
    (held,) = decide(shipped(), [("d", document)], strict, firmware=needs())
    assert {each.policy for each in held.reasons} == {
        "abm.region", "abm.token_age", "abm.clock", "abm.quarantine", "abm.firmware"
    }  # fmt: skip


def test_the_shipped_tests_pass_and_cover_every_line() -> None:
    """If this failed, a shipped policy would be wrong, or hold a rule that nobody tried."""
    runs, covered = run_tests(shipped(tests=True), Settings())
    assert len(runs) >= 35
    assert [each for each in runs if each.state != "passed"] == []
    policies = [each for each in covered if not each["path"].endswith("_test.rego")]
    assert len(policies) == 8
    assert {each["path"]: each["not_covered"] for each in policies if each["not_covered"]} == {}


def test_tests_that_fail_or_hang_are_told() -> None:
    """If this failed, `policy test` would be green for a policy that is not."""
    text = (
        "package p\ntest_good if true\ntest_bad if 1 == 2\ntest_odd := 5\n"
        "test_hangs if { some i in numbers.range(1, 20000); some j in numbers.range(1, 20000); i + j == 99999999 }\n"
    )
    runs, _ = run_tests([Module("p_test.rego", text)], Settings())
    assert [(each.name, each.state, each.why) for each in runs] == [
        ("test_good", "passed", ""),
        ("test_bad", "failed", "it does not hold"),
        ("test_odd", "failed", "it is [5]"),
        ("test_hangs", "closed", "the policy took longer than 2 s"),
    ]
    with pytest.raises(UsageError, match="there is no test"):
        run_tests([Module("p.rego", "package p\n")], Settings())
