"""What the products share: the state of a unit at an instant, and wrappers of their listings."""

from dataclasses import dataclass

from abm_lab.apple.pieces import Page
from abm_lab.apple.unit import Unit


@dataclass(frozen=True, slots=True)
class State:
    """What a product knows of a unit: enrolled `at` an instant, by hand or not, or not (None)."""

    at: int | None
    by_hand: bool
    udid: str
    configured: bool


def state(unit: Unit, until: int) -> State:
    """The unit's last enrolment that was complete at that instant."""
    for told in reversed(unit.enrolments):
        at = told.by_hand_at if told.by_hand_at is not None else told.enrolled_at
        if at is not None and at <= until:
            configured = told.configured_at is not None and told.configured_at <= until
            return State(at, told.by_hand_at is not None, told.udid, configured)
    return State(None, by_hand=False, udid=unit.device.udid, configured=False)


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Head and tail of a page; `{count}` in them becomes the number of records."""

    head: str
    tail: str

    def __call__(self, page: Page) -> tuple[str, str]:
        return self.head.replace("{count}", str(page.count)), self.tail.replace("{count}", str(page.count))


def number(unit: Unit) -> int:
    """A number of the unit, as products count their devices."""
    return int(unit.device.serial[3:], 36) % 90_000_000 + 1_000_000
