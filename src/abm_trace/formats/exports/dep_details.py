"""What the DEP service answers when the MDM asks for certain devices (`POST /devices`): a record for each it named.

From: developer.apple.com/documentation/devicemanagement/get-device-details.
"""

from collections.abc import Iterable, Iterator

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats._interface import Content, Format, Head
from abm_trace.formats.exports._interface import Entry, dep_facts, dep_record, glimpse, hint, named, paged

FORMAT = Format(
    id="dep-details",
    title="DEP device details (JSON, NDJSON)",
    reference="docs/facts.md#dep-details",
)

_REFUSED = frozenset({"NOT_ACCESSIBLE", "FAILED"})


def score(head: Head) -> float:
    """Sure where `devices` holds an object for each serial number."""
    for fields in glimpse(head)[:1]:
        devices = fields.get("devices")
        if isinstance(devices, dict) and (
            not (devices or fields.keys() - {"devices"}) or any(isinstance(each, dict) for each in devices.values())
        ):
            return 0.9 + hint(head, "dep")
    return 0.0


def read(content: Content) -> Iterator[Fact | Skipped]:
    """What each record proves, without a time of the answer: it says none. A device that Apple refused is named."""
    return paged(content, FORMAT, _say)


def _say(entry: Entry) -> Iterable[Fact]:
    for serial, said in entry.inside("devices").fields.items():
        if not isinstance(said, dict):
            entry.skip("a record is not used, it is no object", serial)
            continue
        one = entry._replace(fields=said | {"serial_number": said.get("serial_number") or serial})
        status = one.word("response_status").upper()
        if status in _REFUSED:
            entry.skip("Apple gave no details of a device", f"{serial} {status}")
            continue
        record = dep_record(one)
        if named(record.attrs, one):
            yield from dep_facts(one, record)
