"""Facts of the Apple dialect, in seconds after the boot: the organisation's list, DEP, check-ins, MDM records."""

from collections.abc import Iterable
from typing import Final

from tests.verdict.facts import DAY, at, fact, log

from abm_trace.core.nouns import Fact, Origin
from abm_trace.verdict import Context, Reach, thresholds
from abm_trace.verdict import build as build_context

SERVER: Final = "mdm-one"
DAYS: Final = DAY


def row(second: float | None = -DAYS, server: str = SERVER) -> Fact:
    """An orgDevices row that says ASSIGNED."""
    return fact("assigned", second, "abm", "ASSIGNED", by="org-devices", server=server)


def unassigned(second: float | None = -DAYS) -> Fact:
    """An orgDevices row that says UNASSIGNED."""
    return fact("unassigned", second, "abm", "UNASSIGNED", by="org-devices")


def released(second: float | None = -DAYS) -> Fact:
    """An orgDevices row of a device that left the organisation."""
    return fact("released", second, "abm", by="org-devices")


def added(second: float = -9 * DAYS) -> Fact:
    """An orgDevices row: when the device was added."""
    return fact("known", second, "abm", by="org-devices")


def record(status: str, second: float | None = -DAYS, server: str = SERVER) -> Fact:
    """A DEP record with this profile status."""
    return fact("dep_record", second, "dep", status, by="dep-devices", server=server, op_type="added")


def pushed(second: float | None = 20) -> Fact:
    """The device fetched its profile."""
    return fact("pushed", second, "dep", by="dep-devices", server=SERVER)


def authenticated(second: float | None = 30) -> Fact:
    """NanoMDM's Authenticate."""
    return fact("authenticate", second, "mdm", by="nanomdm")


def updated(second: float | None = 33) -> Fact:
    """NanoMDM's first TokenUpdate."""
    return fact("token_update", second, "mdm", by="nanomdm")


def coded(cause: str, second: float = 10, kind: str = "fetch_error", layer: str = "L0") -> Fact:
    """An error of the device's own log that means a cause, or a layer."""
    return log(kind, second, cause or layer, by=f"code-{cause or layer}", layer=layer, cause=cause)


def installation_failed(second: float = 41, code: str = "4001") -> Fact:
    """An installation that failed, which says no more than that."""
    return log("mdm_error", second, by="profile-installation-failed", layer="L0", cause="profile_rejected", code=code)


def commanded(second: float = 50) -> Fact:
    """The device's own log: mdmclient processes a command of an MDM."""
    return log("mdm_command", second, "Processing server request: DeviceInformation", by="mdm-command-processed")


def certificate_missing(second: float = 5) -> Fact:
    """`MobileActivation -4`, the UCRT is unavailable."""
    return log("certificate_error", second, by="client-certificate-unavailable", layer="L6")


def failed(cause: str, second: float, value: str = "T_C_NOT_SIGNED", server: str = SERVER) -> tuple[str, str, Fact]:
    """An MDM server's failed sync."""
    return "server", server, fact("sync_failed", second, "dep", value, by="depsyncer-log", layer="L0", cause=cause)


def synced(second: float, server: str = SERVER) -> tuple[str, str, Fact]:
    """An MDM server's sync that went well."""
    return "server", server, fact("sync_ok", second, "dep", by="depsyncer-log")


def case(
    *,
    dep: float | None = DAYS,
    mdm: float | None = DAYS,
    org: float | None = DAYS,
    dep_server: str = "",
    wide: Iterable[tuple[str, str, Fact]] = (),
) -> Context:
    """A case in which DEP, the MDM and the organisation's list were read up to so many seconds after the boot."""
    reach = {
        side: [Reach(at(until), 0, (Origin(f"{side}.json", side, 0, 9, 1, 0, "a" * 64),), server)]
        for side, until, server in (("apple", dep, dep_server), ("mdm", mdm, dep_server), ("org", org, ""))
        if until is not None
    }
    return build_context(wide, reach, thresholds(), {})
