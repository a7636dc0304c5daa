"""What the exports of a device on Apple's own way show, read without any reader of the tracer."""

import random
from dataclasses import dataclass

from abm_lab.apple import dep, org, products
from abm_lab.apple.server import Server
from abm_lab.apple.story import AppleStory
from abm_lab.fates._interface import Fate
from abm_lab.fleet import make_device, make_sites
from abm_lab.moments import DAY, HOUR, SECOND

_ADE = (
    '"enrollmentMethodPrestage":{',
    '"enrolledViaAutomatedDeviceEnrollment":true',
    '"appleBulk',
    '"is_enrolled":true',
)
_ADE_TOO = ('"status":"enrolled"', '"date_enroll":"', '"On (automatic)"', '"token_update_tally":1')
_BY_HAND = ('"enrollmentMethodPrestage":null', '"User-initiated', '"userEnrollment"', '"On (manual)"')


@dataclass(frozen=True, slots=True)
class Told:
    """What a device's exports show, and the exports themselves."""

    story: AppleStory
    contents: list[str]
    pushed: bool
    assigned: bool
    automated: bool
    by_hand: bool


def tell_apple(fate: Fate, server: Server, as_of: int) -> Told:
    """The exports of one device with that fate at that server; those of a night end ten hours before `as_of`."""
    assert fate.life is not None
    rng = random.Random(fate.id)
    before_s = fate.boot_before(rng)
    boot_at = as_of - (3 * DAY if before_s is None else round(before_s * SECOND))
    site = make_sites(3)[0]
    device = make_device(rng, "F9F00ABC11", site, site.staging_host("plain"), boot_at)
    story = AppleStory(device, fate.life, server, boot_at, as_of=as_of, rng=rng)
    old = as_of - 10 * HOUR
    dep_until = old if fate.id.startswith("ade_night") else as_of
    mdm_until = old if fate.id.startswith(("ade_night", "ade_inventory")) else as_of
    has_org = fate.id != "ade_half_mdm"
    rows = [] if not has_org else [piece.content.decode() for piece in org.pieces(story.unit, as_of)]
    told: list[str] = []
    if server.told and fate.life.org != "absent":
        told += [piece.content.decode() for piece in dep.pieces(story.unit, dep_until)]
        told += [piece.content.decode() for piece in products.discover()[server.product](story.unit, mdm_until)]
    text = "".join(told)
    return Told(
        story,
        rows + told,
        pushed=any(
            word in text for word in ('"profile_push_time":"', '"profilePushTime":"', '"profile_status":"pushed"')
        ),
        assigned=any('"status":"ASSIGNED"' in row for row in rows),
        automated=any(word in text for word in (*_ADE, *_ADE_TOO)),
        by_hand=any(word in text for word in _BY_HAND),
    )
