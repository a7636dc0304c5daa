"""What somebody had Apple do with devices."""

import json

from tests.formats.exports.apple import assert_hostile, assert_split, claims
from tests.formats.exports.reading import head, read, reasons, said

from abm_trace.formats.exports import org_activities

LINK = "https://api-business.apple.com/v1/orgDeviceActivities/A1"


def answer(name: str = "A1", **others: object) -> dict[str, object]:
    """An answer as Apple gives it."""
    said_ = {
        "createdDateTime": "2026-05-17T08:00:00Z",
        "status": "COMPLETED",
        "subStatus": "COMPLETED_WITH_FAILURE",
        "completedDateTime": "2026-05-17T08:01:00Z",
        "downloadUrl": "https://example.com/log.csv?secret",
    }
    return {"data": {"type": "orgDeviceActivities", "id": name, "attributes": said_ | others}, "links": {"self": LINK}}


def test_a_hit() -> None:
    """If this fails, an activity is not recognised, or a link that opens by itself is kept."""
    data = json.dumps(answer(activityType="ASSIGN_DEVICES")).encode()
    assert claims(data) == "org-activities"
    facts, skipped = read(org_activities, data)
    attrs = {
        "activity_id": "A1",
        "status": "COMPLETED",
        "sub_status": "COMPLETED_WITH_FAILURE",
        "completed_at": "2026-05-17T08:01:00Z",
    }
    assert said(facts) == [("audit_event", "2026-05-17T08:00:00Z", "ASSIGN_DEVICES", attrs)]
    assert not skipped
    assert read(org_activities, json.dumps(answer()).encode())[0][0].value == "ORG_DEVICE_ACTIVITY"


def test_splitting_and_hostile() -> None:
    """If this fails, a verdict depends on how answers were saved, or a wrong value breaks the reader."""
    assert_split(org_activities, [answer("A1"), answer("A2"), answer("A3")])
    assert_hostile(org_activities, answer())


def test_a_miss() -> None:
    """If this fails, other rows are taken for activities."""
    assert org_activities.score(head(b'{"data":[{"type":"orgDevices","id":"1","attributes":{}}]}')) == 0
    facts, skipped = read(org_activities, b'{"data":{"type":"orgDevices","id":"1"}}')
    assert not facts
    assert reasons(skipped) == [(1, "a record is no orgDeviceActivities row and is not used: orgDevices")]
