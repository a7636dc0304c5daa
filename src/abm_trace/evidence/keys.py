"""The keys that sign checkpoints: an Ed25519 key in a file of mode 0600, or a command in front of an HSM."""

import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.files import refusing, sync_folder
from abm_trace.evidence.note import VerifierKey

_COMMAND_S_MAX: Final = 60
"""How long an HSM may take. Origin: ours."""

_FILE_BYTES_MAX: Final = 16 * 1024
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Signer(Protocol):
    """Something that signs for one key."""

    @property
    def key(self) -> VerifierKey:
        """The public half."""

    def sign(self, text: str) -> bytes:
        """64 bytes over the text. Raises EvidenceError."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """An unencrypted PEM file."""

    key: VerifierKey
    private: Ed25519PrivateKey

    def sign(self, text: str) -> bytes:
        """64 bytes over the text."""
        return self.private.sign(text.encode())


@dataclass(frozen=True, slots=True)
class Command:
    """A program that gets the text on standard input and answers with the 64 bytes of the signature."""

    key: VerifierKey
    words: tuple[str, ...]

    def sign(self, text: str) -> bytes:
        """64 bytes over the text. Raises EvidenceError if the program fails, is late, or signs something else."""
        try:
            done = subprocess.run(  # noqa: S603  # The owner of the keys named it.
                self.words, input=text.encode(), capture_output=True, timeout=_COMMAND_S_MAX, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EvidenceError(f"{self.words[0]}: does not sign: {error}", hint="Nothing was signed.") from error
        if done.returncode or not self.key.signed(text, done.stdout):
            why = f"exit code {done.returncode}" if done.returncode else "its answer does not verify"
            raise EvidenceError(
                f"{self.words[0]}: does not sign for {self.key}: {why}",
                hint="It gets the note text on standard input and must answer 64 bytes. Nothing was signed.",
            )
        return done.stdout


def create(folder: Path, name: str) -> VerifierKey:
    """Make a key pair in `folder`: ID.pem (mode 0600) and ID.vkey. Raises EvidenceError."""
    private = Ed25519PrivateKey.generate()
    key = VerifierKey(name, private.public_key().public_bytes_raw())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    _save(folder, key, "pem", pem)
    return key


def adopt(folder: Path, key: VerifierKey, words: tuple[str, ...]) -> Command:
    """Note a signing command for a key: ID.cmd, a JSON array of its words, and ID.vkey. Raises EvidenceError."""
    command = Command(key, words)
    command.sign("a trial, which is no checkpoint\n")
    _save(folder, key, "cmd", msgspec.json.encode(words))
    return command


def _save(folder: Path, key: VerifierKey, kind: str, data: bytes) -> None:
    with refusing(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        for suffix, content in ((kind, data), ("vkey", f"{key}\n".encode())):
            path = folder / f"{key.id.hex()}.{suffix}"
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        sync_folder(folder)
        sync_folder(folder.parent)


def load(folder: Path, name: str, key_id: bytes) -> Signer:
    """What signs for the key of this name and id. Raises EvidenceError, and RefusedError for a key others can read."""
    _check_folder(folder)
    stem = key_id.hex()
    key = VerifierKey.parse(_read(folder / f"{stem}.vkey").decode("utf-8", "replace"))
    if (key.name, key.id) != (name, key_id):
        raise EvidenceError(f"{folder / stem}.vkey: is the key {key}, not one of {name} with id {stem}")
    if (folder / f"{stem}.cmd").exists():
        try:
            words = msgspec.json.decode(_read(folder / f"{stem}.cmd"), type=tuple[str, ...])
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise EvidenceError(f"{folder / stem}.cmd: is no JSON array of words: {error}") from error
        if not words or shutil.which(words[0]) is None:
            name = words[0] if words else "nothing"
            raise EvidenceError(f"{folder / stem}.cmd: names {name}, which cannot be run", hint="Nothing was signed.")
        return Command(key, words)
    path = folder / f"{stem}.pem"
    try:
        private = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EvidenceError(f"{path}: is no unencrypted private key in PEM") from error
    if not isinstance(private, Ed25519PrivateKey) or private.public_key().public_bytes_raw() != key.public:
        raise EvidenceError(f"{path}: is not the private half of {key}")
    return KeyFile(key, private)


def _check_folder(folder: Path) -> None:
    """Raises RefusedError for a folder in which others can put keys of theirs."""
    if os.name == "nt":
        return
    try:
        mode = stat.S_IMODE(folder.stat().st_mode)
    except OSError:  # Reading the key says it.
        return
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise RefusedError(
            f"{folder}: others may change it (mode {mode:04o}); it must be 0700",
            hint=f"Ask who could have changed it, and rotate the keys if in doubt. Then: chmod 700 {folder}",
        )


def _read(path: Path) -> bytes:
    """A file that its owner alone may read and write."""
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise EvidenceError(f"{path}: is no regular file")
            if os.name != "nt" and status.st_mode & _OTHERS:
                raise RefusedError(
                    f"{path}: others may use it (mode {stat.S_IMODE(status.st_mode):04o}); it must be 0600",
                    hint=f"Ask who could have read it, and rotate the key if in doubt. Then: chmod 600 {path}",
                )
            return file.read(_FILE_BYTES_MAX)
    except FileNotFoundError as error:
        hint = "The keys stand beside the store in STORE.keys; name another folder with --keys"
        raise EvidenceError(f"{path}: the key is missing", hint=hint) from error
    except OSError as error:
        raise EvidenceError(f"{path}: cannot be read ({error.strerror})") from error
