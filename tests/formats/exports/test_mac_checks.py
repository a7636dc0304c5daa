"""What a Mac answers: profiles, fdesetup, csrutil."""

import pytest
from tests.formats.exports.reading import head, read, said

from abm_trace.formats.exports import mac_checks

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
