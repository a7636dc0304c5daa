"""A time-stamping authority (RFC 3161): `openssl ts` itself makes the answers."""

import asyncio
import shutil
import tempfile
from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from abm_lab.serve.answers import Refusal, json_answer, raw_body
from abm_lab.serve.certificates import Authority
from abm_lab.serve.files import write_private

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"
# The policy is below the arc that is meant for examples.
_CONFIG = """[tsa]
default_tsa = lab
[lab]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
certs = {folder}/chain.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 2.999.1
digests = sha256, sha384, sha512
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Stamps:
    """Plays a time-stamping authority at /tsa/reply."""

    name = "tsa"
    hosts = ()

    def __init__(self, authority: Authority, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "tsa.cnf"
        self.lock = asyncio.Lock()
        signer = authority.leaf("abm-lab time stamps", purpose=ExtendedKeyUsageOID.TIME_STAMPING)
        files = {
            "tsa.key": signer.key_pem,
            "tsa.pem": signer.pem,
            "chain.pem": authority.identity.pem,
            "serial": b"01\n",
            "tsa.cnf": _CONFIG.format(folder=folder).encode(),
        }
        for name, content in files.items():
            write_private(folder / name, content)

    def routes(self) -> list[BaseRoute]:
        """One address that takes queries."""
        return [Route("/reply", self.stamp, methods=["POST"])]

    def refuse(self, refusal: Refusal) -> Response:
        """What is wrong, for people."""
        return json_answer({"error": refusal.code, "detail": refusal.detail, "simulated": True}, refusal.status)

    async def stamp(self, request: Request) -> Response:
        """The reply to a query; one that cannot be stamped gets a reply that says so."""
        if request.headers.get("content-type", "").partition(";")[0] != _QUERY:
            raise Refusal(415, "unsupported_media_type", f"send a query as {_QUERY}")
        program = shutil.which("openssl")
        if program is None:
            raise Refusal(503, "no_openssl", "install the program openssl, which makes the time stamps")
        query = await raw_body(request)
        async with self.lock:
            with tempfile.TemporaryDirectory(dir=self.folder) as name:
                asked, told = Path(name) / "query.tsq", Path(name) / "reply.tsr"
                asked.write_bytes(query)
                command = [program, "ts", "-reply", "-config", self.config, "-queryfile", asked, "-out", told]
                made = await asyncio.create_subprocess_exec(
                    *map(str, command), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
                )
                if await made.wait() != 0 or not told.is_file():
                    raise Refusal(400, "bad_query", "openssl could not read the query")
                reply = told.read_bytes()
        return Response(reply, media_type=_REPLY)
