"""What a device keeps of its enrolment configuration."""

import plistlib

import pytest
from tests.formats.exports.reading import head, read, reasons
from tests.formats.payloads.bombs import BOMBS

from abm_trace.formats import recognise
from abm_trace.formats.payloads import cloud_configuration

KEPT = {
    "ConfigurationWasApplied": True, "CloudConfigurationUIComplete": True, "ConfigurationSource": 0,
    "ConfigurationURL": "https://mdm.example.com/enroll", "IsMDMUnremovable": 0, "IsSupervised": True,
}  # fmt: skip


@pytest.mark.parametrize("fmt", [plistlib.FMT_XML, plistlib.FMT_BINARY])
@pytest.mark.parametrize(
    ("url", "kinds"), [("https://mdm.example.com/enroll", ["booted", "synced"]), ("", ["booted"]), (None, ["booted"])]
)
def test_it_says_that_the_device_runs_and_has_a_profile(
    url: str | None, kinds: list[str], fmt: plistlib.PlistFormat
) -> None:
    """If this fails, the device's own word is a property list that is no profile."""
    kept = {name: value for name, value in (KEPT | {"ConfigurationURL": url}).items() if value is not None}
    data = plistlib.dumps(kept, fmt=fmt)
    found = recognise(head(data))
    assert found is not None
    assert found.id == "cloud-configuration"
    facts, skipped = read(cloud_configuration, data)
    assert [(fact.kind, fact.source, fact.at) for fact in facts] == [(kind, "log", None) for kind in kinds]
    assert not skipped


def test_the_least_that_a_device_keeps_is_one() -> None:
    """If this fails, what an unsupervised iPad keeps is of no kind that is read."""
    names = ("AllowPairing", "CloudConfigurationUIComplete", "IsSupervised", "PostSetupProfileWasInstalled")
    found = recognise(head(plistlib.dumps(dict.fromkeys(names, False))))
    assert found is not None
    assert found.id == "cloud-configuration"


@pytest.mark.parametrize(
    "data", [plistlib.dumps(["ConfigurationSource"]), b"<plist>", b"", *BOMBS], ids=range(3 + len(BOMBS))
)
def test_what_is_none_is_named(data: bytes) -> None:
    """If this fails, a hostile list says something, or nothing says why it does not."""
    facts, skipped = read(cloud_configuration, data)
    assert not facts
    assert reasons(skipped)


def test_other_property_lists_are_none() -> None:
    """If this fails, a profile is taken for what a device keeps."""
    assert cloud_configuration.score(head(plistlib.dumps({"PayloadType": "Configuration", "IsSupervised": True}))) == 0
    assert cloud_configuration.score(head(plistlib.dumps(KEPT | {"PayloadType": "x"}))) == 0
    assert cloud_configuration.score(head(b"ConfigurationWasApplied ConfigurationSource")) == 0
