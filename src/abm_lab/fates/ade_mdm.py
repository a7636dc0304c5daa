"""Devices that fetched their profile and failed at the MDM: Apple's side is confirmed, the MDM's is absent."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import FORBIDDEN, MDMCLIENT, UNAVAILABLE, Saying, asking, error
from abm_lab.fates._interface import Fate, Truth, ade
from abm_lab.fates._servers import dated, is_product, tells_push

_NO_MDM = ("mdm",)
_PUSHED = Truth("half_confirmed", "accepted", "L2", missing=_NO_MDM)


def _half(layer: str, cause: str | None = None) -> Truth:
    return Truth("half_confirmed", "accepted", layer, cause, missing=_NO_MDM)


def _failing(number: str, title: str, saying: Saying, layer: str, cause: str | None = None) -> Fate:
    life = Life(pushed_s=60, says=((90, saying), (150, saying)))
    return ade(f"ade_{number}", title, _half(layer, cause), _PUSHED, life, servers=tells_push)


FATES = (
    _failing("403", "403 from the MDM", FORBIDDEN, "L0", "mdm_refused"),
    _failing(
        "12007",
        "12007: not authorized",
        error("MCMDMErrorDomain", 12007, "The device is not authorized.", MDMCLIENT),
        "L0",
        "mdm_refused",
    ),
    _failing(
        "12020",
        "12020: unauthorized by the server",
        error("MCMDMErrorDomain", 12020, "The server did not authorize the device.", MDMCLIENT),
        "L0",
        "mdm_refused",
    ),
    _failing(
        "12002",
        "12002: cannot check in",
        error("MCMDMErrorDomain", 12002, "The device cannot check in.", MDMCLIENT),
        "L0",
        "mdm_unreachable",
    ),
    _failing(
        "23000",
        "23000: bad identity",
        error("MCHTTPTransactionErrorDomain", 23000, "The identity is invalid."),
        "L0",
        "mdm_unreachable",
    ),
    _failing(
        "23001",
        "23001: bad server response",
        error("MCHTTPTransactionErrorDomain", 23001, "The server's answer is invalid."),
        "L0",
        "mdm_unreachable",
    ),
    _failing(
        "12004",
        "12004: invalid push certificate",
        error("MCMDMErrorDomain", 12004, "The push certificate is invalid.", MDMCLIENT),
        "L0",
        "push_unavailable",
    ),
    _failing(
        "12015",
        "12015: no push token",
        error("MCMDMErrorDomain", 12015, "The device cannot get a push token.", MDMCLIENT),
        "L0",
        "push_unavailable",
    ),
    _failing(
        "12022",
        "12022: invalid topic",
        error("MCMDMErrorDomain", 12022, "The topic is invalid.", MDMCLIENT),
        "L0",
        "push_unavailable",
    ),
    _failing(
        "1009",
        "1009: profile cannot be installed",
        error("MCProfileErrorDomain", 1009, "The profile could not be installed."),
        "L0",
        "profile_rejected",
    ),
    _failing(
        "2002",
        "2002: a payload is invalid",
        error("MCPayloadErrorDomain", 2002, "A required field is missing."),
        "L0",
        "profile_rejected",
    ),
    _failing(
        "4001",
        "4001 of the installation",
        error("MCInstallationErrorDomain", 4001, "Profile Installation Failed"),
        "L0",
        "profile_rejected",
    ),
    _failing(
        "22005",
        "22005: SCEP server not reached",
        error("MCSCEPErrorDomain", 22005, "The SCEP server could not be reached."),
        "L0",
        "identity_certificate",
    ),
    _failing(
        "23002",
        "23002: the MDM's certificate is not trusted",
        error("MCHTTPTransactionErrorDomain", 23002, "The server certificate is invalid."),
        "L1",
    ),
    _failing(
        "12006",
        "12006: redirected",
        error("MCMDMErrorDomain", 12006, "The server redirects.", MDMCLIENT),
        "L1",
    ),
    ade(
        "ade_miswritten",
        "its serial spelled in three ways; refused by the MDM",
        _half("L0", "mdm_refused"),
        _PUSHED,
        Life(miswritten=True, pushed_s=60, says=((90, FORBIDDEN),)),
        servers=dated,
    ),
    ade(
        "ade_pushed",
        "fetched its profile, never checked in",
        _PUSHED,
        _PUSHED,
        Life(pushed_s=60),
        servers=dated,
    ),
    ade(
        "ade_pushed_after_error",
        "34006 overcome by the push, then silence",
        _PUSHED,
        _PUSHED,
        Life(says=asking(UNAVAILABLE, 20), pushed_s=60),
        servers=dated,
    ),
    ade(
        "ade_kandji_overcome",
        "34006, pushed without a time: overcome",
        _PUSHED,
        _PUSHED,
        Life(says=asking(UNAVAILABLE, 20), pushed_s=60),
        servers=lambda server: tells_push(server) and server.product == "kandji",
    ),
    ade(
        "ade_authenticated",
        "checked in, and its token never came",
        Truth("half_confirmed", "registered", "L0", "checkin_incomplete", missing=_NO_MDM),
        Truth("half_confirmed", "registered", "L0", "checkin_incomplete", missing=_NO_MDM),
        Life(pushed_s=60, authenticated_s=90),
        servers=is_product("nanomdm"),
    ),
    ade(
        "ade_removed_after_push",
        "fetched its profile, which was then removed",
        _half("L0", "profile_removed"),
        _half("L0", "profile_removed"),
        Life(profile="removed", pushed_s=60),
        servers=dated,
    ),
)
