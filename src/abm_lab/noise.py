"""Background lines: what other processes of a device log meanwhile, and lines that only look like facts.

The background is drawn once per format from a fixed seed; a capture takes a stretch of it from a place of its own.
"""

import random
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from abm_lab.records import Speaker
from abm_lab.styles import BY_ID, Line

_RING_LENGTH = 3000
_RING_SEED = 20260517


_BLANK = re.compile(r"\{([nhufs])\}")
_FILL: dict[str, Callable[[random.Random], str]] = {
    "n": lambda rng: str(rng.randrange(100, 99_999)),
    "h": lambda rng: f"{rng.getrandbits(40):010x}",
    "u": lambda rng: str(uuid.UUID(int=rng.getrandbits(128), version=4)).upper(),
    "f": lambda rng: f"{rng.uniform(0, 60):.3f}",
    "s": lambda rng: str(rng.randrange(1, 99)),
}

_SPRINGBOARD = Speaker("SpringBoard", "com.apple.SpringBoard", "Notifications")
_ANALYTICS = Speaker("analyticsd", "com.apple.analytics", "upload")
_URLSESSION = Speaker("nsurlsessiond", "com.apple.CFNetwork", "Default")
_TIMED = Speaker("timed", "com.apple.timed", "filter")
_REPORT = Speaker("ReportCrash", "com.apple.osanalytics", "log")
_TESLAD = Speaker("teslad", "com.apple.CloudConfigurationDaemon", "default")
_MDMCLIENT = Speaker("mdmclient", "com.apple.ManagedClient", "MDMDaemon")
_PROFILED = Speaker("profiled", "com.apple.MCX", "enrollment")


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A line with a fact's words in it that is none: another process, or the words inside another message."""

    speaker: Speaker
    level: str
    text: str


NEAR_MISSES = (
    NearMiss(_SPRINGBOARD, "Default", "ABM response: 204"),
    NearMiss(_SPRINGBOARD, "Default", "ABMDeviceRegistered"),
    NearMiss(_SPRINGBOARD, "Error", 'Banner text "TLS handshake failed: certificate not yet valid" truncated'),
    NearMiss(_ANALYTICS, "Default", "[ABM] ABMRegistrationSucceeded"),
    NearMiss(_ANALYTICS, "Info", 'sample {"message":"ABM response: 202 {\\"devices\\":[]}","count":3}'),
    NearMiss(_ANALYTICS, "Default", "enrollmentMethod=none"),
    NearMiss(_URLSESSION, "Error", "TLS handshake failed: unknown issuer"),
    NearMiss(_URLSESSION, "Error", "TLS handshake failed: certificate not yet valid"),
    NearMiss(_TIMED, "Default", "Clock offset: 9.214 s"),
    NearMiss(
        _REPORT, "Default", "ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 (quoted from a report)"
    ),
    NearMiss(_REPORT, "Info", "DEPDeviceEnrolled"),
    NearMiss(_TESLAD, "Debug", "Waiting for ABMDeviceRegistered"),
    NearMiss(_TESLAD, "Debug", "Handler for ABM response: 204 is installed"),
    NearMiss(_TESLAD, "Info", "If this repeats, look for TLS handshake failed: unknown issuer"),
    NearMiss(_MDMCLIENT, "Debug", "Will log MDMProfileAssigned when the profile is here"),
    NearMiss(_MDMCLIENT, "Debug", 'Known error text: "ABMErrorDomain Code=4001 Device identifier rejected"'),
    NearMiss(_MDMCLIENT, "Info", "Rule: report when Clock offset: exceeds 5.79 s"),
    NearMiss(_PROFILED, "Debug", "Expected enrollmentMethod=none is never right here"),
    NearMiss(_PROFILED, "Info", "Preflight before Sending enrollment request to the endpoint"),
    NearMiss(_PROFILED, "Debug", "No ABMRegistrationStarted so far"),
)

_SSO = Speaker("AppSSOAgent", "com.apple.AppSSO", "agent")
_APPLE_ERROR = 'Error Domain=MCCloudConfigurationErrorDomain Code=34000 "The device failed to request configuration"'
_MDM_ERROR = 'Error Domain=MCMDMErrorDomain Code=12007 "The device is not authorized."'
APPLE_NEAR_MISSES = (
    NearMiss(_SPRINGBOARD, "Error", _APPLE_ERROR),
    NearMiss(_SPRINGBOARD, "Default", "Retrying the request"),
    NearMiss(_ANALYTICS, "Error", _MDM_ERROR),
    NearMiss(_ANALYTICS, "Info", 'sample {"domain":"MCSCEPErrorDomain","code":22005,"count":2}'),
    NearMiss(_URLSESSION, "Error", "403 from the MDM server: com.apple.unrecognized.device"),
    NearMiss(_URLSESSION, "Error", 'Error Domain=NSURLErrorDomain Code=-1001 "The request timed out."'),
    NearMiss(_REPORT, "Default", f"quoted: {_APPLE_ERROR}"),
    NearMiss(_SSO, "Error", 'Error Domain=MCSSOErrorDomain Code=34001 "The single sign-on payload is invalid."'),
    NearMiss(_PROFILED, "Debug", "Profiles installed: 0"),
    NearMiss(_MDMCLIENT, "Debug", "No push topic is known yet"),
)


@lru_cache(maxsize=64)
def ring(style_id: str, zone_s: int) -> tuple[list[tuple[bytes, bytes]], int]:
    """Background lines of one format as (before, after) the stamp, and the mean bytes of a whole line."""
    rng = random.Random(_RING_SEED)
    style = BY_ID[style_id]
    chatter = _chatter()
    lines = []
    for _ in range(_RING_LENGTH):
        process, subsystem, category, level, text = rng.choice(chatter)
        filled = _BLANK.sub(lambda blank: _FILL[blank[1]](rng), text)
        speaker = Speaker(process, subsystem, category)
        lines.append(style.frame(Line(level, speaker, pid(process), filled), zone_s))
    stamp_bytes = len(style.stamp(1, zone_s))
    return lines, sum(len(before) + len(after) for before, after in lines) // len(lines) + stamp_bytes


@cache
def _chatter() -> list[list[str]]:
    """Process, subsystem, category, level and message of each template.

    In a message {n} is a number, {s} a small one, {f} a fraction, {h} hexadecimal, {u} a UUID.
    """
    text = resources.files("abm_lab").joinpath("assets", "chatter.tsv").read_text(encoding="utf-8")
    return [row.split("\t") for row in text.splitlines()[1:]]


def pid(process: str) -> int:
    """A process id that stays the same for a process name."""
    return (
        0 if process == "kernel" else 60 + sum(ord(letter) * (place + 1) for place, letter in enumerate(process)) % 900
    )
