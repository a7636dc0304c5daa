"""What a device keeps of its enrolment configuration: CloudConfigurationDetails.plist of ManagedConfiguration.

From: the text that `profiles show -type enrollment` prints, whose keys these are, and a device's own file in a
sysdiagnose or a backup. It has no time; it belongs to the device that its file or folder is named after.
"""

from collections.abc import Iterator
from typing import Final

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._interface import Content, Format, FormatError, Head
from abm_trace.formats.payloads._interface import PAYLOAD_BYTES_MAX, parse_plist, refused

FORMAT = Format(
    id="cloud-configuration",
    title="CloudConfigurationDetails.plist of a device",
    reference="docs/facts.md#cloud-configuration",
)

_SIGNS: Final = (
    b"CloudConfigurationUIComplete",
    b"ConfigurationWasApplied",
    b"ConfigurationSource",
    b"IsMDMUnremovable",
    b"PostSetupProfileWasInstalled",
)


def score(head: Head) -> float:
    """Sure of a property list with two of the names that only this file has."""
    data = head.data
    begins = data.lstrip()[:1024]
    if not (data.startswith(b"bplist") or (begins.startswith(b"<") and b"<plist" in data)):
        return 0.0
    return 0.95 if sum(sign in data for sign in _SIGNS) > 1 and b"PayloadType" not in data else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """`booted`, for Setup Assistant wrote it, and `synced` where Apple's configuration for the device stands in it."""
    try:
        if len(content.data) > PAYLOAD_BYTES_MAX:
            raise FormatError(f"a property list of {len(content.data):,} bytes is too large to be one")
        root, trailing = parse_plist(content.data)
    except FormatError as error:
        yield refused(content, error)
        return
    if trailing:
        yield Skipped(content.path, trailing)
    if not isinstance(root, dict):
        yield Skipped(content.path, "a property list is no dictionary")
        return
    digest = content.digest(0, len(content.data))
    origin = Origin(content.path, FORMAT.id, content.offset, len(content.data), 1, 0, digest)
    yield Fact("booted", None, "log", "Setup Assistant kept its configuration", {}, origin)
    url = root.get("ConfigurationURL")
    if isinstance(url, str) and url.strip():
        yield Fact("synced", None, "log", "Apple has an enrolment profile for it", {}, origin)
