"""What every MDM product's export must pass: each shape of its pages, any split of them, any wrong type."""

import json
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import ModuleType

from hypothesis import given
from hypothesis import strategies as st
from tests.formats.exports.reading import Said, head, read, said

from abm_trace.core.nouns import Fact, Skipped
from abm_trace.formats import recognise

Record = dict[str, object]
Wrap = Callable[[Sequence[Record]], object]

WRONG: list[object] = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "x" * 70_000,
    [],
    ["a"],
    [{}],
    {},
    {"a": {"b": []}},
    "\ufffd",
    "1e999",
]
"""What may stand in any field of a hostile export."""


def dumps(value: object) -> bytes:
    """The JSON of a value, on one line."""
    return json.dumps(value).encode()


def shapes(records: Sequence[Record], wrap: Wrap) -> dict[str, bytes]:
    """The same records in every shape that a saved answer has; two records or more, for one by itself is no list."""
    half = len(records) // 2
    pages = [wrap(records[:half]), wrap(records[half:])]
    return {
        "page": dumps(wrap(records)),
        "indented": json.dumps(wrap(records), indent=2).encode(),
        "pages": dumps(pages[0]) + b"\n" + dumps(pages[1]) + b"\n",
        "pages without a line end": dumps(pages[0]) + dumps(pages[1]),
        **({"array of pages": dumps(pages)} if isinstance(pages[0], dict) else {}),
        "array": dumps(list(records)),
        "indented array": json.dumps(list(records), indent=1).encode(),
        "ndjson": b"".join(dumps(record) + b"\n" for record in records),
    }


def told(facts: Sequence[Fact]) -> list[Said]:
    """What the facts say, in an order of its own, without how far the file reaches."""
    return sorted(said([fact for fact in facts if fact.kind != "coverage"]), key=repr)


def reaches(facts: Sequence[Fact]) -> list[tuple[str, int | None]]:
    """(source, time) of what the file says of its own reach."""
    return [(fact.value, fact.at) for fact in facts if fact.kind == "coverage"]


def check_shapes(form: ModuleType, records: Sequence[Record], wrap: Wrap, expected: Sequence[Said]) -> None:
    """Every shape is recognised as the product's and says the same; nothing of it is named."""
    for name, data in shapes(records, wrap).items():
        found = recognise(head(data))
        assert found is not None, name
        assert found.id == form.FORMAT.id, (name, found)
        facts, skipped = read(form, data)
        assert told(facts) == sorted(expected, key=repr), name
        assert not skipped, name


def check_order(form: ModuleType, records: Sequence[Record], wrap: Wrap) -> None:
    """Neither the order of the records nor their split over pages changes what they say."""
    expected = told(read(form, dumps(wrap(records)))[0])

    @given(order=st.permutations(list(records)), cuts=st.lists(st.integers(0, len(records)), max_size=3).map(sorted))
    def holds(order: list[Record], cuts: list[int]) -> None:
        edges = [0, *cuts, len(order)]
        parts = [order[start:end] for start, end in pairwise(edges)]
        data = b"\n".join(dumps(wrap(part)) for part in parts)
        assert told(read(form, data)[0]) == expected

    holds()


def check_wrong_types(form: ModuleType, record: Record, wrap: Wrap) -> None:
    """A wrong value in any field, at any depth, costs at most its own record: a good neighbour says the same."""
    good = told(read(form, dumps(wrap([record])))[0])
    assert good
    for path in _paths(record):
        for value in WRONG:
            broken = _with(record, path, value)
            data = dumps(wrap([broken, record]))
            assert 0 <= form.score(head(data)) <= 1
            found = told(read(form, data)[0])
            assert all(found.count(each) >= good.count(each) for each in good), (path, value)


def named(skipped: Sequence[Skipped]) -> str:
    """The reasons, to look for words in."""
    return "\n".join(thing.reason for thing in skipped)


def _paths(value: object, at: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if not isinstance(value, dict):
        return [at]
    return [path for key, inner in value.items() for path in [(*at, key), *_paths(inner, (*at, key))]]


def _with(value: object, path: tuple[str, ...], new: object) -> Record:
    assert isinstance(value, dict)
    return {
        key: (_with(inner, path[1:], new) if path[1:] else new) if key == path[0] else inner
        for key, inner in value.items()
    }


AT = "2026-05-17T08:47:12Z"
SAMPLES: dict[str, list[object]] = {
    "jamf": [
        {"results": [{"serialNumber": "A", "profileStatus": "PUSHED", "deviceEnrollmentProgramInstanceId": "1"}]},
        {"results": [{"mobileDeviceId": "1", "general": {"managed": True}, "hardware": {"serialNumber": "A"}}]},
        {"results": [{"id": "1", "udid": "U", "general": {"remoteManagement": {}}, "hardware": {"serialNumber": "A"}}]},
        {"webhook": {"webhookEvent": "ComputerAdded"}, "event": {"serialNumber": "A", "udid": "U"}},
        "Serial Number,Managed,Last Enrollment\nA,Managed,\n",
    ],
    "intune": [
        {"value": [{"id": "1", "serialNumber": "A", "enrolledDateTime": AT, "deviceEnrollmentType": "x"}]},
        {"value": [{"serialNumber": "A", "enrollmentState": "enrolled", "requestedEnrollmentProfileId": "1"}]},
        {"value": [{"tokenName": "T", "lastSyncErrorCode": 0, "tokenExpirationDateTime": AT}]},
        "Device ID,Device name,Enrollment date,Serial number\n1,n,2026-05-17 08:47:12,A\n",
    ],
    "kandji": [
        {"results": [{"id": "1", "serial_number": "A", "profile_status": "pushed", "is_enrolled": True}], "next": None},
        [{"device_id": "1", "serial_number": "A", "last_enrollment": AT, "mdm_enabled": True, "last_check_in": AT}],
        "Serial Number,Blueprint,Last Enrollment\nA,b,2026-05-17 08:47:12\n",
    ],
    "simplemdm": [
        {"data": [{"type": "device", "id": 1, "attributes": {"serial_number": "A", "status": "enrolled"}}]},
        {"data": [{"type": "dep_device", "id": 1, "attributes": {"serial_number": "A", "profile_status": "pushed"}}]},
        {"type": "device.enrolled", "at": AT, "data": {"device": {"serial_number": "A"}}},
    ],
    "mosyle": [
        {"status": "OK", "response": [{"devices": [{"serial_number": "A", "deviceudid": "U", "date_enroll": "1"}]}]},
        [{"serial_number": "A", "deviceudid": "U", "date_enroll": "1"}],
    ],
    "fleet": [
        {"hosts": [{"id": 1, "hardware_serial": "A", "created_at": AT, "mdm": {"enrollment_status": "Pending"}}]},
        {"host": {"id": 1, "hardware_serial": "A", "mdm": {"enrollment_status": "Off"}}},
        "hardware_serial,mdm.enrollment_status,last_enrolled_at\nA,Off,\n",
    ],
    "nanomdm": [
        {"topic": "mdm.TokenUpdate", "created_at": AT, "checkin_event": {"udid": "U", "raw_payload": ""}},
        {"topic": "mdm.Connect", "created_at": AT, "acknowledge_event": {"udid": "U", "status": "Idle"}},
    ],
    "zentral": [
        {"results": [{"id": 1, "virtual_server": 1, "serial_number": "A", "last_op_type": "added", "created_at": AT,
                      "profile_status": "pushed"}]},
        [{"udid": "U", "serial_number": "A", "awaiting_configuration": False, "dep_enrollment": True}],
    ],
    "mdm-inventory": [
        "serial_number,enrolled_at\nA,2026-05-17T08:48:00Z\n",
        [{"serial_number": "A", "created_at": AT, "enrolled_at": None, "enrollmentMethod": "abm", "mdm": "jamf"}],
    ],
    "manifest": ["serial,udid,model,site\nA,U,iPad,clinic\n"],
}  # fmt: skip
"""What each product's exports look like, one record each; and what is nobody's but the guide's."""


def check_exclusive(form: ModuleType) -> None:
    """The format claims its own exports, and no other's; each of them is recognised as whose it is."""
    for owner, samples in SAMPLES.items():
        for sample in samples:
            data = sample.encode() if isinstance(sample, str) else dumps(sample)
            score = form.score(head(data))
            assert score > 0.8 if owner == form.FORMAT.id else score == 0, (owner, score, sample)
            found = recognise(head(data))
            assert found is not None, sample
            assert found.id == owner, (found, sample)
