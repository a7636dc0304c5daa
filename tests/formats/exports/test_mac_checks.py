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


@pytest.mark.parametrize(
    ("answer", "kind", "cause"),
    [
        (b"Device Enrollment configuration:\n(null)\n", "profiles_null", "no_profile"),
        (b"Device Enrollment configuration:\r\n{\r\n}\r\n", "profiles_null", "no_profile"),
        (
            b"Error fetching Device Enrollment configuration: Client is not DEP enabled.\n",
            "not_dep_enabled", "not_assigned",
        ),
        (
            b"Error fetching Device Enrollment configuration - Request too soon.  Try again later.\n",
            "request_too_soon", "throttled",
        ),
        (
            b"Error fetching Device Enrollment configuration: (34006) Error Domain=MCCloudConfigurationErrorDomain\n",
            "fetch_error", "",
        ),
    ],
)  # fmt: skip
def test_other_answers(answer: bytes, kind: str, cause: str) -> None:
    """If this fails, what a Mac was told by Apple is lost."""
    assert mac_checks.score(head(answer)) > 0.8
    (fact,), skipped = read(mac_checks, answer)
    assert (fact.kind, fact.cause, fact.at) == (kind, cause, None)
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
