"""DEP server tokens as Apple hands them out, sealed by openssl to a key of its own."""

import subprocess
from pathlib import Path


def text(token: str) -> bytes:
    """A token in its MIME headers and its message."""
    lines = (
        "Content-Type: text/plain;charset=UTF-8",
        "",
        "-----BEGIN MESSAGE-----",
        token,
        "-----END MESSAGE-----",
        "",
    )
    return "\r\n".join(lines).encode()


def key(folder: Path) -> bytes:
    """The key that the MDM made: k.pem with its certificate c.pem, both in the folder."""
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mdm"]
    subprocess.run([*words, "-keyout", "k.pem", "-out", "c.pem"], cwd=folder, check=True, capture_output=True)
    return (folder / "k.pem").read_bytes()


def seal(folder: Path, data: bytes, cipher: str = "aes256", form: str = "SMIME") -> bytes:
    """The bytes sealed to c.pem."""
    words = ["openssl", "smime", "-encrypt", "-binary", f"-{cipher}", "-outform", form, "c.pem"]
    return subprocess.run(words, cwd=folder, check=True, capture_output=True, input=data).stdout
