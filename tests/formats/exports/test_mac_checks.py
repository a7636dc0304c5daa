"""What a Mac answers: profiles, fdesetup, csrutil."""

from types import ModuleType

import pytest
from tests.formats.exports.reading import head, said
from tests.formats.exports.reading import read as read_all

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats import recognise
from abm_trace.formats.exports import mac_checks


def read(form: ModuleType, data: bytes) -> tuple[list[Fact], list[Skipped]]:
    """What an answer says, beside that the Mac runs."""
    facts, skipped = read_all(form, data)
    return [fact for fact in facts if fact.kind != "booted"], skipped


STATUS = b"Enrolled via DEP: Yes\nMDM enrollment: Yes (User Approved)\nMDM server: https://mdm.example.com/x\n"
SHOW = b"""$ sudo profiles show -type enrollment
Device Enrollment configuration:
{
    AllowPairing = 0;
    ConfigurationURL = "https://mdm.example.com/enroll";
    SkipSetup =     (
        AppleID,
        Siri
    );
}
"""


def test_status_proves_a_rung_and_no_confirmation() -> None:
    """If this fails, a Mac's own word would be lost, or stand for the MDM's."""
    assert mac_checks.score(head(STATUS)) > 0.8
    facts, skipped = read(mac_checks, STATUS)
    assert [(fact.kind, fact.source, fact.value) for fact in facts] == [
        ("enrolled", "log", "enrolled via DEP, by its own word"), ("posture", "log", "MDM enrollment yes"),
    ]  # fmt: skip
    assert not skipped


def test_a_configuration_says_that_apple_has_a_profile() -> None:
    """If this fails, a Mac that would enrol is told as one without a profile."""
    facts, skipped = read(mac_checks, SHOW + b"FileVault is Off.\nSystem Integrity Protection status: enabled.\n")
    assert [(fact.kind, fact.value, fact.origin.line) for fact in facts] == [
        ("synced", "Apple has an enrolment profile for it", 2),
        ("posture", "FileVault off", 11),
        ("posture", "System Integrity Protection on", 12),
    ]
    assert not skipped


def test_a_configuration_of_an_older_system_is_one() -> None:
    """If this fails, a Mac of macOS 10.13 that Apple has a profile for is refused line by line."""
    answer = SHOW.replace(b"Device Enrollment configuration:\n{", b"Activation record: {")
    assert mac_checks.score(head(answer)) > 0.8
    (fact,), skipped = read(mac_checks, answer)
    assert (fact.kind, fact.origin.line) == ("synced", 2)
    assert not skipped


def test_a_configuration_that_the_mac_had_kept_is_said_to_be_older() -> None:
    """If this fails, an answer of last week is told as Apple's of now."""
    kept = b"The above information was obtained from local cached information due to rate limit enforcement.\n"
    (fact,), (skipped,) = read(mac_checks, SHOW + kept)
    assert fact.kind == "synced"
    assert "had kept" in skipped.reason
    assert skipped.line == 11


@pytest.mark.parametrize("none", [b"(null)\n", b"\r\n(null)\r\n", b"\r\n{\r\n}\r\n"])
def test_no_configuration(none: bytes) -> None:
    """If this fails, a Mac without a profile has no cause."""
    answer = b"Device Enrollment configuration:" + none
    assert mac_checks.score(head(answer)) > 0.8
    (fact,), skipped = read(mac_checks, answer)
    assert (fact.kind, fact.cause, fact.at) == ("profiles_null", "no_profile", None)
    assert not skipped


@pytest.mark.parametrize(
    "answer",
    [
        b"Error fetching Device Enrollment configuration: Client is not DEP enabled.\n",
        b"Error fetching Device Enrollment configuration - Request too soon.  Try again later.\n",
        b"[ERROR] Unable to get activation record: Error Domain=MCCloudConfigurationErrorDomain Code=34011\n",
    ],
)
def test_what_the_signatures_must_tell(answer: bytes) -> None:
    """If this fails, what a Mac was told by Apple is lost."""
    assert mac_checks.score(head(answer)) > 0.8
    (fact,), skipped = read(mac_checks, answer)
    assert (fact.kind, fact.value, fact.attrs) == ("said", answer.decode().strip(), {"process": "profiles"})
    assert not skipped


ERROR = (
    'Error Domain=MCCloudConfigurationErrorDomain Code=34000 "The device failed to request configuration from the'
    ' cloud." UserInfo={NSLocalizedDescription=The device failed., CloudConfigurationErrorType=Fatal}'
)


@pytest.mark.parametrize("code", ["(34000) ", ""])
def test_the_bare_error_of_older_systems(code: str) -> None:
    """If this fails, what a Mac was told by Apple is not recognised where no words stand before it."""
    answer = f"{code}{ERROR}\n".encode()
    assert mac_checks.score(head(answer)) > 0.8
    (fact,), skipped = read(mac_checks, answer)
    assert (fact.kind, fact.value) == ("said", code + ERROR)
    assert not skipped


def test_an_error_that_a_terminal_wrapped_is_one() -> None:
    """If this fails, its lines are called no answer, and a code behind the first line end is lost."""
    wrapped = f"[ERROR] Unable to get activation record: {ERROR}".replace(' "The', '\n"The').replace(
        " cloud", "\ncloud"
    )
    facts, skipped = read(mac_checks, f"{wrapped}\nFileVault is On.\n".encode())
    assert [(fact.kind, fact.value) for fact in facts] == [
        ("said", f"[ERROR] Unable to get activation record: {ERROR}"), ("posture", "FileVault on"),
    ]  # fmt: skip
    assert not skipped


@pytest.mark.parametrize("kept", range(20, 100, 7))
def test_an_error_that_is_cut_swallows_no_answer(kept: int) -> None:
    """If this fails, half an error costs the answers below it, or the memory of a file of such lines."""
    cut = f"(34000) {ERROR}".encode()[: 40 + kept]
    facts, skipped = read(mac_checks, cut + b"\nEnrolled via DEP: Yes\n")
    assert [fact.kind for fact in facts] == ["said", "enrolled"]
    assert not skipped
    facts, skipped = read(mac_checks, cut + b"\n" + b"x\n" * 200)
    assert len(facts) == 1
    assert skipped


LISTING = b"""profiles: verbose mode ON
_computerlevel[1] attribute: name: MDM Profile
_computerlevel[1] attribute: profileIdentifier: 00000000-0000-0000-A000-4A414D460003
_computerlevel[2] attribute: profileIdentifier: com.example.wifi
There are 2 configuration profiles installed
"""


@pytest.mark.parametrize(
    ("listing", "said_of_it"),
    [
        (LISTING, "configuration profiles 2"),
        (LISTING[: LISTING.index(b"There")], "configuration profiles 2"),
        (b"There are no configuration profiles installed in the system domain\n", "configuration profiles none"),
        (b"There are no configuration profiles installed\n", "configuration profiles none"),
    ],
)
def test_a_listing_says_how_many_profiles_there_are(listing: bytes, said_of_it: str) -> None:
    """If this fails, a Mac without a single profile does not show as unprotected."""
    assert mac_checks.score(head(listing)) > 0.8
    (fact,), skipped = read(mac_checks, listing)
    assert (fact.kind, fact.value, fact.attrs) == ("posture", said_of_it, {"item": "configuration profiles"})
    assert not skipped


def test_what_is_cut_or_foreign_is_named() -> None:
    """If this fails, half a configuration passes for a whole one."""
    facts, skipped = read(mac_checks, SHOW[:120] + b"")
    assert not facts
    assert len(skipped) == 1
    facts, skipped = read(mac_checks, b"FileVault is On.\nzsh: command not found\n")
    assert said(facts)[0][2] == "FileVault on"
    assert [thing.line for thing in skipped] == [2]


def test_a_miss() -> None:
    """If this fails, a log that quotes an answer is taken for one."""
    log = b"2026-05-17 03:47:12.883 DEBUG x Device Enrollment configuration: (null)\n"
    for data in (log, b"", b"FileVault\n", b"{}"):
        assert mac_checks.score(head(data)) == 0


@pytest.mark.parametrize(
    ("answer", "runs"),
    [
        (STATUS, True),
        (SHOW, True),
        (b"Device Enrollment configuration:\n(null)\n", True),
        (b"Error fetching Device Enrollment configuration: Client is not DEP enabled.\n", True),
        (b"There are no configuration profiles installed\n", True),
        (b"System Integrity Protection status: disabled.\n", False),
        (b"FileVault is Off.\n", False),
    ],
)
def test_a_mac_that_answers_profiles_was_booted(answer: bytes, *, runs: bool) -> None:
    """If this fails, a Mac that stands there and says what it lacks is one that nobody has booted yet."""
    facts, _ = read_all(mac_checks, answer + answer)
    booted = [(fact.at, fact.source, fact.origin.offset is not None) for fact in facts if fact.kind == "booted"]
    assert booted == [(None, "log", True)] * runs


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"% /usr/bin/profiles show -type enrollment\nMust be running as root\n", 2, "run it again with sudo"),
        (b"jane@Mac ~ % sudo /usr/bin/profiles show -type enrollment\nPassword:\n", 1, "is not in this file"),
        (b'profiles show\n...\n    ConfigurationURL = "https://x";\n    IsMandatory = 1;\n', 3, "is cut off"),
    ],
    ids=["no root", "no answer", "cut"],
)
def test_what_lacks_of_an_answer_is_said(data: bytes, line: int, reason: str) -> None:
    """If this fails, somebody whose file holds no answer is told that no format reads it, and not what to do."""
    found = recognise(head(data))
    assert found is not None
    assert found.id == "mac-checks"
    facts, skipped = read_all(mac_checks, data)
    assert not facts
    assert any(thing.line == line and reason in thing.reason for thing in skipped)


ASKED = b"""=== CPF_GetInstalledProfiles === (<Device>)
Number of <Device> profiles found: 2 (Filtered: 0)
Daemon response: {
\tQueryResponses =\t {
\t\tAutoSetupAdminAccounts =\t\t (
\t\t);
\t\tDeviceName = "a } of (quotes)";
\t\tIsSupervised = 1;
\t\tPushToken = {length = 32, bytes = 0x0000 ... ffff};
\t\tSerialNumber = F9FXQ1ABCD;
\t\tUDID = "0A1B2C3D-0000-5000-8000-000000000001";
\t};
}
Agent response: (null)
"""
SECURITY = b"""Daemon response: {
    SecurityInfo =     {
        "FDE_Enabled" = 0;
        FirewallSettings =         {
            Applications =             (
                                {
                    BundleID = "x";
                }
            );
            FirewallEnabled = 1;
        };
        ManagementStatus =         {
            EnrolledViaDEP = 1;
            IsUserEnrollment = 0;
        };
        SystemIntegrityProtectionEnabled = 1;
    };
}
Agent response: {
    SecurityInfo =     {
        "FDE_Enabled" = 1;
    };
}
"""


def test_mdmclient_names_its_mac() -> None:
    """If this fails, the Mac's own answer is refused line by line, as one of profiles(1) without its beginning."""
    found = recognise(head(ASKED))
    assert found is not None
    assert found.id == "mac-checks"
    facts, skipped = read_all(mac_checks, ASKED)
    who = {"serial": "F9FXQ1ABCD", "udid": "0A1B2C3D-0000-5000-8000-000000000001"}
    assert [(fact.kind, fact.value, fact.attrs, fact.origin.line) for fact in facts] == [
        ("booted", "mdmclient ran on it", who, 3),
        ("posture", "supervision on", who | {"item": "supervision"}, 8),
    ]
    assert not skipped


def test_mdmclient_says_how_the_mac_enrolled_and_is_protected() -> None:
    """If this fails, a Mac that was enrolled by ADE is not told as one, or its user's agent speaks for it."""
    facts, skipped = read(mac_checks, SECURITY)
    assert [(fact.kind, fact.source, fact.value) for fact in facts] == [
        ("posture", "log", "FileVault off"),
        ("posture", "log", "firewall on"),
        ("enrolled", "log", "enrolled via DEP, by its own word"),
        ("posture", "log", "System Integrity Protection on"),
    ]
    assert not skipped


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (SECURITY[:200], "is cut"),
        (b"Daemon response: {\n    InstalledApplicationList =     (\n    );\n}\n", "QuerySecurityInfo does"),
        (b"Daemon response: (null)\nAgent response: (null)\n", "QuerySecurityInfo does"),
    ],
)
def test_an_answer_of_mdmclient_that_says_little_is_named_once(answer: bytes, reason: str) -> None:
    """If this fails, half an answer passes for a whole one, or a list of apps for a proof."""
    _, skipped = read(mac_checks, answer)
    assert [reason in thing.reason for thing in skipped] == [True]


def test_an_answer_of_mdmclient_with_an_mdm_profile() -> None:
    """If this fails, a Mac that is managed is told as one that nobody manages."""
    (fact,), skipped = read(
        mac_checks, b'Daemon response: {\n ProfileList = (\n {\n PayloadType = "com.apple.mdm";\n }\n );\n}\n'
    )
    assert (fact.kind, fact.value) == ("posture", "MDM enrollment yes")
    assert not skipped


def test_a_configuration_in_the_log_of_managedclient() -> None:
    """If this fails, Apple's configuration is refused line by line, as one without its beginning."""
    answer = SHOW.partition(b"\n")[2].replace(
        b"Device Enrollment configuration:", b"May 17 08:40:21[660:1]:+CPFetchActivationRecord fetched configuration:"
    )
    assert mac_checks.score(head(answer)) > 0.8
    (fact,), skipped = read(mac_checks, answer)
    assert (fact.kind, fact.origin.line) == ("synced", 1)
    assert not skipped
