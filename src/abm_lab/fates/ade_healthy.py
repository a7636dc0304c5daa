"""Apple's own way, with a good end: straight, after errors that were overcome, and as each product shows it."""

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import FAILED, NONCE, RETRYING, UCRT, UCRT_DONE, UNAVAILABLE, UNVERIFIED, asking
from abm_lab.fates._interface import CONFIRMED, NOT_STARTED, Truth, ade
from abm_lab.fates._servers import dated, is_product

_CONFIGURED = Truth("confirmed", "configured")
_HOUR_S = 3600.0

FATES = (
    ade("ade_healthy", "fetches its profile and enrols", CONFIRMED, CONFIRMED, Life(pushed_s=60, enrolled_s=120)),
    ade(
        "ade_healthy_retried",
        "34006, then enrols",
        CONFIRMED,
        CONFIRMED,
        Life(says=asking(UNAVAILABLE, 20, 50), pushed_s=90, enrolled_s=160),
    ),
    ade(
        "ade_healthy_refused",
        "34000 and 34008, then enrols",
        CONFIRMED,
        CONFIRMED,
        Life(says=(*asking(FAILED, 20), *asking(UNVERIFIED, 45)), pushed_s=100, enrolled_s=190),
    ),
    ade(
        "ade_healthy_nonce",
        "33014, then enrols",
        CONFIRMED,
        CONFIRMED,
        Life(says=asking(NONCE, 20), pushed_s=80, enrolled_s=140),
    ),
    ade(
        "ade_healthy_ucrt",
        "no UCRT at first, then enrols",
        CONFIRMED,
        CONFIRMED,
        Life(says=((20, UCRT), (80, UCRT_DONE), (84, RETRYING)), pushed_s=110, enrolled_s=200),
    ),
    ade(
        "ade_healthy_clock",
        "a clock 9 s ahead that hindered nothing",
        CONFIRMED,
        CONFIRMED,
        Life(clock_s=9.1, pushed_s=60, enrolled_s=130),
    ),
    ade(
        "ade_unlisted",
        "enrols, missing in the manifest",
        CONFIRMED,
        CONFIRMED,
        Life(in_manifest=False, pushed_s=60, enrolled_s=120),
    ),
    ade(
        "ade_configured",
        "enrols, and Setup Assistant lets it go",
        _CONFIGURED,
        _CONFIGURED,
        Life(pushed_s=60, enrolled_s=120, configured_s=240),
        servers=is_product("nanomdm"),
    ),
    ade(
        "ade_removed_later",
        "enrols, and its profile is removed afterwards",
        CONFIRMED,
        CONFIRMED,
        Life(profile="removed", pushed_s=60, enrolled_s=120),
        servers=dated,
    ),
    ade(
        "ade_early",
        "enrols before its server's trouble begins",
        CONFIRMED,
        CONFIRMED,
        Life(pushed_s=60, enrolled_s=120),
        servers=lambda server: server.told and server.trouble in {"terms", "token", "cursor"},
        boots_before_s=(28 * _HOUR_S, 80 * _HOUR_S),
    ),
    ade(
        "ade_closing",
        "enrols exactly at the end",
        CONFIRMED,
        CONFIRMED,
        Life(pushed_s=20, enrolled_s=60, until_end=True),
        servers=lambda server: dated(server) and server.product != "fleet",
        boots_before_s=(60, 60),
    ),
    ade("ade_not_started", "assigned, and still in its box", NOT_STARTED, NOT_STARTED, Life(boots=False)),
)
