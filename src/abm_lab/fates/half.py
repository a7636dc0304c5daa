"""Devices that one side confirms and the other does not show, and devices that were enrolled by hand."""

from abm_lab.fates._interface import Fate, Truth
from abm_lab.story import REJECTED_4001, Story

_NO_MDM = ("mdm",)
_NO_APPLE = ("apple",)
_MDM_ONLY = Truth("half_confirmed", "enrolled", missing=_NO_APPLE)
_BY_HAND = Truth("half_confirmed", "requested", "L0", "enrolled_by_hand", missing=_NO_APPLE)
_BY_HAND_TOO = Truth("half_confirmed", "registered", "L0", "enrolled_by_hand", missing=_NO_MDM)
_PROFILE = Truth("half_confirmed", "profile", missing=_NO_MDM)
_REGISTERED = Truth("half_confirmed", "registered", missing=_NO_MDM)


def apple_only(story: Story) -> None:
    """Registered, its profile assigned, and the MDM never heard of it."""
    story.synced()
    story.open()
    request = story.request(6)
    story.answer_accepted(8, request)
    story.registered(12, request)
    story.profile_assigned(16)


def listed_only(story: Story) -> None:
    """ABM's device list alone says registered."""
    story.synced()
    story.open()
    story.request(6)
    story.list_as("registered", 14)


def mdm_only(story: Story) -> None:
    """The MDM has its record, ABM shows nothing but the request."""
    story.synced()
    story.open()
    story.request(6)
    story.enrolled_unlogged(30)


def after_errors(story: Story) -> None:
    """An error, then the registration, then nothing at the MDM: the error is overcome and explains nothing."""
    story.synced()
    story.open()
    story.request(6, renewed=True)
    story.say(8, REJECTED_4001, "Error")
    request = story.request(30, renewed=True)
    story.answer_accepted(32, request)
    story.registered(35, request)


def by_hand(story: Story) -> None:
    """ABM never registered it; a person enrolled it at the MDM."""
    story.synced()
    story.open()
    story.request(6)
    story.enrolled_by_hand(420)


def by_hand_beside_registration(story: Story) -> None:
    """ABM registered it, but its MDM record was made by hand."""
    story.synced()
    story.open()
    request = story.request(6)
    story.answer_accepted(8, request)
    story.registered(12, request)
    story.enrolled_by_hand(420)


FATES = (
    Fate("half_apple", "registered, not in the MDM", _PROFILE, _PROFILE, apple_only),
    Fate("half_listed", "listed as registered, not in the MDM", _REGISTERED, _REGISTERED, listed_only),
    Fate("half_mdm", "in the MDM, not registered", _MDM_ONLY, _MDM_ONLY, mdm_only),
    Fate("half_after_errors", "an error overcome, not in the MDM", _REGISTERED, _REGISTERED, after_errors),
    Fate("half_by_hand", "enrolled by hand, not registered", _BY_HAND, _BY_HAND, by_hand),
    Fate(
        "half_by_hand_registered",
        "enrolled by hand, registered",
        _BY_HAND_TOO,
        _BY_HAND_TOO,
        by_hand_beside_registration,
    ),
)
