"""A real time-stamping authority: `openssl ts` with a root and a certificate of its own."""

import subprocess
from pathlib import Path

_CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamps]
extendedKeyUsage = critical, timeStamping
[mail]
extendedKeyUsage = critical, emailProtection
[tsa]
default_tsa = answers
[answers]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
tsa_name = yes
"""


class Authority:
    """Makes its keys in a folder, and answers questions. `root` is the certificate that it is known by."""

    def __init__(self, folder: Path, extension: str = "stamps") -> None:
        folder.mkdir()
        self.folder = folder
        self.root = folder / "root.pem"
        (folder / "config").write_text(_CONFIG.format(folder=folder))
        (folder / "serial").write_text("01\n")
        self._make("root", "-x509", "-extensions", "root")
        self._make("tsa")
        self._run(
            "x509", "-req", "-in", "tsa.pem", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "30",
            "-extfile", "config", "-extensions", extension, "-out", "tsa.crt",
        )  # fmt: skip

    def _make(self, name: str, *more: str) -> None:
        self._run(
            "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
            "-config", "config", "-keyout", f"{name}.key", "-out", f"{name}.pem", *more,
        )  # fmt: skip

    def _run(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def answer(self, question: bytes) -> bytes:
        """The .tsr for a .tsq."""
        (self.folder / "q.tsq").write_bytes(question)
        self._run(
            "ts", "-reply", "-config", "config", "-queryfile", "q.tsq", "-signer", "tsa.crt", "-inkey", "tsa.key",
            "-chain", "root.pem", "-out", "a.tsr",
        )  # fmt: skip
        return (self.folder / "a.tsr").read_bytes()
