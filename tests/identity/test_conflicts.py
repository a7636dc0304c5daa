"""What contradicts itself about devices is shown on each of them, with its lines, and merges nothing."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some
from tests.identity.test_resolve import UDID, A, B, C, capture, export, kinds, manifest, only, resolved

from abm_trace.core.nouns import Device, Reading
from abm_trace.identity import Resolution
from abm_trace.pipeline.told import packed_facts

OTHER = "00008103-000A11112222001F"


def test_conflicts_are_shown_on_both_devices_and_merge_nothing() -> None:
    """If this failed, a UDID on two serials would hide one of the devices, or go unsaid."""
    found = resolved(manifest({"serial": A, "udid": UDID}, {"serial": B, "udid": UDID}))
    assert [device.serial for device in found.devices] == [A, B]
    for device in found.devices:
        assert {conflict.kind for conflict in device.conflicts} == {"conflict"}
        (text,) = {conflict.value for conflict in device.conflicts}
        assert A in text
        assert B in text


def test_a_conflict_leads_back_to_the_lines_that_say_it() -> None:
    """SPEC T6: if this failed, nobody could look up who named one UDID for two devices; its own line comes first."""
    made = manifest({"serial": A, "udid": UDID}, {"serial": C})
    found = resolved(made, export("fleet.json", "mdm", ("enrolled", 5, {"serial": B, "udid": UDID.lower()})))
    cited = {each.serial: [(line.origin.path, line.origin.record) for line in each.conflicts] for each in found.devices}
    lines = [("manifest.csv", 0), ("fleet.json", 0)]
    assert cited == {A: lines, B: lines[::-1], C: []}


def test_of_a_conflict_of_thousands_a_few_lines_are_cited() -> None:
    """If this failed, a faulty request that a whole batch shares would cite each device at each other one."""
    serials = [f"F9FXQ1AB{number}" for number in range(10, 30)]
    found = resolved(export("a.csv", "audit", *(("requested", 5, {"serial": s, "request_id": "r"}) for s in serials)))
    assert {len(device.conflicts) for device in found.devices} == {3, 4}
    assert [device.conflicts[0].origin.record for device in found.devices] == list(range(20))


SHARED = (
    ("mdm", {"udid": UDID}),
    ("manifest", {"udid": UDID}),
    ("audit", {"request_id": "r", "device_identifier": "d"}),
)


def fleet(count: int, source: str, same: dict[str, str]) -> list[Reading]:
    """An export that gives so many devices the same identifiers."""
    return [export("x.csv", source, *(("known", 5, {"serial": f"F9FXQ{n:05}", **same}) for n in range(count)))]


@pytest.mark.parametrize(("source", "same"), SHARED)
def test_of_ten_devices_of_one_identifier_each_is_named(source: str, same: dict[str, str]) -> None:
    """SPEC T4: if this failed, a swap of few devices would not show whom it concerns."""
    found = resolved(*fleet(10, source, same))
    for device in found.devices:
        for text in (conflict.value for conflict in device.conflicts):
            assert text.partition(" is named for ")[2] == ", ".join(each.serial for each in found.devices)


@pytest.mark.parametrize(("source", "same"), SHARED)
def test_of_more_the_first_are_named_and_all_counted(source: str, same: dict[str, str]) -> None:
    """If this failed, each device of a faulty export would list all others, or nobody would learn how many they are."""
    found = resolved(*fleet(1200, source, same))
    ends = {each.value.partition(" is named for ")[2] for device in found.devices for each in device.conflicts}
    names = ", ".join(f"F9FXQ{number:05}" for number in range(10))
    assert ends == {f"1,200 devices: {names} and 1,190 more"}


@pytest.mark.parametrize(("source", "same"), SHARED)
def test_conflicts_grow_with_the_devices_not_with_their_square(source: str, same: dict[str, str]) -> None:
    """If this failed, an export with one UDID for a whole fleet would take all the memory there is."""

    def told(count: int) -> tuple[int, int]:
        conflicts = [each for device in resolved(*fleet(count, source, same)).devices for each in device.conflicts]
        return len(conflicts), sum(len(each.value) for each in conflicts)

    (lines, letters), (twice_the_lines, twice_the_letters) = told(400), told(800)
    assert twice_the_lines - 2 * lines == 3 * len(same)  # The first three cite themselves once, not twice.
    assert twice_the_letters < 2.1 * letters


@given(some.permutations(range(14)), some.integers(0, 14), some.booleans())
def test_no_order_of_rows_or_files_changes_a_conflict(order: list[int], cut: int, doubled: bool) -> None:
    """If this failed, a folder's order on disk would choose which devices of an identifier are named and cited."""

    def rows(path: str, numbers: list[int]) -> Reading:
        return export(path, "mdm", *(("enrolled", 5, {"serial": f"F9FXQ{n:05}", "udid": UDID}) for n in numbers))

    def texts(found: Resolution) -> list[list[str]]:
        return [[each.value for each in device.conflicts] for device in found.devices]

    files = [rows("a.csv", order[:cut]), rows("b.csv", order[cut:]), *[rows("c.csv", order)] * doubled]
    found, turned = resolved(*files), resolved(*reversed(files))
    assert [each.conflicts for each in found.devices] == [each.conflicts for each in turned.devices]
    assert texts(found) == texts(resolved(rows("a.csv", list(range(14)))))


def test_devices_without_a_udid_have_none_in_common() -> None:
    """If this failed, a column of `N/A` would be a conflict of all devices, and theirs what a log says of none."""
    log = capture(f"logs/{A}.log", ("accepted", 5, {"request_id": "-"}))
    rows = manifest({"serial": A, "udid": "N/A"}, {"serial": B, "udid": "n/a"}, {"serial": C, "udid": "-"})
    found = resolved(rows, log, export("a.csv", "audit", ("requested", 5, {"request_id": "-"})))
    assert [device.conflicts for device in found.devices] == [()] * 3
    assert kinds(found.devices[0]) == ["accepted", "booted", "known"]


@pytest.mark.parametrize("name", ["request_id", "device_identifier"])
def test_a_log_s_line_of_a_shared_request_is_cited(name: str) -> None:
    """If this failed, an image that gave its identifier to a whole fleet would go unsaid, or cite nothing."""
    logs = [capture(f"logs/{serial}.log", ("accepted", 5, {name: "r"})) for serial in (A, B)]
    found = resolved(manifest({"serial": A}, {"serial": B}), *logs)
    assert [[line.origin.path for line in each.conflicts] for each in found.devices] == [
        [f"logs/{A}.log", f"logs/{B}.log"], [f"logs/{B}.log", f"logs/{A}.log"],
    ]  # fmt: skip


def test_the_lines_of_two_devices_in_one_file_share_a_request() -> None:
    """The same said in a collector's log, where each line names its device."""
    lines = (("accepted", 5, {"serial": serial, "request_id": "r"}) for serial in (A, B))
    found = resolved(manifest({"serial": A}, {"serial": B}), capture("syslog.log", *lines))
    assert [{each.kind for each in device.conflicts} for device in found.devices] == [{"shared"}] * 2


def test_a_shared_request_is_no_conflict_of_hardware() -> None:
    """If this failed, two devices of one faulty request would look like swapped boards."""
    rows = (("requested", 5, {"serial": serial, "request_id": "req_1"}) for serial in (A, B))
    found = resolved(export("audit.csv", "audit", *rows))
    assert {conflict.kind for device in found.devices for conflict in device.conflicts} == {"shared"}


def said(device: Device) -> list[tuple[str, str]]:
    """What contradicts itself about a device, and the file that says so."""
    return [(each.value, each.origin.path) for each in device.conflicts]


def test_two_udids_of_one_device_are_shown() -> None:
    """SPEC T4: if this failed, a replaced board, or a list of another rollout, would go unsaid."""
    mdm = export("mdm.csv", "mdm", ("enrolled", 30, {"serial": A, "udid": OTHER}))
    device = only(resolved(manifest({"serial": A, "udid": UDID}), mdm))
    text = f"more than one udid is named for it: {UDID}, {OTHER}"
    assert said(device) == [(text, "manifest.csv"), (text, "mdm.csv")]
    assert {each.kind for each in device.conflicts} == {"conflict"}


def test_one_udid_however_it_is_spelled_is_one() -> None:
    """If this failed, each device of a product that writes UDIDs without a hyphen would have a conflict."""
    spelled = (UDID, UDID.lower(), UDID.replace("-", ""))
    rows = [export(f"{n}.csv", "mdm", ("enrolled", 5, {"serial": A, "udid": each})) for n, each in enumerate(spelled)]
    assert said(only(resolved(*rows))) == []


def test_a_mac_s_udid_and_its_uuid_are_two_things() -> None:
    """If this failed, each Mac would have a conflict where one product says the UDID and another one the UUID."""
    uuid = "6A5B4C3D-0000-4000-8000-0123456789AB"
    rows = [export(f"{len(each)}.csv", "mdm", ("enrolled", 5, {"serial": A, "udid": each})) for each in (UDID, uuid)]
    assert said(only(resolved(*rows))) == []


def test_ids_that_servers_give_may_change() -> None:
    """If this failed, each device that enrols twice would have a conflict."""
    rows = [export(f"{n}.csv", "mdm", ("enrolled", 5, {"serial": A, "mdm_id": f"id-{n}"})) for n in range(2)]
    assert said(only(resolved(*rows))) == []


def test_an_identifier_is_shown_as_a_line_has_it() -> None:
    """If this failed, whoever searches the evidence for it would find nothing; or the order of files would choose."""
    rows = [export(f"{n}.csv", "mdm", ("enrolled", 5, {"serial": A, "udid": each}))
            for n, each in enumerate((OTHER, UDID.lower(), UDID.lower().replace("-", "")))]  # fmt: skip
    for readings in (rows, rows[::-1]):
        ((text, _), *_) = said(only(resolved(*readings)))
        assert text == f"more than one udid is named for it: {UDID.lower()}, {OTHER}"


def test_a_udid_of_two_devices_is_told_once() -> None:
    """If this failed, the order of files would choose for which of two devices a UDID is one too many."""
    rows = manifest({"serial": A, "udid": UDID}, {"serial": B, "udid": UDID}, {"serial": A, "udid": OTHER})
    texts = {device.serial: {each.value.partition(" is ")[0] for each in device.conflicts}
             for device in resolved(rows).devices}  # fmt: skip
    name = f"udid {UDID}"
    assert texts == {A: {name}, B: {name}}


def test_two_sites_of_one_device_are_shown() -> None:
    """If this failed, a device in two sites' manifests would be looked for at one of them, and nobody would know."""
    found = only(resolved(manifest({"serial": A, "site": "clinic-07"}, {"serial": A, "site": "clinic-01"})))
    text = "more than one site is named for it: clinic-01, clinic-07"
    assert said(found) == [(text, "manifest.csv")] * 2
    assert [each.origin.record for each in found.conflicts] == [1, 0]


@pytest.mark.parametrize("rows", [("clinic-01", "Clinic-01"), ("clinic-01", "")])
def test_one_site_is_no_conflict(rows: tuple[str, str]) -> None:
    """If this failed, each device of a doubled manifest would have one."""
    assert said(only(resolved(manifest(*({"serial": A, "site": site} for site in rows))))) == []


def test_of_very_many_sites_and_udids_a_few_are_named() -> None:
    """If this failed, a faulty export would make one finding as large as itself."""
    rows = manifest(*({"serial": A, "site": f"clinic-{n:04}", "udid": f"00008103-{n:016X}"} for n in range(2_000)))
    device = only(resolved(rows))
    assert len(device.conflicts) == 6
    assert max(len(each.value) for each in device.conflicts) < 400
    assert {each.value.partition(": ")[2].partition(":")[0] for each in device.conflicts} == {
        "2,000 values", "1,000 sites or more",
    }  # fmt: skip


@pytest.mark.parametrize("packing", [False, True])
def test_packed_facts_show_the_same(packing: bool) -> None:
    """If this failed, a large case would hide what a small one shows."""
    rows = manifest({"serial": A, "udid": UDID, "site": "clinic-01"}, {"serial": A, "udid": OTHER, "site": "clinic-02"})
    readings = [msgspec.structs.replace(rows, facts=packed_facts(rows.facts)) if packing else rows]
    (device,) = resolved(*readings).devices
    assert [each.value.partition(" is ")[0] for each in device.conflicts] == [
        *["more than one udid"] * 2, *["more than one site"] * 2,
    ]  # fmt: skip
