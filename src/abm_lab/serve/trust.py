"""Who trusts whom in a run: its authorities, and the files by which clients and receivers know them."""

from pathlib import Path

from cryptography.x509.oid import ExtendedKeyUsageOID

from abm_lab.serve.certificates import Authority
from abm_lab.serve.files import write_private
from abm_lab.serve.http import Tls


class Trust:
    """The authorities of one run, made at `now` (microseconds UTC) for these hosts, and written to the folder."""

    def __init__(self, folder: Path, hosts: list[str], now: int) -> None:
        self.root = Authority("abm-lab root CA", now)
        self.issuer = Authority("abm-lab server CA", now, self.root)
        self.devices = Authority("abm-lab device CA", now)
        """Of the certificates with which devices check in."""
        clients = Authority("abm-lab client CA", now)
        leaf = self.issuer.leaf("abm-lab", hosts)
        client = clients.leaf("abm-client-cert-v2", purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
        self.ca = folder / "ca.pem"
        self.client = folder / "client.pem"
        self.device_ca = folder / "device-ca.pem"
        self.tls = Tls(folder / "server.pem", folder / "server.key", folder / "client-ca.pem")
        files = {
            self.ca: self.root.identity.pem,
            self.client: client.pem + client.key_pem,
            self.device_ca: self.devices.identity.pem,
            self.tls.certificate: leaf.pem + self.issuer.identity.pem,
            self.tls.key: leaf.key_pem,
            self.tls.clients: clients.identity.pem,
        }
        for path, content in files.items():
            write_private(path, content)
