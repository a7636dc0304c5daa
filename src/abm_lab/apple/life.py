"""What truly happened to a device that enrols by Apple's own way. A fate is one such life and its truth."""

from dataclasses import dataclass, replace

from abm_lab.apple.sayings import Saying


@dataclass(frozen=True, slots=True)
class Life:
    """One device's way; times are seconds after its boot, and None means that it never came to it."""

    org: str = "assigned"
    """In ABM: `assigned` to its server, `unassigned` again, `released`, or `absent` from the start."""
    reassigned: bool = False
    """It was unassigned for some minutes before it was assigned for good."""
    profile: str = "assigned"
    """At the enrolment service: profile `assigned`, `empty`, `removed`; `deleted`; `unsynced`; `throttled`."""
    assigned_h: tuple[float, float] = (1.0, 20.0)
    """How many hours before its first boot it was assigned."""
    boots: bool = True
    says: tuple[tuple[float, Saying], ...] = ()
    """What the device itself logs."""
    pushed_s: float | None = None
    """It fetched its profile."""
    authenticated_s: float | None = None
    """It checked in at the MDM; a life with an enrolment need not say so."""
    enrolled_s: float | None = None
    configured_s: float | None = None
    by_hand_s: float | None = None
    """A person enrolled it, past automated enrolment."""
    clock_s: float | None = None
    """How far its clock was found to be ahead."""
    prints: str = ""
    """What `profiles show -type enrollment` prints on it."""
    migration: str = ""
    """The status of its move from another MDM server."""
    earlier: "Life | None" = None
    """A journey before this one, which began `gap_h` hours earlier."""
    gap_h: float = 0.0
    new_board: bool = False
    """Between the journeys its board was changed: the serial stayed, the UDID did not."""
    in_manifest: bool = True
    miswritten: bool = False
    """The manifest has its barcode, and its log writes the serial in small letters, O for 0 and I for 1."""
    until_end: bool = False
    """Its last step happens exactly at `as_of`: with its twin it fixes the default `as_of`."""

    def stretched(self, factor: float) -> "Life":
        """The same life at another pace; the order of its steps stays."""
        steps = (self.pushed_s, self.authenticated_s, self.enrolled_s, self.configured_s, self.by_hand_s)
        pushed, authenticated, enrolled, configured, by_hand = (
            None if second is None else second * factor for second in steps
        )
        return replace(
            self,
            says=tuple((second * factor, saying) for second, saying in self.says),
            pushed_s=pushed,
            authenticated_s=authenticated,
            enrolled_s=enrolled,
            configured_s=configured,
            by_hand_s=by_hand,
            earlier=None if self.earlier is None else self.earlier.stretched(factor),
        )
