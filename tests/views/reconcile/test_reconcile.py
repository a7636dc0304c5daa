"""Set differences by name: what one source says and another one, which was read, does not."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm_trace.core import instants
from abm_trace.core.nouns import Device, Fact, Origin, Verdict
from abm_trace.views.reconcile import (
    ABM,
    FETCH,
    MANIFEST,
    MDM,
    REQUESTS,
    SYNC,
    Difference,
    Listing,
    Reconciliation,
    Seen,
    reconcile,
)

T = instants.parse("2026-05-17T08:00:00Z")
S = instants.SECOND
LATE = T + 9 * 3600 * S
ALL = tuple(Listing(source, LATE) for source in (MANIFEST, ABM, FETCH, SYNC, MDM, REQUESTS))
ORIGIN = Origin("x.json", "x", record=0)


def fact(kind: str, source: str, at: int | None = T, value: str = "", **attrs: str) -> Fact:
    """One fact of a device."""
    return Fact(kind, at, source, value, attrs, ORIGIN)


def record(status: str, phase: str = "sync", **attrs: str) -> Fact:
    """A DEP record."""
    return fact("dep_record", "dep", T, status, phase=phase, **attrs)


def verdict(name: str, layer: str | None = None, cause: str | None = None) -> Verdict:
    """A verdict of which only this matters."""
    return Verdict(
        "S", "", name, None, None, layer, cause, (), 90, 0, (), None, None, (), (), "", T
    )  # fmt: skip


def seen(*facts: Fact, serial: str = "F9A", judged: Verdict | None = None, server: str = "main", **words: Fact) -> Seen:
    """A device as the sources see it, of the clinic, assigned to the server `main`."""
    attrs = next((dict(each.attrs) for each in facts if each.source == "manifest"), {})
    return Seen(Device(serial, {"site": "clinic-01", **attrs}, facts), judged, server, **words)


IN_MANIFEST = fact("known", "manifest", None)
IN_ABM = fact("known", "abm")
ASSIGNED = fact("assigned", "abm", value="ASSIGNED")
PUSHED = fact("pushed", "dep")
ENROLLED = fact("enrolled", "mdm")


def made(*devices: Seen, listings: Iterable[Listing] = ALL) -> Reconciliation:
    """The reconciliation of these devices."""
    return reconcile(devices, listings, confirmation_us=63 * S)


def one(found: Reconciliation, name: str) -> Difference:
    """The comparison of this id."""
    (difference,) = [each for each in found.differences if each.id == name]
    return difference


def differing(found: Reconciliation) -> set[str]:
    """The ids of the comparisons in which some device differs."""
    return {each.id for each in found.differences if each.devices}


HEALTHY = seen(
    IN_MANIFEST, IN_ABM, ASSIGNED, record("pushed", "fetch"), record("pushed"), PUSHED, ENROLLED, serial="F9H",
    record=record("pushed"),
)  # fmt: skip

CASES = {
    "manifest-not-abm": seen(IN_MANIFEST),
    "abm-not-manifest": seen(IN_ABM),
    "assigned-not-fetched": seen(IN_MANIFEST, IN_ABM, ASSIGNED, record("empty")),
    "assigned-not-synced": seen(IN_MANIFEST, IN_ABM, ASSIGNED),
    "fetched-not-synced": seen(IN_MANIFEST, IN_ABM, record("pushed", "fetch")),
    "synced-without-profile": seen(IN_MANIFEST, IN_ABM, record("empty"), record=record("empty")),
    "profile-not-pushed": seen(IN_MANIFEST, IN_ABM, record("assigned"), record=record("assigned")),
    "pushed-no-check-in": seen(IN_MANIFEST, IN_ABM, record("pushed"), PUSHED, record=record("pushed")),
    "registered-not-enrolled": seen(IN_MANIFEST, fact("registered", "audit")),
    "check-in-no-record": seen(IN_MANIFEST, IN_ABM, fact("authenticate", "mdm")),
    "mdm-only": seen(ENROLLED),
}


def test_who_is_in_all_of_them_differs_nowhere() -> None:
    """If this failed, healthy devices would stand in the lists of those that someone must look after."""
    found = made(HEALTHY)
    assert differing(found) == set()
    assert found.differing == 0
    assert {each.id for each in found.differences} == set(CASES)
    assert [(each.state, each.devices) for each in found.sources] == [("read", 1)] * 5


@pytest.mark.parametrize("name", CASES)
def test_each_difference_is_found_by_name(name: str) -> None:
    """If this failed, a device that is lost between two sources would be lost in the table too."""
    found = made(HEALTHY, CASES[name])
    assert name in differing(found)
    (row,) = one(found, name).devices
    assert (row.serial, row.site, row.server) == ("F9A", "clinic-01", "main")
    assert row.reason
    assert found.differing == 1


@pytest.mark.parametrize(
    ("name", "lacking", "says"),
    [
        ("manifest-not-abm", ABM, "read in part"),
        ("abm-not-manifest", MANIFEST, "read in part"),
        ("assigned-not-fetched", FETCH, "read in part"),
        ("assigned-not-synced", SYNC, "read in part"),
        ("fetched-not-synced", SYNC, "read in part"),
        ("pushed-no-check-in", MDM, "read in part"),
        ("registered-not-enrolled", MDM, "read in part"),
    ],
)
def test_what_was_not_read_as_a_whole_is_no_difference(name: str, lacking: str, says: str) -> None:
    """If this failed, an export that was never taken would read as thousands of lost devices."""
    listings = [each for each in ALL if each.source != lacking]
    difference = one(made(HEALTHY, CASES[name], listings=listings), name)
    assert difference.devices == difference.not_compared == ()
    assert says in difference.unread


def test_a_source_that_names_nobody_was_not_read() -> None:
    """If this failed, a case without DEP would be said to have an empty one."""
    found = made(seen(IN_MANIFEST, IN_ABM, ASSIGNED), listings=[Listing(MANIFEST, LATE), Listing(ABM, LATE)])
    assert differing(found) == set()
    unread = {each.id: each.unread for each in found.differences if each.unread}
    assert unread["assigned-not-fetched"] == "the DEP full fetch was not read"
    assert unread["pushed-no-check-in"] == unread["synced-without-profile"] == "DEP was not read"
    assert unread["mdm-only"] == "the MDM was not read"
    assert {each.id: each.state for each in found.sources}[SYNC] == "not read"


def test_an_empty_list_that_was_read_is_one() -> None:
    """If this failed, a server that hands out no device at all would be taken for one that nobody asked."""
    found = made(seen(IN_MANIFEST, IN_ABM, ASSIGNED))
    assert {"assigned-not-fetched", "assigned-not-synced"} <= differing(found)


def test_another_servers_list_says_nothing() -> None:
    """If this failed, the devices of a server of which nothing was saved would all be lost."""
    listings = [*(each for each in ALL if each.source != FETCH), Listing(FETCH, LATE, "other")]
    device = CASES["assigned-not-fetched"]
    difference = one(made(device, listings=listings), "assigned-not-fetched")
    assert difference.devices == ()
    assert [row.reason for row in difference.not_compared] == ["the DEP full fetch of main was not read"]
    own = [*listings, Listing(FETCH, LATE, "main")]
    assert one(made(device, listings=own), "assigned-not-fetched").devices


def test_what_came_after_the_list_is_no_difference() -> None:
    """If this failed, each device that took its profile after the inventory was exported would be missing from it."""
    listings = [*(each for each in ALL if each.source != MDM), Listing(MDM, T - S)]
    difference = one(made(CASES["pushed-no-check-in"], listings=listings), "pushed-no-check-in")
    assert difference.devices == ()
    assert difference.not_compared[0].reason == "it came after the MDM was read (2026-05-17T07:59:59Z)"
    undated = seen(IN_ABM, record("pushed"), fact("pushed", "dep", None), record=record("pushed"))
    assert one(made(undated, listings=listings), "pushed-no-check-in").devices


def test_who_asked_for_commands_has_checked_in() -> None:
    """If this failed, a device that its MDM hears of every hour would be one that never came."""
    heard = seen(IN_ABM, record("pushed"), PUSHED, fact("connected", "mdm"), record=record("pushed"))
    assert not one(made(heard), "pushed-no-check-in").devices


def test_who_is_on_the_way_is_no_difference() -> None:
    """If this failed, a device that took its profile a minute ago would be said to have got lost."""
    moving = seen(IN_ABM, record("pushed"), PUSHED, record=record("pushed"), judged=verdict("in_progress"))
    difference = one(made(moving), "pushed-no-check-in")
    assert (len(difference.devices), len(difference.not_compared)) == (0, 1)


@pytest.mark.parametrize(
    ("name", "device", "reason"),
    [
        ("manifest-not-abm", seen(IN_MANIFEST, IN_ABM, released=fact("released", "abm")), "released"),
        ("manifest-not-abm", seen(IN_MANIFEST), "mistyped"),
        ("manifest-not-abm", seen(IN_MANIFEST, fact("booted", "log")), "nothing of it reached Apple"),
        (
            "manifest-not-abm",
            seen(IN_MANIFEST, fact("booted", "log"), judged=verdict("vanished", "L1")),
            "stopped at L1",
        ),
        ("abm-not-manifest", seen(IN_ABM, unassigned=fact("unassigned", "abm")), "without a server"),
        ("assigned-not-fetched", seen(ASSIGNED, record("deleted")), "`deleted`"),
        (
            "assigned-not-synced",
            seen(ASSIGNED, judged=verdict("vanished", "L0", "terms_not_accepted")),
            "stopped at L0 terms not accepted",
        ),
        ("assigned-not-synced", seen(ASSIGNED, judged=verdict("vanished", "L0", "mdm_refused")), "stream begins"),
        (
            "synced-without-profile",
            seen(record("empty"), fact("throttled", "dep", value="THROTTLED"), record=record("empty")),
            "answered THROTTLED",
        ),
        ("synced-without-profile", seen(record("removed"), record=record("removed")), "removed"),
        ("profile-not-pushed", seen(record("assigned"), record=record("assigned")), "box"),
        ("profile-not-pushed", seen(fact("booted", "log"), record=record("assigned")), "did not take its profile"),
        ("registered-not-enrolled", seen(fact("registered", "abm"), fact("mdm_row", "mdm")), "waits"),
        ("check-in-no-record", seen(fact("authenticate", "mdm")), "Authenticate without TokenUpdate"),
        ("mdm-only", seen(fact("enrolled_by_hand", "mdm")), "by hand"),
        ("mdm-only", seen(fact("mdm_row", "mdm")), "left over"),
    ],
)
def test_the_reason_is_the_likely_one(name: str, device: Seen, reason: str) -> None:
    """If this failed, the list would send people to look in the wrong place."""
    (row,) = one(made(HEALTHY, device), name).devices
    assert reason in row.reason


def test_the_first_token_update_is_the_record_where_there_is_no_inventory() -> None:
    """If this failed, all devices of a server without an inventory, as NanoMDM is, would lack their record."""
    checked_in = (IN_MANIFEST, IN_ABM, fact("authenticate", "mdm"), fact("token_update", "mdm"))
    assert one(made(seen(*checked_in, server="nano")), "check-in-no-record").devices == ()
    listed = seen(fact("enrolled", "mdm"), server="jamf", serial="F9J")
    assert one(made(listed, seen(*checked_in, server="jamf")), "check-in-no-record").devices


def test_mdm_only_is_said_of_what_was_read() -> None:
    """If this failed, a device would be in the MDM alone because nobody looked elsewhere."""
    device = CASES["mdm-only"]
    assert one(made(device, listings=[Listing(MDM, LATE)]), "mdm-only").unread
    found = one(made(device, listings=[Listing(MDM, LATE), Listing(MANIFEST, LATE)]), "mdm-only")
    assert "not read as a whole: Apple Business Manager, DEP full fetch, DEP sync stream" in found.devices[0].reason
    assert one(made(seen(ENROLLED, released=fact("released", "abm"))), "mdm-only").devices == ()


def asked(at: int, request: str = "") -> Fact:
    """A request in the audit."""
    return fact("requested", "audit", at, request_id=request)


def test_audit_and_inventory_list_both_sets() -> None:
    """If this failed, C3 would be two numbers of which nobody knows whose they are."""
    both = seen(asked(T), asked(T + 5 * S), fact("mdm_row", "mdm", T + 60 * S), serial="F9B")
    only_asked = seen(asked(T + 600 * S), fact("enrolled", "mdm"), fact("mdm_row", "mdm"), serial="F9C")
    only_waits = seen(fact("mdm_row", "mdm", T + 663 * S), serial="F9D")
    before, after = (
        seen(fact("mdm_row", "mdm", at), serial=name) for at, name in ((T - S, "F9E"), (T + 664 * S, "F9F"))
    )
    undated = seen(fact("mdm_row", "mdm", None), serial="F9G")
    logged = seen(fact("requested", "log", T - 9 * S), serial="F9K")
    audit = made(both, only_asked, only_waits, before, after, undated, logged).audit
    assert audit.window == (T, T + 663 * S)
    assert (audit.requests, audit.both, audit.unread) == (3, 1, "")
    assert [row.serial for row in audit.requested] == ["F9B", "F9C"]
    assert [(row.serial, row.reason) for row in audit.waiting] == [
        ("F9B", "asked too"),
        ("F9D", "never asked, as far as the audit goes"),
    ]
    assert [row.serial for row in audit.undated] == ["F9G"]


def test_a_request_in_two_exports_is_one() -> None:
    """If this failed, exporting the audit twice would double who asked."""
    assert made(seen(asked(T, "r1"), asked(T, "r1"), asked(T, "r2"), ENROLLED)).audit.requests == 2


def test_the_window_also_knows_when_devices_were_staged() -> None:
    """If this failed, rows of devices that never asked would fall out of the window of their staging."""
    staged = seen(fact("known", "manifest", None, staged_at="2026-05-17T07:00:00Z"), fact("mdm_row", "mdm", T))
    assert made(staged, seen(asked(T), serial="F9B")).audit.window == (T - 3600 * S, T + 63 * S)
    odd = seen(fact("known", "manifest", None, staged_at="noon"), fact("mdm_row", "mdm", T))
    assert made(odd).audit.unread == "no request and no `staged_at` says when the devices were staged"


@pytest.mark.parametrize(
    ("facts", "listings", "says"),
    [
        ((fact("mdm_row", "mdm"),), [Listing(MDM, LATE)], "the guide's audit of who asked was not read"),
        ((asked(T),), [Listing(REQUESTS, LATE)], "the MDM was not read"),
    ],
)
def test_audit_or_inventory_that_was_not_read(facts: tuple[Fact, ...], listings: list[Listing], says: str) -> None:
    """If this failed, an audit that was never exported would read as devices that never asked."""
    assert made(seen(*facts), listings=listings).audit.unread == says


@given(st.permutations(sorted(CASES)))
def test_order_and_repetition_do_not_matter(names: list[str]) -> None:
    """If this failed, the same case would differ from itself when its files are listed in another order."""
    devices = {name: CASES[name] for name in names}
    renamed = [
        Seen(
            Device(f"F9{name}", each.device.attrs, tuple(reversed((*each.device.facts, *each.device.facts)))),
            each.verdict, each.server, each.released, each.unassigned, each.record,
        )
        for name, each in devices.items()
    ]  # fmt: skip
    plain = [
        Seen(Device(f"F9{name}", each.device.attrs, each.device.facts), each.verdict, each.server, record=each.record)
        for name, each in sorted(CASES.items())
    ]
    assert sets(made(*renamed)) == sets(made(*plain))


def sets(found: Reconciliation) -> dict[str, set[str]]:
    """The serials of each comparison."""
    return {each.id: {row.serial for row in each.devices} for each in found.differences}
