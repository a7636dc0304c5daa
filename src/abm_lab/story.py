"""The story of one device: the verbs with which a fate writes its evidence.

Every verb takes its time in seconds after the boot of the current capture, by the true clock.
"""

import math
import random
from dataclasses import dataclass

from abm_lab.fleet import REGIONS, Device
from abm_lab.moments import DAY, HOUR, MINUTE, SECOND, rfc3339
from abm_lab.records import (
    AuditEvent,
    Capture,
    Certificate,
    ClockSample,
    Exchange,
    Inventoried,
    Lifecycle,
    ListedDevice,
    Probe,
    RegistrationStatus,
    Speaker,
)

_CAPTURE_LENGTH = 10 * MINUTE
# Share of devices whose own log tells of the sync, too.
_SAYS_SYNCED = 0.3
# One of them writes all enrolment lines of a device; each counts by its process or by its subsystem.
ENROLLERS = (
    Speaker("teslad", "com.apple.CloudConfigurationDaemon", "default"),
    Speaker("mdmclient", "com.apple.ManagedClient", "MDMDaemon"),
    Speaker("mdmd", "com.apple.DeviceManagement.Enrollment", "abm"),
    Speaker("profiled", "com.apple.MCX", "enrollment"),
    Speaker("dmd", "com.apple.DeviceManagement.Enrollment", "abm"),
    Speaker("Setup", "com.apple.ManagedClient", "setup"),
)
REJECTED_4001 = (
    "ABMRegistrationFailedWithErrorDomain: ABMErrorDomain Code=4001 "
    '"Device identifier rejected: unstable, duplicate, or missing" '
    "UserInfo={NSLocalizedDescription=Device identifier rejected}"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One enrolment request that the device sent."""

    id: str
    identifier: str
    endpoint: str


class Story:
    """Evidence of one device, collected by family; the fate fills it, the chunk writes it."""

    def __init__(self, device: Device, boot_at: int, as_of: int, rng: random.Random) -> None:
        self.device = device
        self.as_of = as_of
        self.rng = rng
        self.identifier = f"{rng.getrandbits(128):032x}"
        self.enroller = rng.choice(ENROLLERS)
        self.prefix = rng.choice(("", "[ABM] "))
        self.captures: list[Capture] = []
        self.audit: list[AuditEvent] = []
        self.listed: ListedDevice | None = None
        self.lifecycle: Lifecycle | None = None
        self.inventoried: Inventoried | None = None
        self.clocks: list[ClockSample] = []
        self.exchanges: list[Exchange] = []
        self.probes: list[Probe] = []
        self.files: dict[str, bytes] = {}
        self.spellings: dict[str, str] = {}
        self.in_manifest = True
        self.precise = False
        self.attempts_logged = 0
        self.attempts_audited = 0
        self.boot_at = boot_at
        self._begin_capture()
        self.clock_ahead(rng.uniform(-0.05, 0.05))

    # Time and clocks

    def at(self, second: float) -> int:
        """The instant that many seconds after the boot."""
        return self.boot_at + round(second * SECOND)

    def reboot(self, hours: float) -> None:
        """A boot that many hours after the previous one, recorded in a capture of its own."""
        self.boot_at += round(hours * HOUR)
        self._begin_capture()

    def begin_journey(self) -> None:
        """Forget the attempts so far: they belong to an earlier journey, of which only the log's boots tell."""
        self.attempts_logged = 0

    def clock_ahead(self, seconds: float) -> None:
        """From now on the device's clock is that far ahead; it shows in the stamps of its log alone."""
        self.captures[-1].ahead_us = round(seconds * SECOND)

    def clock_row(self, second: float, offset_s: float) -> None:
        """A measurement of the device's clock in the clock CSV."""
        serial = self.spelled("clock")
        self.clocks.append(ClockSample(serial, "", rfc3339(self.at(second)), f"{offset_s:+.3f}"))

    # The device's own log

    def say(self, second: float, message: str, level: str = "Default", speaker: Speaker | None = None) -> None:
        """A log line by the enrolling process, or by another speaker."""
        text = self.prefix + message if speaker is None else message
        self.captures[-1].lines.append((self.at(second), level, speaker or self.enroller, text))

    def open(self, method: str = "abm", ahead_s: float | None = None) -> None:
        """The lines before any request; with `ahead_s` the device itself says how wrong its clock is."""
        if self.rng.random() < _SAYS_SYNCED:
            self.say(0.9, "DEPDeviceSynced")
        self.say(self.rng.uniform(1.2, 1.8), "Preparing for enrollment…")
        self.say(self.rng.uniform(2.0, 2.8), f"enrollmentMethod={method}")
        if ahead_s is not None:
            self.clock_ahead(ahead_s)
            self.say(self.rng.uniform(3.0, 3.9), f"Clock offset: {ahead_s:.3f} s")

    def request(
        self,
        second: float,
        *,
        region: str | None = None,
        renewed: bool = False,
        audited: bool = True,
        named: bool = True,
    ) -> Request:
        """An enrolment request: its log lines, and where ABM recorded it the audit event.

        It starts a tenth past a whole second, so that a log of whole seconds and the audit stay within one second.
        `renewed` draws a new deviceIdentifier; without `named` the log does not tell it.
        """
        start = math.floor(self.at(second) / SECOND) * SECOND + 100_000 + self.rng.randrange(100_000)
        second = (start - self.boot_at) / SECOND
        if renewed:
            self.identifier = f"{self.rng.getrandbits(128):032x}"
        endpoint = f"{region or self.device.site.region}.abm.apple.com"
        request = Request(f"req_{self.rng.getrandbits(48):012x}", self.identifier, endpoint)
        self.say(second, "ABMRegistrationStarted")
        if named:
            self.say(second + 0.02, f"deviceIdentifier={self.identifier}", "Debug")
        self.say(second + 0.04, f"Sending enrollment request to https://{endpoint}/v1/devices", "Debug")
        self.attempts_logged += 1
        if audited:
            self.attempts_audited += 1
            self.event(second + self.rng.uniform(0.1, 0.4), "device_enrollment_requested", request)
        return request

    def answer(self, second: float, body: str) -> None:
        """The log line of ABM's answer, `body` being what follows `ABM response: `."""
        self.say(second, f"ABM response: {body}")

    def answer_accepted(self, second: float, request: Request) -> None:
        """HTTP 202 that names the device."""
        body = f'{{"status":"accepted","requestId":"{request.id}","devices":[{{"device_id":"{self.device_id}"}}]}}'
        self.answer(second, f"202 {body}")

    def answer_empty(self, second: float, request: Request) -> None:
        """HTTP 202 with an empty device list: accepted, and nowhere."""
        self.answer(second, f'202 {{"status":"accepted","requestId":"{request.id}","devices":[]}}')

    def fail(self, second: float, reason: str) -> None:
        """A TLS handshake that failed."""
        self.say(second, f"TLS handshake failed: {reason}", "Error")

    # Apple's side

    @property
    def device_id(self) -> str:
        """The name that ABM gives the device."""
        return f"dev_{self.device.udid[-16:].lower()}"

    def event(
        self, second: float, event_type: str, request: Request | None = None, *, reason: str | None = None
    ) -> None:
        """An audit event."""
        site = self.device.site
        self.audit.append(
            AuditEvent(
                id=f"evt_{self.rng.getrandbits(48):012x}",
                event_type=event_type,
                occurred_at=rfc3339(self.at(second)),
                region=site.region,
                token_id=site.token,
                request_id=request.id if request else None,
                serial_number=self.spelled("audit"),
                device_identifier=request.identifier if request else None,
                reason=reason,
            )
        )

    def list_as(self, status: str, second: float) -> None:
        """The device's row in ABM's device list, with the status it has since then."""
        site = self.device.site
        self.listed = ListedDevice(
            self.device_id, self.spelled("abm"), status, rfc3339(self.at(second)), site.region, site.token
        )

    def live_as(self, state: str, second: float, reason: str | None = None) -> None:
        """The device's v2 lifecycle."""
        status = RegistrationStatus(state, reason, rfc3339(self.at(second)))
        self.lifecycle = Lifecycle(self.device_id, self.spelled("abm"), status)

    def synced(self, *, row: bool = True) -> None:
        """The MDM fetched the device's assignment some minutes before the boot, and perhaps made its `row`."""
        second = (self.device.staged_at - self.boot_at) / SECOND + self.rng.uniform(20, 90)
        self.event(second, "dep_device_synced")
        if row and self.rng.random() < 0.6:
            self._inventory(second + 2, None, None)

    def registered(self, second: float, request: Request | None = None) -> None:
        """ABM registered the device: audit, device list or lifecycle, and the log."""
        self.say(second + 0.3, "ABMRegistrationSucceeded")
        self.say(second + 0.4, "ABMDeviceRegistered")
        self.registered_unlogged(second, request)

    def registered_unlogged(self, second: float, request: Request | None = None) -> None:
        """The same without the device's own lines."""
        self.event(second, "device_registered", request)
        self.event(second + 0.05, "device_enrollment_registered", request)
        if self.rng.random() < 0.2:
            self.live_as("registered", second)
        else:
            self.list_as("registered", second)

    def profile_assigned(self, second: float) -> None:
        """The MDM's profile reached the device."""
        self.event(second, "profile_assigned")
        self.say(second + 0.3, "MDMProfileAssigned")

    # The MDM's side

    def enrolled(self, second: float) -> None:
        """The MDM's record is complete, by automated enrolment."""
        self._inventory(second - self.rng.uniform(5, 15), second, "abm")
        self.event(second + 0.5, "enrollment_complete")
        self.say(second + 0.7, "DEPDeviceEnrolled")

    def enrolled_unlogged(self, second: float) -> None:
        """The MDM's record alone says so."""
        self._inventory(second - self.rng.uniform(5, 15), second, "abm")

    def enrolled_by_hand(self, second: float) -> None:
        """A person enrolled the device at the MDM, past ABM."""
        self._inventory(second - self.rng.uniform(5, 15), second, "manual")

    def settle(self, second: float, request: Request | None = None) -> None:
        """All that follows a good request: registration, profile, enrolment, confirmed by both sides."""
        self.registered(second, request)
        self.profile_assigned(second + self.rng.uniform(2, 4))
        self.enrolled(second + self.rng.uniform(6, 12))

    def arrive(self) -> None:
        """The straight way from the boot: one request, answered, registered and enrolled within the minute."""
        self.open(ahead_s=round(self.rng.uniform(-0.09, 0.09), 3))
        request = self.request(self.rng.uniform(5, 9))
        self.answer_accepted(11, request)
        self.settle(self.rng.uniform(12, 18), request)

    # Probes and captures

    def probe(self, second: float, *, stapled: bool, verify_code: int = 0) -> None:
        """A TLS probe of the device's endpoint from its staging host."""
        site = self.device.site
        self.probes.append(
            make_probe(site.endpoint, self.device.staging_host, self.at(second), stapled=stapled, code=verify_code)
        )

    def exchange(self, second: float, request: Request, status: int, response: object) -> None:
        """A captured enrolment request."""
        url = f"https://{request.endpoint}/v1/devices"
        region = self.device.site.region
        at = rfc3339(self.at(second))
        self.exchanges.append(Exchange(at, "POST", url, status, region, self.spelled("http"), response))

    def other_region(self) -> str:
        """A region to which the site's token does not belong."""
        return self.rng.choice([region for region in REGIONS if region != self.device.site.region])

    # How each family spells the serial

    def spelled(self, family: str) -> str:
        """The serial as that family of evidence spells it."""
        return self.spellings.get(family, self.device.serial)

    def _inventory(self, created_s: float, enrolled_s: float | None, method: str | None) -> None:
        device = self.device
        self.inventoried = Inventoried(
            serial_number=self.spelled("mdm"),
            udid=device.udid,
            created_at=rfc3339(self.at(created_s)),
            enrolled_at=None if enrolled_s is None else rfc3339(self.at(enrolled_s)),
            enrollment_method=method,
            abm_token_id=device.site.token if method == "abm" else None,
            supervised=method == "abm",
        )

    def _begin_capture(self) -> None:
        ends_at = min(self.boot_at + _CAPTURE_LENGTH, self.as_of)
        ahead = self.captures[-1].ahead_us if self.captures else 0
        self.captures.append(Capture(self.boot_at, ends_at, ahead_us=ahead))


def make_probe(endpoint: str, segment: str, at: int, *, stapled: bool, code: int = 0, dst_root: bool = False) -> Probe:
    """A TLS probe: verify code 10 means an expired certificate; `dst_root` puts the expired DST Root CA X3 in it."""
    issuer = "CN=Apple Public Server RSA CA 12 - G1"
    leaf = Certificate(f"CN={endpoint}", issuer, rfc3339(at + (-16 if code == 10 else 290) * DAY))
    root = (
        Certificate("CN=DST Root CA X3", "CN=DST Root CA X3", "2021-09-30T14:01:15Z")
        if dst_root
        else Certificate("CN=Apple Root CA - G3", "CN=Apple Root CA - G3", "2039-04-30T18:19:06Z")
    )
    middle = Certificate(issuer, root.subject, rfc3339(at + 1500 * DAY))
    return Probe(
        host=endpoint,
        port=443,
        segment=segment,
        captured_at=rfc3339(at),
        stapled=stapled,
        ocsp_status="good" if stapled else None,
        verify_code=code,
        chain=[leaf, middle, root],
        protocol="TLSv1.3",
    )
