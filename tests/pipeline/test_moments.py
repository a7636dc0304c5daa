"""Tests of abm_trace.pipeline.moments: the default `as_of`, how far sources reach."""

import msgspec
import pytest
from tests.pipeline.building import fact

from abm_trace.core import instants
from abm_trace.core.nouns import Device, Fact, Origin, Reading, Skipped
from abm_trace.formats.exports._interface import MORE, PART
from abm_trace.pipeline.case import Case
from abm_trace.pipeline.moments import _of_servers, held, newest_event, reach, unfinished


def at(stamp: str) -> int:
    """The instant of a stamp."""
    return instants.parse(stamp)


def device(serial: str, *facts: Fact) -> Device:
    """A device with these facts."""
    return Device(serial, {}, facts)


def log(stamp: str, path: str = "a.log", kind: str = "requested") -> Fact:
    """A fact of a device's log."""
    return Fact(kind, at(stamp), "log", "", {}, Origin(path, "x", 10, 1))


def newest(*devices: Device, readings: tuple[Reading, ...] = ()) -> str | None:
    """The default `as_of`, shown."""
    found = newest_event(devices, readings)
    return None if found is None else instants.render(found)


def test_as_of_is_the_newest_event_that_another_device_bears_out() -> None:
    """CASE.md: one clock that runs ahead would put every deadline behind us."""
    found = newest(
        device("A", log("2026-05-17T03:00:00Z")),
        device("B", log("2026-05-17T03:09:00Z")),
        device("C", log("2031-01-01T00:00:00Z"), log("2031-01-01T00:00:01Z")),
    )
    assert found == "2026-05-17T03:09:00Z"


def test_ten_minutes_bear_out_and_more_do_not() -> None:
    """The bound of CASE.md would be another."""
    near = newest(device("A", log("2026-05-17T03:00:00Z")), device("B", log("2026-05-17T03:10:00Z")))
    assert near == "2026-05-17T03:10:00Z"
    lonely = [device("A", log("2026-05-17T02:59:30Z")), device("B", log("2026-05-17T03:00:00Z"))]
    assert newest(*lonely, device("C", log("2026-05-17T03:10:01Z"))) == "2026-05-17T03:00:00Z"


def server(stamp: str, source: str = "audit", path: str = "audit.ndjson") -> Fact:
    """A fact that a server recorded."""
    return Fact("registered", at(stamp), source, "", {}, Origin(path, source, 10, 1))


def test_a_server_s_own_word_needs_no_witness() -> None:
    """CASE.md: a device that failed would be in progress until its MDM had spoken twice within ten minutes, and a
    device whose own clock is wrong would say when "now" is.
    """
    ahead = device("B", log("2027-01-01T00:00:00Z"))
    assert newest(device("A", server("2026-05-17T03:00:00Z")), ahead) == "2026-05-17T03:00:00Z"
    hours = [device(f"H{hour}", log(f"2026-05-17T{hour}:00:00Z")) for hour in (12, 13, 14, 15)]
    pushed = device("A", server("2026-05-17T19:59:00Z", "dep", "dep.json"))
    assert newest(*hours, pushed, ahead) == "2026-05-17T19:59:00Z"
    weekend = device("A", server("2026-05-20T08:00:00Z", "mdm", "mdm.csv"))
    assert newest(*hours, weekend) == "2026-05-20T08:00:00Z"


def test_a_server_s_sync_is_an_event_without_a_device() -> None:
    """CASE.md, "or a server": nothing but the poll of a server says that hours have passed since the last boot."""
    hours = [device(f"H{hour}", log(f"2026-05-17T{hour}:00:00Z")) for hour in (12, 15)]
    failed = Fact("sync_failed", at("2026-05-17T20:00:00Z"), "dep", "", {"server": "m"}, Origin("s.log", "x", 0, 1))
    profile = Fact("enrolment_profile", at("2026-05-17T23:00:00Z"), "profile", "", {}, Origin("p", "profile", 0, 1))
    found = newest_event(hours, (), [profile, failed])
    assert found is not None
    assert instants.render(found) == "2026-05-17T20:00:00Z"


@pytest.mark.parametrize("of_the_export", [True, False], ids=["later-than-its-export", "of-another-age"])
def test_a_server_s_record_of_a_future_date_moves_nothing(of_the_export: bool) -> None:
    """CASE.md: future dates are no events; every device would be past its deadline."""
    reached = fact("coverage", at("2026-05-17T16:00:00Z"), "dep")
    page = exported("dep-devices", *([reached] if of_the_export else []), path="dep.json")
    hours = [device(f"H{hour}", log(f"2026-05-17T{hour}:00:00Z")) for hour in (12, 13, 15)]
    wrong = device("A", server("2026-05-18T03:00:00Z" if of_the_export else "9999-01-01T00:00:00Z", "dep", "dep.json"))
    assert newest(*hours, wrong, readings=(page,)) == "2026-05-17T15:00:00Z"
    near = device("B", log("2026-05-17T12:09:00Z"))
    assert newest(*hours, near, wrong, readings=(page,)) == "2026-05-17T12:09:00Z"


def test_what_one_record_says_of_itself_twice_bears_out_nothing() -> None:
    """A year that was mistyped in a row stands in all its dates: they would bear each other out."""
    wrong = device("A", server("2027-05-17T03:00:00Z"), server("2027-05-17T03:02:00Z"))
    hours = [device(f"H{hour}", log(f"2026-05-17T{hour}:00:00Z")) for hour in (12, 15)]
    assert newest(*hours, wrong) == "2026-05-17T15:00:00Z"


def test_an_event_behind_a_device_s_last_is_borne_out_too() -> None:
    """The last line of a clock that runs ahead would hide the one before it, which another device bears out."""
    ahead = device("A", log("2026-05-17T03:19:00Z"), log("2026-05-17T03:10:00Z"))
    assert newest(ahead, device("B", log("2026-05-17T03:05:00Z"))) == "2026-05-17T03:10:00Z"


def test_a_record_does_not_bear_itself_out() -> None:
    """One DEP record of the year 9999 says that, and what, Apple did then: it would move "now" there."""
    record = Origin("dep.json", "dep-devices", 10, 90)
    of_record = [
        Fact(kind, at("9999-01-01T00:00:00Z"), "dep", "", {"op_type": "added"}, record)
        for kind in ("dep_record", "assigned")
    ]
    found = newest(
        device("A", *of_record), device("B", log("2026-05-17T03:00:00Z")), device("C", log("2026-05-17T03:09:00Z"))
    )
    assert found == "2026-05-17T03:09:00Z"


def test_a_server_bears_out_too() -> None:
    """A case of one device and an audit export would have no end."""
    audit = Fact("registered", at("2026-05-17T03:05:00Z"), "audit", "", {}, Origin("audit.ndjson", "audit", 0, 1))
    other = device("B", log("2027-05-17T03:00:00Z"))
    assert newest(device("A", log("2026-05-17T03:00:00Z"), audit), other) == "2026-05-17T03:05:00Z"


def test_a_device_s_times_are_corrected_by_its_known_offset() -> None:
    """A device whose clock is an hour ahead, and known to be, would move `as_of` by that hour."""
    origin = Origin("a.log", "clock-offset", 5, 1)
    offset = Fact("clock_offset", at("2026-05-17T04:00:00Z"), "log", "Clock offset: 3600 s", {"offset": "3600"}, origin)
    found = newest(device("A", offset, log("2026-05-17T04:00:30Z")), device("B", log("2026-05-17T03:00:00Z")))
    assert found == "2026-05-17T03:00:30Z"


def test_without_a_witness_the_newest_event_counts() -> None:
    """A case of one capture would have no "now"."""
    assert newest(device("A", log("2026-05-17T03:00:00Z"), log("2026-05-17T05:00:00Z"))) == "2026-05-17T05:00:00Z"
    assert newest() is None


@pytest.mark.parametrize("kind", ["token", "enrolment_profile", "coverage"])
def test_expiries_and_other_future_dates_are_no_events(kind: str) -> None:
    """CASE.md: a certificate's end would be taken for now, and every device be past its deadline."""
    future = [device(name, log("2026-05-17T03:00:00Z"), log("2036-01-01T00:00:00Z", kind=kind)) for name in "AB"]
    assert newest(*future) == "2026-05-17T03:00:00Z"


NOW = at("2026-05-18T00:00:00Z")


def exported(form: str, *facts: Fact, path: str = "export") -> Reading:
    """The reading of an export."""
    return Reading(path, form, "", facts=facts)


def until(readings: list[Reading], case: Case | None = None) -> dict[str, str]:
    """How far each side was read, shown."""
    found = reach(readings, case or Case(), NOW, lambda _path, _product: "")
    return {
        side: instants.render(max(each.until for each in reached if each.until is not None))
        for side, reached in found.items()
    }


def test_a_source_was_read_up_to_as_of_unless_something_says_less() -> None:
    """SPEC section 2: an export would not count as read, or beyond its own end."""
    registered = fact("registered", at("2026-05-17T03:00:00Z"), "audit")
    assert until([exported("audit", registered)]) == {"apple": "2026-05-18T00:00:00Z"}
    coverage = fact("coverage", at("2026-05-17T06:00:00Z"), "audit")
    assert until([exported("audit", registered, coverage)]) == {"apple": "2026-05-17T06:00:00Z"}
    said = Case(coverage={"audit": at("2026-05-17T05:00:00Z")})
    assert until([exported("audit", registered, coverage)], said) == {"apple": "2026-05-17T05:00:00Z"}


def test_an_export_that_holds_nothing_was_read_too() -> None:
    """An empty audit page would leave Apple's side unread instead of absent."""
    assert until([exported("audit"), exported("mdm-inventory")]) == {
        "apple": "2026-05-18T00:00:00Z", "mdm": "2026-05-18T00:00:00Z",
    }  # fmt: skip


def test_an_archive_of_exchanges_was_read_only_for_what_it_says() -> None:
    """CASE.md: a capture's whole list would prove nothing, or any capture that every device is missing everywhere."""
    record = fact("dep_record", None, "dep")
    assert until([exported("capture-har", record)], Case(coverage={"dep": NOW})) == {}
    coverage = fact("coverage", at("2026-05-17T06:00:00Z"), "dep")
    assert until([exported("capture-har", record, coverage)]) == {"apple": "2026-05-17T06:00:00Z"}
    assert until([exported("capture-har", record, coverage, fact("coverage", None, "dep"))]) == {}


def test_the_furthest_source_of_a_side_counts() -> None:
    """An old export beside a new one would make the new one's devices unknown."""
    early = fact("coverage", at("2026-05-17T01:00:00Z"), "audit")
    late = fact("coverage", at("2026-05-17T02:00:00Z"), "abm")
    assert until([exported("audit", early), exported("abm-devices", late)]) == {"apple": "2026-05-17T02:00:00Z"}


def test_a_log_is_no_source_of_a_side() -> None:
    """A device's own word would count as Apple's."""
    assert until([exported("article", fact("registered", at("2026-05-17T03:00:00Z")))]) == {}


def test_one_mdm_product_of_the_coverage_counts_for_the_mdm_side() -> None:
    """`mdm.jamf = …` would be read and then ignored."""
    case = Case(coverage={"mdm.jamf": at("2026-05-17T05:00:00Z")})
    assert until([exported("mdm-inventory")], case) == {"mdm": "2026-05-17T05:00:00Z"}


def test_what_was_read_can_be_cited() -> None:
    """CASE.md: layers of silence cite what was read and held nothing."""
    registered = fact("registered", at("2026-05-17T03:00:00Z"), "audit", path="audit.ndjson")
    readings = [exported("audit", registered, path="audit.ndjson")]
    found = reach(readings, Case(), NOW, lambda _path, _product: "")
    assert [origin.path for each in found["apple"] for origin in each.origins] == ["audit.ndjson"]


def test_a_list_that_is_not_whole_proves_no_silence() -> None:
    """A page that others follow, or that is damaged, would make the devices of the missing ones vanish."""
    open_ = fact("coverage", None, "dep")
    assert until([exported("dep-devices", open_)]) == {}
    dated = fact("coverage", at("2026-05-17T06:00:00Z"), "dep")
    assert until([exported("dep-devices", open_, dated)]) == {}
    assert until([exported("dep-devices", open_), exported("dep-devices", dated, path="last")]) == {
        "apple": "2026-05-17T06:00:00Z"
    }


def test_a_list_that_does_not_tell_of_enrolment_proves_no_silence_and_one_such_row_changes_nothing() -> None:
    """A list without the column would have healthy devices wiped; one damaged row would hide all that vanished."""
    untold, row = fact("enrolment_untold", None, "mdm"), fact("mdm_row", None, "mdm")
    assert until([exported("mdm-inventory", untold, untold, row)]) == {}
    assert until([exported("mdm-inventory", untold, row)]) == {"mdm": "2026-05-18T00:00:00Z"}
    beside = [fact("posture", None, "mdm") for _ in range(9)]
    assert until([exported("mdm-inventory", untold, untold, row, *beside)]) == {}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((), {}),
        ((fact("known", None, "manifest"), fact("booted", 5), fact("coverage", None, "mdm")), {}),
        ((fact("enrolled", None, "mdm"), fact("coverage", None, "mdm")), {"mdm": "part"}),
        ((fact("enrolment_untold", None, "mdm"), fact("posture", None, "mdm")), {"mdm": "untold"}),
        ((fact("known", None, "abm"), fact("unassigned", None, "abm")), {"apple": "untold"}),
        ((fact("dep_record", None, "dep"), fact("assigned", None, "dep")), {"apple": "part"}),
    ],
)
def test_what_the_case_holds_of_a_side_that_was_not_read(facts: tuple[Fact, ...], expected: dict[str, str]) -> None:
    """If this failed, a case with a list or a single record would be said to hold nothing."""
    readings = [exported("fleet", each, path=f"{number}") for number, each in enumerate(facts)]
    assert held(readings, ()) == expected
    assert held(readings, ("apple", "mdm")) == {}
    logs = [msgspec.structs.replace(each, captures=True) for each in readings]
    assert held(logs, ()) == {}, "a device's log is no record of a side"


def test_pages_that_go_on_in_another_file_are_whole() -> None:
    """Each page that is saved by itself would be named as half a list."""
    page = Reading("1.json", "dep-devices", "", skipped=(Skipped("1.json", MORE),))
    assert unfinished([page], lambda _path, _product: "") == {"1.json"}
    assert not unfinished([page, Reading("2.json", "dep-devices", "")], lambda _path, _product: "")
    assert unfinished([page, Reading("2.json", "audit", "")], lambda _path, _product: "") == {"1.json"}


PAGE = Reading("1.json", "intune", "", 0, (fact("enrolled", None, "mdm"), fact("coverage", None, "mdm")))
ADE = Reading("1.json", "intune", "", 0, (fact("dep_record", None, "dep"), fact("coverage", None, "mdm")))


@pytest.mark.parametrize(
    ("first", "other", "ended"),
    [
        pytest.param(PAGE, (fact("enrolled_by_hand", None, "mdm"),), True, id="its last page"),
        pytest.param(PAGE, (), True, id="its last page, empty"),
        pytest.param(PAGE, ADE.facts, False, id="the ADE list"),
        pytest.param(PAGE, (fact("coverage", None, "mdm"),), False, id="an empty list of something else"),
        pytest.param(PAGE, (fact("sync_ok", 5, "dep"), fact("coverage", None, "mdm")), False, id="tokens"),
        pytest.param(PAGE, (fact("mdm_error", 5, "mdm"), fact("coverage", None, "mdm")), False, id="failures"),
        pytest.param(PAGE, PAGE.facts, False, id="the answer about one device"),
        pytest.param(ADE, (*ADE.facts, fact("mdm_row", None, "mdm")), True, id="the last page of the ADE list"),
        pytest.param(ADE, (fact("enrolled", None, "mdm"),), False, id="the devices beside the ADE list"),
    ],
)
def test_a_list_ends_with_its_own_last_page_alone(first: Reading, other: tuple[Fact, ...], ended: bool) -> None:
    """CASE.md: a page that lacks would be named nowhere, or one that is there would be said to lack."""
    first = msgspec.structs.replace(first, skipped=(Skipped("1.json", MORE),))
    rest = Reading("2.json", "intune", "", facts=other)
    for readings in ([first, rest], [rest, first]):
        assert unfinished(readings, lambda *_: "") == (frozenset() if ended else {"1.json"})


def test_parts_of_several_lists_are_not_counted_together() -> None:
    """The first pages of the computers and of the mobile devices would together be the whole of either."""

    def saved(path: str, *parts: str) -> Reading:
        return Reading(path, "jamf", "", skipped=tuple(Skipped(path, f"{PART}: {part}", 1, 0) for part in parts))

    mobile, computers = saved("1.json", "mdm jamf/mobile: 100 of 200"), saved("2.json", "mdm jamf/computer: 100 of 190")
    assert unfinished([mobile, computers], lambda *_: "") == {"1.json", "2.json"}
    rest = saved("3.json", "mdm jamf/mobile: 99 of 200")
    assert unfinished([mobile, computers, rest], lambda *_: "") == {"2.json"}
    both = saved("1.json", "dep: 100 of 200", "mdm: 100 of 200")
    assert unfinished([both], lambda *_: "") == {"1.json"}
    assert not unfinished([mobile, rest, saved("4.json", "0 of 200")], lambda *_: "")


def test_a_list_that_is_not_whole_leaves_other_lists_of_its_mdm_unread() -> None:
    """An iPad on the page that lacks would have vanished, for the list of the computers does not show it."""
    mobile = fact("enrolled", None, "mdm", mdm="jamf", mdm_id="jamf/mobile/1")
    part = Skipped("1.json", f"{PART}: mdm jamf/mobile: 1 of 20", 1, 0)
    first = Reading("1.json", "jamf", "", facts=(mobile,), skipped=(part,))
    computers = exported("jamf", fact("enrolled", None, "mdm", mdm="jamf", mdm_id="jamf/computer/1"), path="2.json")
    ade = exported("jamf", fact("dep_record", None, "dep", mdm="jamf"), path="3.json")
    found = reach([first, computers, ade, exported("fleet", path="4.json")], Case(), NOW, lambda *_: "")
    assert {origin.path for each in found["mdm"] for origin in each.origins} == {"4.json"}
    assert ade.facts[0].origin in {origin for each in found["apple"] for origin in each.origins}


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (("jamf/computer/1", "jamf/computer/2"), "computer"),
        (("jamf/mobile/1",), "mobile"),
        (("jamf/mobile/1", "jamf/computer/1"), ""),
        (("17",), ""),
        ((), ""),
    ],
)
def test_a_list_of_one_kind_of_device_is_known_as_that(ids: tuple[str, ...], kind: str) -> None:
    """Jamf has a list of the computers and one of the mobile devices: each says nothing of what stands in the other."""
    rows = [fact("enrolled", None, "mdm", mdm="jamf", mdm_id=each) for each in ids]
    found = reach([exported("jamf", *rows)], Case(), NOW, lambda *_: "")
    assert [each.kind for each in found["mdm"]] == [kind]
    assert {each.kind for each in found["apple"]} == {""}


def test_an_mdm_export_is_one_servers() -> None:
    """Another server's export would make a device vanish that it never had."""
    found = reach([exported("jamf", path="mdm/one.json")], Case(), NOW, lambda path, product: f"{path} {product}")
    assert [each.server for each in found["mdm"]] == ["mdm/one.json jamf"]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [((20,), False), ((20, 10), True), ((20, 20), True), ((0,), False), ((30,), True), ((28,), True)],
)
def test_a_list_is_whole_where_its_files_together_hold_all_rows(parts: tuple[int, ...], whole: bool) -> None:
    """Who saves the first page of a list would make all others strangers to the MDM."""
    readings = [
        Reading(f"{number}.json", "jamf", "", skipped=(Skipped(f"{number}.json", f"{PART}: {rows} of 30", 1, 0),))
        for number, rows in enumerate(parts)
    ]
    paths = {reading.path for reading in readings}
    assert unfinished(readings, lambda *_: "") == (frozenset() if whole else paths)
    read = reach(readings, Case(), 5, lambda *_: "")
    assert bool(read) is whole


def test_of_what_servers_say_only_the_time_is_held() -> None:
    """If this failed, 300,000 failures to sync would all be at hand while the newest event is looked for."""
    said = [Fact("sync_failed", at, "dep", "403", {"server": "x"}, Origin("dep.log", "dep")) for at in range(9)]
    other = [Fact("sync_failed", None, "dep", "", {}, Origin("dep.log", "dep")), fact("tls_probe", 5, "tls")]
    events = list(_of_servers(iter([*said, *other])))
    assert events == [(-at, ("x", "dep"), "") for at in range(9)]
    assert len({id(owner) for _, owner, _ in events}) == 1
    assert newest_event([], [], iter(said)) == 8
