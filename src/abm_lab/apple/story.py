"""The device's own part of an Apple life: its log, its clock, what `profiles` prints on it."""

import random

from abm_lab.apple.life import Life
from abm_lab.apple.sayings import UCRT, UCRT_DONE
from abm_lab.apple.server import Server
from abm_lab.apple.unit import Unit, as_apple, on_calendar
from abm_lab.fleet import Device
from abm_lab.moments import HOUR, SECOND, wall
from abm_lab.story import Story

# What mobileactivationd itself logs meanwhile, in the file that a sysdiagnose holds.
_OOB = {UCRT: "Performing UCRT OOB.", UCRT_DONE: UCRT_DONE.text}
_STARTUP = "MA: main: ____________________ Mobile Activation Startup _____________________"
JOURNEY_H = 24.0
"""A boot so many hours after a device's last fact begins a new journey."""


class AppleStory(Story):
    """Evidence of one device that enrols by Apple's own way; `boot_at` is its last boot."""

    def __init__(
        self, device: Device, life: Life, server: Server, boot_at: int, *, as_of: int, rng: random.Random
    ) -> None:
        device, kind = as_apple(device, rng)
        life = life if life.until_end else life.stretched(rng.uniform(0.8, 1.25))
        super().__init__(device, boot_at - round(life.gap_h * HOUR), as_of, rng)
        if life.until_end:
            self.precise = True
            self.clock_ahead(0)
        self.unit: Unit = on_calendar(life, device, kind, server, boot_at=boot_at, rng=rng)
        self.prints = life.prints
        self.activation: list[tuple[int, str]] = []
        self.in_manifest = life.in_manifest
        if life.miswritten:
            confused = device.serial.replace("0", "O").replace("1", "I").lower()
            self.spellings = {"manifest": f"S{device.serial}", "log": confused}
        if life.earlier is not None:
            self._log(life.earlier)
            self.reboot(life.gap_h)
            if life.gap_h > JOURNEY_H:
                self.begin_journey()
        if life.clock_s is not None:
            self.precise = True
            self.clock_ahead(life.clock_s)
            self.clock_row(4, life.clock_s)
        self._log(life)
        if any(saying is UCRT for _, saying in life.says):
            self.activation = [(self.at(0), _STARTUP)]
            self.activation += [(self.at(second), _OOB[saying]) for second, saying in life.says if saying in _OOB]
        if not life.boots:
            self.captures.clear()

    def saved(self, zone_s: int) -> dict[str, str]:
        """What was saved of the device beside its log, by file name; `zone_s` is the zone of its stamps."""
        told = {"profiles-show.txt": self.prints} if self.prints else {}
        if self.activation:
            # Wed Nov 10 13:33:18 2021 [69] <debug> (0x16bf9b000) MA: main: …
            lines = (
                f"{wall(at // SECOND + zone_s, '%a %b %e %H:%M:%S %Y')} [69] <debug> (0x16bf9b000) {text}\n"
                for at, text in self.activation
            )
            told["mobileactivationd.log"] = "".join(lines)
        return told

    def _log(self, life: Life) -> None:
        for second, saying in life.says:
            self.say(second, saying.text, saying.level, saying.speaker)
            self.attempts_logged += saying.asks
