"""Tests of abm_trace.signatures: the shipped rules, their scope, and what a match makes."""

import re
from pathlib import Path

import pytest
from tests.signatures.apple_errors import CLOUD, CODES, FORMS, INSTALL, NEAR_MISSES, PROFILE, REAL
from tests.signatures.building import HEAD, read_detection, record

from abm_trace import signatures
from abm_trace.core.nouns import Fact, Origin, Record
from abm_trace.signatures import PROCESSES, Signature, SignatureError, facts, in_scope, load, match, rule

SHIPPED = {signature.id: signature for signature in load()[0]}
EXAMPLES = [(name, example) for name, signature in SHIPPED.items() for example in signature.examples]

# Every message of CASE.md, "Messages that carry facts", and the rungs and layers that SPEC section 2 gives them.
MESSAGES = {
    "Preparing for enrollment…": {("preparing", "")},
    "ABMRegistrationStarted": {("requested", "")},
    "Sending enrollment request to https://eu-west.abm.apple.com/v1/devices": {("requested", "")},
    "deviceIdentifier=9c1e44aa07": {("identifier", "")},
    'ABM response: 202 {"status":"accepted","requestId":"req_8a3f1b2c","devices":[]}': {
        ("accepted", ""), ("response_empty", "L2"),
    },
    'ABM response: 202 {"status":"accepted","requestId":"req_1","devices":[{"device_id":"dev_1"}]}': {("accepted", "")},
    "ABM response: 204": {("response_204", "L4")},
    "ABMRegistrationSucceeded": {("registered", "")},
    "ABMDeviceRegistered": {("registered", "")},
    "MDMProfileAssigned": {("profile", "")},
    "TLS handshake failed: certificate is not yet valid": {("error", "L3")},
    "TLS handshake failed: certificate expired at device time 2031-01-01": {("error", "L3")},
    "TLS handshake failed: verify error:num=10:certificate has expired": {("error", "L1")},
    "TLS handshake failed: unknown issuer": {("error", "L1")},
    "TLS handshake failed: OCSP staple missing": {("error", "L1")},
    "TLS handshake failed: connection reset by peer": {("tls_failed", "")},
    "Clock offset: 5.80 s": {("clock_offset", "")},
    "enrollmentMethod=abm": {("method", "")},
    "enrollmentMethod=none": {("method_none", "L5")},
    "DEPDeviceSynced": {("synced", "")},
    "DEPDeviceEnrolled": {("enrolled", "")},
    'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "Device identifier rejected" UserInfo={…}': {
        ("error", "L6"),
    },
}  # fmt: skip


def facts_of(found: Record) -> list[Fact]:
    """The facts that all shipped signatures see in a record."""
    return list(facts(match(found, SHIPPED.values(), 7, 40), SHIPPED, "a.log"))


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}-{n}" for n, (name, _) in enumerate(EXAMPLES)])
def test_the_examples_of_each_shipped_rule_hold(name: str, example: object) -> None:
    """A rule would not do what it shows (SPEC T5: the examples are themselves tests)."""
    signature = SHIPPED[name]
    given = next(each for each in signature.examples if each is example)
    seen = match(record(given.message, given.process or "teslad"), [signature], 0, 0)
    assert bool(seen) == given.matches
    if given.value is not None:
        assert seen[0][2] == given.value


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_each_shipped_rule_shows_what_it_finds_and_what_not_and_who_says_so(name: str) -> None:
    """A rule would come without proof of what it claims."""
    signature = SHIPPED[name]
    assert {example.matches for example in signature.examples} == {True, False}
    assert signature.references
    assert signature.description
    assert re.fullmatch(r"[a-z0-9-]+", name)


@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_each_message_of_the_case_format_carries_its_fact(message: str) -> None:
    """A device would lose a rung, or a layer its proof."""
    assert {(fact.kind, fact.layer) for fact in facts_of(record(message))} == MESSAGES[message]


@pytest.mark.parametrize("message", sorted(MESSAGES))
@pytest.mark.parametrize("before", ["last message was: ", "[other] ", " ", "x"])
def test_the_same_words_inside_another_message_carry_none(message: str, before: str) -> None:
    """CASE.md: a message carries a fact only where it begins with the text; a quotation would blame a device."""
    assert facts_of(record(before + message)) == []


@pytest.mark.parametrize("message", sorted(MESSAGES))
@pytest.mark.parametrize("process", ["SpringBoard", "analyticsd", "trustd", "teslad2", ""])
def test_a_process_outside_enrolment_carries_none(message: str, process: str) -> None:
    """SPEC section 2: another process that quotes the message would make a fact."""
    assert facts_of(record(message, process)) == []


@pytest.mark.parametrize("form", sorted(FORMS))
def test_each_documented_code_means_what_the_specification_says_once(form: str) -> None:
    """A device would get a wrong layer or cause, or one error would be told twice."""
    seen = {}
    for domain, code, *_ in CODES:
        seen[domain, code] = [
            (fact.kind, fact.layer, fact.cause)
            for fact in facts_of(record(FORMS[form].format(domain=domain, code=code)))
        ]
    assert seen == {(domain, code): [(kind, layer, cause)] for domain, code, kind, layer, cause in CODES}


def test_the_fact_says_domain_code_and_text() -> None:
    """A reader of the report would have to open the log to learn which error it was."""
    (fact,) = facts_of(record(f'(34006) Error Domain={CLOUD} Code=34006 "The server is unavailable." UserInfo={{}}'))
    assert fact.value == f'{CLOUD} Code=34006 "The server is unavailable."'
    assert fact.attrs == {"code": "34006"}


def test_the_suggestion_beside_an_installation_that_failed_is_said() -> None:
    """4001 means no more than "installation failure": without Apple's sentence nobody knows what to mend."""
    block = "Desc   : {}\nSugg   : {}\nUS Desc: x\nDomain : {}\nCode   : {}\nType   : MCFatalError"
    outer = block.format("Profile Installation Failed", "The SCEP server returned an invalid response.", INSTALL, 4001)
    inner = block.format("Not installed", "The server is busy.", PROFILE, 1009)
    said = {
        fact.origin.by: fact.attrs for fact in facts_of(record(f"Error: NSError:\n{outer}\n...Underlying:\n{inner}"))
    }
    assert said == {
        "profile-installation-failed": {"code": "4001", "reason": "The SCEP server returned an invalid response."},
        "profile-malformed": {"code": "1009", "reason": "The server is busy."},
    }


def test_the_refusal_of_a_mac_is_named_without_a_layer() -> None:
    """34007 would be told as any other error, or blamed on a layer that no source names."""
    (fact,) = facts_of(record(f'Error Domain={CLOUD} Code=34007 "It could not verify the identity of this device."'))
    assert (fact.origin.by, fact.layer, fact.cause) == ("device-identity-refused", "", "")


@pytest.mark.parametrize("message", NEAR_MISSES)
def test_what_only_resembles_an_error_is_none(message: str) -> None:
    """A number in prose, or another maker's domain, would blame a device."""
    for domain, code, *_ in CODES:
        assert facts_of(record(message.format(domain=domain, code=code))) == []


@pytest.mark.parametrize("digit", ["0", "1", "9", "x", "_"])
def test_codes_are_exact(digit: str) -> None:
    """340061 would be read as 34006."""
    for domain, code, _, layer, _ in CODES:
        if layer:
            longer = facts_of(record(f'Error Domain={domain} Code={code}{digit} "x"'))
            assert [fact for fact in longer if fact.layer] == []


@pytest.mark.parametrize("process", ["SpringBoard", "analyticsd", "dasd", "teslad2", "xprofiled", "Setup Helper", ""])
def test_an_error_that_another_process_quotes_is_none(process: str) -> None:
    """SPEC section 2: signatures count only in lines of enrolment processes."""
    for domain, code, *_ in CODES:
        assert facts_of(record(f'Error Domain={domain} Code={code} "x"', process)) == []


def test_the_guides_rejection_is_not_apples_installation_failure() -> None:
    """Both have the number 4001; the guide's is L6, Apple's a rejected profile."""
    guide = 'ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "Device identifier rejected"'
    assert [(fact.layer, fact.cause) for fact in facts_of(record(guide))] == [("L6", "")]
    assert facts_of(record("ABMErrorDomain Code=4001")) == []


@pytest.mark.parametrize(("process", "message", "said"), REAL, ids=[f"{n}-{each[0]}" for n, each in enumerate(REAL)])
def test_real_lines_say_what_they_say(process: str, message: str, said: set[tuple[str, str, str]]) -> None:
    """A line that administrators know would be missed, or over-read."""
    assert {(fact.kind, fact.layer, fact.cause) for fact in facts_of(record(message, process))} == said


def test_the_subsystem_of_teslad_asks_too() -> None:
    """A capture that shows no process would never show a request."""
    (fact,) = facts_of(record("Retrying the request", "", "com.apple.CloudConfigurationDaemon"))
    assert fact.kind == "fetch_requested"


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_each_rule_on_apples_errors_shows_three_hits_and_three_near_misses(name: str) -> None:
    """A rule could claim a code that it does not hold, or hold too much."""
    signature = SHIPPED[name]
    if "message|re" in signature.path.read_text() and signature.fact in {
        "fetch_error",
        "certificate_error",
        "mdm_error",
    }:
        assert sum(each.matches for each in signature.examples) >= 3
        assert sum(not each.matches for each in signature.examples) >= 3
        assert any(each.process and not each.matches for each in signature.examples)


@pytest.mark.parametrize("layer", ["L0"])
def test_only_causes_of_the_closed_list_are_named(layer: str) -> None:
    """SPEC section 2: the list of L0's causes is closed."""
    causes = {signature.cause for signature in SHIPPED.values() if signature.layer == layer}
    assert causes <= {
        "not_assigned", "no_profile", "throttled", "apple_unavailable", "network_blocked", "mdm_refused",
        "mdm_unreachable", "push_unavailable", "profile_rejected", "not_activated", "identity_certificate",
    }  # fmt: skip
    assert not [each.id for each in SHIPPED.values() if each.cause and each.layer != layer]


@pytest.mark.parametrize("process", sorted(PROCESSES))
def test_each_process_of_enrolment_counts(process: str) -> None:
    """SPEC section 2 lists them; one that is missing would silence its devices."""
    assert facts_of(record("ABMDeviceRegistered", process))


@pytest.mark.parametrize(
    ("process", "subsystem", "scoped"),
    [
        ("", "com.apple.ManagedClient", True),
        ("", "com.apple.CloudConfigurationDaemon", True),
        ("", "com.apple.DeviceManagement.Enrollment", True),
        ("SpringBoard", "com.apple.MCX.profiles", True),
        ("", "com.apple.springboard", False),
        ("SpringBoard", "org.example.com.apple.MCX", False),
        ("SpringBoard", "com.apple.ManagedClientele", False),
        ("com.apple.ManagedClient", "", True),
        ("/usr/libexec/teslad", "", True),
        ("/usr/libexec/teslad2", "", False),
        ("/teslad/SpringBoard", "", False),
    ],
)
def test_a_subsystem_of_enrolment_counts_too(process: str, subsystem: str, scoped: bool) -> None:
    """Lines of the guide have no process at all: none of them would count."""
    assert in_scope(process, subsystem) is scoped
    assert bool(facts_of(record("ABMDeviceRegistered", process, subsystem))) is scoped


def test_a_fact_holds_when_what_who_and_where() -> None:
    """A verdict could not be walked back to its line, or not be joined by its request."""
    found = Record(
        5, 'ABM response: 202 {"requestId":"req_8a3f1b2c","devices":[{"device_id":"d"}]}', "teslad", host="F9F"
    )
    (fact,) = facts_of(found)
    assert fact == Fact(
        "accepted",
        5,
        "log",
        '"requestId":"req_8a3f1b2c"',
        {"host": "F9F", "request_id": "req_8a3f1b2c"},
        Origin("a.log", "abm-response-202", 7, 40),
    )


def test_a_rule_that_names_a_process_is_asked_of_every_process(tmp_path: Path) -> None:
    """A user could not write a rule about `trustd`."""
    detection = {"selection": {"message|contains": "pinning", "process": "trustd"}, "condition": "selection"}
    signature = read_detection(tmp_path, detection)
    assert match(record("pinning failed", "trustd"), [signature], 0, 0)
    assert not match(record("pinning failed", "teslad"), [signature], 0, 0)


def user_rules(folder: Path) -> tuple[list[Signature], list[tuple[str, int | None]]]:
    """The user's own of the loaded signatures, and what was refused: file name and line."""
    loaded, skipped = load([folder])
    return [each for each in loaded if each.id not in SHIPPED], [(Path(each.path).name, each.line) for each in skipped]


def test_a_bad_rule_is_named_and_the_good_one_beside_it_works(tmp_path: Path) -> None:
    """CASE.md: it is named with file and line, skipped, and the rest goes on."""
    (tmp_path / "a-bad.yml").write_text(HEAD + "  selection:\n    message|re: 'ABM(?=x)'\n  condition: selection\n")
    (tmp_path / "sub").mkdir()
    good = HEAD + "  selection:\n    message|startswith: 'USERMARK'\n  condition: selection\n"
    (tmp_path / "sub/good.yaml").write_text(good)
    (tmp_path / "note.txt").write_text("no rule")
    rules, refused = user_rules(tmp_path)
    assert [each.id for each in rules] == ["good"]
    assert refused == [("a-bad.yml", HEAD.count("\n") + 2)]


def test_a_rule_cannot_take_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    """A user's file of the same name would silently change what a finding's id means."""
    good = HEAD + "  selection:\n    message|startswith: 'USERMARK'\n  condition: selection\n"
    (tmp_path / "abm-response-204.yml").write_text(good)
    assert user_rules(tmp_path) == ([], [("abm-response-204.yml", 1)])


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_each_shipped_rule_would_be_taken_from_a_user_too(name: str) -> None:
    """Ours are read without the checks of hostile YAML and of expressions: they must not need to be spared them."""
    checked = rule.read(SHIPPED[name].path)
    assert (checked.id, checked.anchors, checked.fact) == (name, SHIPPED[name].anchors, SHIPPED[name].fact)


def test_a_broken_rule_of_ours_is_an_error_of_the_family(tmp_path: Path) -> None:
    """A damaged installation would end with an error that nobody explains."""
    (tmp_path / "own.yml").write_text("title: [unclosed")
    with pytest.raises(SignatureError, match="YAML") as caught:
        rule.read(tmp_path / "own.yml", trusted=True)
    assert (caught.value.path, caught.value.line) == ("own.yml", 1)


def test_what_is_no_regular_file_is_named_and_does_not_hang(tmp_path: Path) -> None:
    """The triage would wait for ever for a rule that nobody writes."""
    import os  # noqa: PLC0415  # It has a fifo on POSIX alone.

    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "ZERO.YAML").symlink_to("/dev/zero")
    assert user_rules(tmp_path) == ([], [("ZERO.YAML", None), ("pipe.yml", None)])


def test_a_rule_in_capitals_is_a_rule(tmp_path: Path) -> None:
    """A rule that its writer believes to watch would be passed over without a word."""
    good = HEAD + "  selection:\n    message|startswith: 'USERMARK'\n  condition: selection\n"
    (tmp_path / "CAPS.YML").write_text(good)
    rules, refused = user_rules(tmp_path)
    assert ([each.id for each in rules], refused) == (["CAPS"], [])


def test_what_a_fleet_says_alike_is_held_once() -> None:
    """If this failed, 12,400 logs would take 26 MB more; shared wrongly, one host's line would be another's."""
    by = next(iter(SHIPPED))

    def told(host: str, value: str) -> Fact:
        (fact,) = facts([(by, 5, value, {"host": host}, 0, 9)], SHIPPED, "a.log")
        return fact

    first = told("mac-01", "said again")
    assert told("mac-01", "said again").attrs is first.attrs
    assert told("mac-01", b"said again".decode()).value is first.value
    assert told("mac-02", "said again").attrs == {"host": "mac-02"}
    made = signatures.ALIKE.made
    for number in range(signatures._ALIKE_MAX + 1):
        told("mac-01", str(number))
    assert len(signatures.ALIKE) <= signatures._ALIKE_MAX
    assert signatures.ALIKE.made == made + signatures._ALIKE_MAX + 1


def test_of_an_endless_value_the_beginning_is_kept() -> None:
    """22 kB of a compressed log made a verdict of 269 MB."""
    value, attrs = signatures.said(SHIPPED["device-identifier"], "deviceIdentifier=" + "a" * 400_000, {})
    assert len(value) == len(attrs["device_identifier"]) == signatures.VALUE_CHARS_MAX
    assert value.startswith("deviceIdentifier=aaa")
