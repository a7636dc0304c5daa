"""Check-ins of the simulated devices at an MDM server that others wrote: NanoMDM, or one that speaks as it does."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509.oid import ExtendedKeyUsageOID

from abm_lab.serve.certificates import Authority, Identity
from abm_lab.serve.posting import Poster
from abm_lab.serve.streams import Progress, events, paced
from abm_lab.serve.world import World

CONTENT_TYPE = "application/x-apple-aspen-mdm-checkin"


@dataclass(frozen=True, slots=True)
class CheckIn:
    """One check-in: when, of which device, and its property list."""

    at: int
    udid: str
    body: bytes


class Devices:
    """The identities of the devices, a certificate each, made when a device first speaks."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self._identities: dict[str, Identity] = {}

    def signature(self, udid: str, body: bytes) -> str:
        """The `Mdm-Signature` of a body: a detached CMS signature (DER) in base64."""
        if udid not in self._identities:
            self._identities[udid] = self.authority.leaf(udid, purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
        identity = self._identities[udid]
        builder = PKCS7SignatureBuilder().set_data(body)
        builder = builder.add_signer(identity.certificate, identity.key, hashes.SHA256())
        signed = builder.sign(Encoding.DER, [PKCS7Options.DetachedSignature, PKCS7Options.Binary])
        return base64.b64encode(signed).decode()


class _Event(msgspec.Struct):
    class Body(msgspec.Struct):
        udid: str
        raw_payload: str

    topic: str
    checkin_event: Body | None = None


def checkins(world: World) -> Iterator[CheckIn]:
    """What the devices of the scenario's NanoMDM servers say, in order of time: the payloads of their webhooks."""
    for event in events(world):
        told = msgspec.json.decode(event.content, type=_Event)
        if told.topic.startswith("mdm.") and told.checkin_event is not None:
            body = base64.b64decode(told.checkin_event.raw_payload)
            yield CheckIn(event.at, told.checkin_event.udid, body)


async def send_checkins(world: World, devices: Devices, target: Poster, progress: Progress) -> None:
    """Put every check-in to the server, in its time, signed by its device."""

    async def deliver(batch: list[CheckIn]) -> None:
        for each in batch:
            headers = {"Mdm-Signature": devices.signature(each.udid, each.body)}
            await target.post(each.body, CONTENT_TYPE, headers, "PUT")
            progress.sent += 1

    await paced(world, checkins(world), deliver)
