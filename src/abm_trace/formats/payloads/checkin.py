"""Check-in messages and answers of devices, as an MDM server received them: one property list a file.

Nothing in them says when they were sent.
"""

import re
from collections.abc import Iterator

from abm_trace.core.nouns import Fact, Origin, Skipped
from abm_trace.formats._checkin import MESSAGES, message
from abm_trace.formats._interface import Content, Format, FormatError, Head
from abm_trace.formats.payloads._interface import PAYLOAD_BYTES_MAX, refused

FORMAT = Format(
    id="checkin",
    title="MDM check-in message or command answer (XML or binary plist)",
    reference="https://developer.apple.com/documentation/devicemanagement/check-in",
)

_MESSAGES = tuple(word.encode() for word in sorted(MESSAGES))
# PUT /mdm/checkin HTTP/1.1 before a message: the log of a server that shows its requests, and no property list.
_REQUEST = re.compile(rb"(?m)^(?:PUT|POST) /[^\s]{0,1000} HTTP/1\.[01]\r?$")
_KEYS = ("serial", "udid", "imei", "meid")


def score(head: Head) -> float:
    """Sure of a property list with a message's type, or with a command's UUID and its status.

    Those that never state anything (an idle device, a bootstrap token) are told too, so that they are named for it.
    """
    data = head.data
    begins = data.lstrip()[:1024]
    if not (data.startswith(b"bplist") or (begins.startswith(b"<") and b"<plist" in data)) or _REQUEST.search(data):
        return 0.0
    if b"MessageType" in data and any(word in data for word in _MESSAGES):
        return 0.97
    if b"CommandUUID" in data and b"ProfileList" in data:  # It has the keys of profiles.
        return 0.96
    if b"PayloadContent" in data:
        return 0.0
    if b"CommandUUID" in data and b"Status" in data:
        return 0.96
    sender = b"UDID" in data or b"EnrollmentID" in data
    return 0.9 if sender and (b"MessageType" in data or (b"Status" in data and b"Idle" in data)) else 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What the message states of its device, without a time."""
    if len(content.data) > PAYLOAD_BYTES_MAX:
        yield Skipped(content.path, f"a check-in message of {len(content.data):,} bytes is too large to be one")
        return
    try:
        found = message(content.data)
    except FormatError as error:
        yield refused(content, error)
        return
    if found.trailing:
        yield Skipped(content.path, found.trailing)
    if found.personal:
        yield Skipped(content.path, "a message is not used, a user enrolment names no serial number or UDID")
        return
    if not found.said:
        yield Skipped(content.path, "a message says nothing of a device's enrolment")
        return
    if not any(key in found.attrs for key in _KEYS):
        yield Skipped(content.path, "a message is not used, it names no device")
        return
    digest = content.digest(0, len(content.data))
    origin = Origin(content.path, FORMAT.id, content.offset, len(content.data), 1, 0, digest)
    for said in found.said:
        yield Fact(said.kind, None, "mdm", said.value, found.attrs | said.attrs, origin)
