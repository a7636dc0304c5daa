"""Fleet: hosts, one host, the report of hosts, and activities."""

from collections.abc import Sequence

import pytest
from tests.formats.exports.products import (
    Record,
    check_exclusive,
    check_order,
    check_shapes,
    check_wrong_types,
    dumps,
    named,
    reaches,
    told,
)
from tests.formats.exports.reading import head, read

from abm_trace.formats.exports import fleet

AT, CREATED, NEVER = "2026-05-17T08:47:12Z", "2026-05-15T08:00:00Z", "2000-01-01T00:00:00Z"


def page(records: Sequence[Record]) -> object:
    """A page of hosts."""
    return {"hosts": list(records)}


def host(number: int, serial: str, status: object, error: object = False, **more: object) -> Record:
    """A host."""
    return {
        "id": number, "uuid": f"U-{serial}", "platform": "ipados", "hardware_serial": serial, "created_at": CREATED,
        "last_enrolled_at": NEVER, "mdm": {"enrollment_status": status, "dep_profile_error": error}, **more,
    }  # fmt: skip


def test_hosts_in_every_shape() -> None:
    """If this fails, a host that never came counts as enrolled, or one enrolled by hand as enrolled by ADE."""
    records = [
        host(1, "F9F", "On (automatic)", last_mdm_enrolled_at=AT),
        host(2, "F9G", "On (manual)", last_enrolled_at=AT),
        host(3, "F9H", "Pending", error=True),
        host(4, "F9J", "Off"),
    ]
    serials = ["F9F", "F9G", "F9H", "F9J"]
    rows = [{"serial": s, "udid": f"U-{s}", "mdm_id": f"fleet/{n}", "mdm": "fleet"} for n, s in enumerate(serials, 1)]
    check_shapes(fleet, records, page, [
        ("enrolled", AT, "", {**rows[0], "method": "On (automatic)"}),
        ("enrolled_by_hand", AT, "", {**rows[1], "method": "On (manual)"}),
        ("mdm_row", CREATED, "Pending", rows[2]),
        ("synced", CREATED, "", rows[2]),
        ("assign_failed", None, "FAILED", rows[2]),
        ("dep_record", None, "empty", {**rows[2], "phase": "list"}),
        ("assigned", None, "", {**rows[2], "phase": "list"}),
        ("synced", None, "", {**rows[2], "phase": "list"}),
        ("mdm_row", CREATED, "Off", rows[3]),
    ])  # fmt: skip
    assert reaches(read(fleet, dumps(page(records)))[0]) == []


def test_a_company_owned_host_came_by_ade() -> None:
    """Fleet's newer name for `On (automatic)`: the host would give no fact at all."""
    facts, skipped = read(fleet, dumps(page([host(1, "F9F", "On (company-owned)", last_mdm_enrolled_at=AT)])))
    assert [(fact.kind, fact.source) for fact in facts] == [("enrolled", "mdm")]
    assert not skipped


def test_a_host_that_never_enrolled_has_no_time() -> None:
    """If this fails, Fleet's date for "never" puts an enrolment into the year 2000."""
    facts, skipped = read(fleet, dumps(page([host(1, "F9F", "On (automatic)")])))
    assert [(fact.kind, fact.at) for fact in facts] == [("enrolled", None)]
    assert not skipped


def test_one_host_by_itself() -> None:
    """If this fails, the answer about one host is not read, or proves that there is no other."""
    mac = host(1, "F9F", "On (automatic)", platform="darwin", disk_encryption_enabled=False, software=["x" * 90_000])
    data = dumps({"host": mac})
    assert fleet.score(head(data)) > 0.8
    facts, _ = read(fleet, data)
    assert [fact.kind for fact in facts] == ["enrolled", "posture", "coverage"]
    assert facts[0].attrs["io_platform_uuid"] == "U-F9F"
    assert reaches(facts) == [("mdm", None)]


def test_other_systems_and_other_words() -> None:
    """If this fails, every Linux server gets a verdict, or a new word of Fleet's counts as a known one."""
    records = [host(1, "LNX", None, platform="ubuntu"), host(2, "F9F", "On (sideways)"), host(3, "F9G", None)]
    facts, skipped = read(fleet, dumps(page(records)))
    assert [(fact.kind, fact.attrs["serial"]) for fact in facts] == [("mdm_row", "F9G")]
    assert "of no Apple device: ubuntu" in named(skipped)
    assert "On (sideways)" in named(skipped)


def test_the_report_of_hosts() -> None:
    """If this fails, the CSV that Fleet's page exports is not read."""
    header = "hardware_serial,uuid,platform,mdm.enrollment_status,last_enrolled_at"
    data = f"{header}\nF9F,U,ios,On (automatic),{AT}\nF9G,V,ios,Pending,\n".encode()
    facts, skipped = read(fleet, data)
    assert [(fact.kind, fact.attrs["udid"]) for fact in facts] == [("enrolled", "U"), ("mdm_row", "V"), ("synced", "V")]
    assert not skipped


@pytest.mark.parametrize(
    ("type_", "by_dep", "kind"),
    [
        ("mdm_enrolled", True, "enrolled"),
        ("mdm_enrolled", False, "enrolled_by_hand"),
        ("mdm_unenrolled", None, "checked_out"),
        ("created_team", None, ""),
    ],
)
def test_activities(type_: str, by_dep: bool | None, kind: str) -> None:
    """If this fails, an enrolment that Fleet recorded is lost."""
    details = {"host_serial": "F9F", "installed_from_dep": by_dep, "mdm_platform": "apple"}
    activity = {"id": 1, "created_at": AT, "type": type_, "details": details}
    data = dumps({"activities": [activity]})
    assert fleet.score(head(data)) > 0.9
    facts, skipped = read(fleet, data)
    attrs = {"serial": "F9F", "mdm": "fleet", "event": type_} | ({"method": "installed_from_dep"} if by_dep else {})
    assert told(facts) == ([(kind, AT, "", attrs)] if kind else [])
    assert reaches(facts) == ([] if kind else [("mdm", None)])
    other = "1 activity says nothing of an enrolment: not used, the last one here"
    assert [thing.reason for thing in skipped] == ([] if kind else [other])


def test_activities_about_something_else_are_one_line() -> None:
    """If this fails, what a list of activities holds is lost without a word, or fills the screen."""
    script = {"id": 2, "created_at": AT, "type": "ran_script", "details": {"host_id": 1}}
    enrolled = {"id": 1, "created_at": AT, "type": "mdm_enrolled", "details": {"host_serial": "F9F"}}
    facts, (skipped,) = read(fleet, dumps({"activities": [enrolled, *[script] * 3]}))
    assert facts[0].kind == "enrolled"
    assert skipped.reason.startswith("3 activities say nothing of an enrolment")
    assert skipped.offset


def test_laws() -> None:
    """If this fails, the order of the pages, or a wrong value in one record, changes what the others say."""
    check_order(fleet, [host(1, "F9F", "Pending"), host(2, "F9G", "Off"), host(3, "F9H", "On (manual)")], page)
    check_wrong_types(fleet, host(1, "F9F", "Pending", error=True), page)


def test_it_claims_its_own_alone() -> None:
    """If this fails, another product's export is read as Fleet's, or the reverse."""
    check_exclusive(fleet)


@pytest.mark.parametrize("mdm", [{}, {"mdm": {"name": "Fleet"}}], ids=["none", "without a status"])
def test_a_host_of_which_nothing_is_told_is_not_one_that_never_came(mdm: Record) -> None:
    """If this fails, a healthy host of an older Fleet, whose list has no MDM, is wiped."""
    bare = {name: value for name, value in host(1, "F9F", "Off").items() if name != "mdm"}
    facts, skipped = read(fleet, dumps(page([{**bare, **mdm}, {**bare, "hardware_serial": "F9G", "mdm": None}])))
    assert [(fact.kind, fact.attrs["serial"]) for fact in facts if fact.kind != "coverage"] == [
        ("enrolment_untold", "F9F"), ("mdm_row", "F9G"),
    ]  # fmt: skip
    assert "it has no mdm.enrollment_status" in named(skipped)


@pytest.mark.parametrize(
    ("platform", "given", "at"),
    [
        ("darwin", {"last_enrolled_at": AT}, None),
        ("darwin", {"last_enrolled_at": NEVER, "last_mdm_enrolled_at": AT}, AT),
        ("ipados", {"last_enrolled_at": AT}, AT),
    ],
)
def test_a_mac_is_not_enrolled_when_its_osquery_is(platform: str, given: dict[str, str], at: str | None) -> None:
    """An agent that was installed anew would overcome an error of the enrolment before it."""
    facts, _ = read(fleet, dumps(page([host(1, "F9F", "On (automatic)", platform=platform, **given)])))
    assert [each[1] for each in told(facts) if each[0] == "enrolled"] == [at]
