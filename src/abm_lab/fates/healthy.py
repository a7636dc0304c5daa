"""Devices that arrive, on the straight way or after errors, and devices that nobody has switched on."""

from abm_lab.fates._interface import CONFIRMED, NOT_STARTED, Fate
from abm_lab.story import REJECTED_4001, Story


def healthy(story: Story) -> None:
    """Synced, and then the straight way."""
    story.synced()
    story.arrive()


def retried(story: Story) -> None:
    """A first request without an answer, then a good one with a new identifier."""
    story.synced()
    story.open()
    story.request(6, renewed=True, audited=story.rng.random() < 0.5)
    story.fail(9, "connection reset by peer")
    request = story.request(story.rng.uniform(20, 50), renewed=True)
    story.answer_accepted(53, request)
    story.settle(story.rng.uniform(55, 70), request)


def after_errors(story: Story) -> None:
    """An error of some layer, and then success: the error proves nothing any more."""
    story.synced()
    story.open()
    request = story.request(6, audited=False)
    kind = story.rng.randrange(5)
    if kind == 0:
        story.say(7.5, REJECTED_4001, "Error")
    elif kind == 1:
        story.fail(7.5, "unknown issuer")
    elif kind == 2:
        story.answer(7.5, "204")
    elif kind == 3:
        story.answer_empty(7.5, request)
    else:
        story.fail(7.5, "certificate not yet valid")
    request = story.request(story.rng.uniform(40, 90), renewed=True)
    story.answer_accepted(93, request)
    story.settle(95, request)


def broken_payload_mended(story: Story) -> None:
    """The profile came without its method, was sent again, and then all went well."""
    story.synced()
    story.open(method="none")
    story.say(45, "enrollmentMethod=abm")
    request = story.request(50)
    story.answer_accepted(52, request)
    story.settle(54, request)


def pending_then_registered(story: Story) -> None:
    """ABM took its time: minutes of silence, then the registration."""
    story.synced()
    story.open()
    request = story.request(7)
    story.answer_accepted(9, request)
    story.settle(story.rng.uniform(150, 400), request)


def drifting(story: Story) -> None:
    """A clock that is 5.78 s off, a hundredth below the limit."""
    drift = story.rng.choice((-5.78, 5.78))
    story.precise = True
    story.synced()
    story.open()
    story.clock_ahead(drift)
    story.clock_row(4, drift)
    request = story.request(6)
    story.answer_accepted(8, request)
    story.settle(12, request)


def wrong_clock_arrives(story: Story) -> None:
    """A clock far beyond the limit that hindered nothing: both sides confirm the device."""
    story.precise = True
    story.synced()
    story.open()
    story.clock_ahead(9.4)
    story.clock_row(4, 9.4)
    request = story.request(6)
    story.answer_accepted(8, request)
    story.settle(12, request)


def captured(story: Story) -> None:
    """The staging Mac also captured the request and its answer."""
    story.synced()
    story.open()
    request = story.request(6)
    devices = [{"device_id": story.device_id}]
    story.exchange(6.5, request, 202, {"status": "accepted", "requestId": request.id, "devices": devices})
    story.settle(14, request)


def unlisted(story: Story) -> None:
    """No manifest row names it, but ABM and the MDM do: it is a device all the same."""
    story.in_manifest = False
    healthy(story)


def miswritten(story: Story) -> None:
    """Every family spells the serial in its own wrong way: barcode S, lower case, blanks, O for 0, I for 1."""
    serial = story.device.serial
    confused = serial.replace("0", "O").replace("1", "I")
    story.spellings = {
        "manifest": f"S{serial}",
        "audit": f" {serial} ",
        "abm": serial.lower(),
        "mdm": confused,
        "log": confused.lower(),
    }
    healthy(story)


def not_started(story: Story) -> None:
    """Assigned and synced, still in its box: it has not even a log."""
    story.synced()
    story.captures.clear()


def closing(story: Story) -> None:
    """A healthy device whose last event happens exactly at `as_of`: with its twin it fixes the default `as_of`."""
    story.synced()
    story.open()
    request = story.request(6)
    story.answer_accepted(8, request)
    story.settle(12, request)
    story.event((story.as_of - story.boot_at) / 1_000_000, "profile_assigned")


def runaway(story: Story) -> None:
    """A clock four hours ahead that nobody measured, on a device which arrives: it must not move `as_of`."""
    story.precise = True
    story.synced()
    story.open()
    story.clock_ahead(4 * 3600)
    request = story.request(6)
    story.answer_accepted(8, request)
    story.settle(12, request)


FATES = (
    Fate("healthy", "arrives on the straight way", CONFIRMED, CONFIRMED, healthy),
    Fate("healthy_retried", "arrives at the second request", CONFIRMED, CONFIRMED, retried),
    Fate("healthy_after_errors", "arrives after an error of some layer", CONFIRMED, CONFIRMED, after_errors),
    Fate(
        "healthy_at_bad_host",
        "arrives although its host sees no staple",
        CONFIRMED,
        CONFIRMED,
        healthy,
        condition="stapleless",
    ),
    Fate("healthy_payload_mended", "arrives after a broken profile", CONFIRMED, CONFIRMED, broken_payload_mended),
    Fate("healthy_pending", "arrives after minutes of Pending", CONFIRMED, CONFIRMED, pending_then_registered),
    Fate("healthy_drift_578", "arrives with a clock 5.78 s off", CONFIRMED, CONFIRMED, drifting),
    Fate("healthy_wrong_clock", "arrives with a clock 9.4 s off", CONFIRMED, CONFIRMED, wrong_clock_arrives),
    Fate("healthy_captured", "arrives, with a capture of its request", CONFIRMED, CONFIRMED, captured),
    Fate("healthy_unlisted", "arrives, missing in the manifest", CONFIRMED, CONFIRMED, unlisted),
    Fate("healthy_miswritten", "arrives, its serial spelled in five ways", CONFIRMED, CONFIRMED, miswritten),
    Fate("not_started", "nobody switched it on", NOT_STARTED, NOT_STARTED, not_started),
    Fate(
        "closing_healthy",
        "arrives just before the end",
        CONFIRMED,
        CONFIRMED,
        closing,
        boots_before_s=(40, 50),
    ),
    Fate(
        "runaway_clock",
        "arrives, its clock hours ahead",
        CONFIRMED,
        CONFIRMED,
        runaway,
        boots_before_s=(3000, 4000),
    ),
)
