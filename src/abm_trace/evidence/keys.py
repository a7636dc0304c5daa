"""The keys that sign checkpoints: an Ed25519 key in a file of mode 0600, or a command in front of an HSM."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, Protocol, cast

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
from abm_trace.evidence.files import refusing, regular, sync_folder
from abm_trace.evidence.note import SIGNATURE_BYTES, VerifierKey

_COMMAND_S_MAX: Final = 60
"""How long an HSM may take. Origin: ours."""

_OTHERS_KEY: Final = "Bring that file back from where the keys are backed up, or name their folder with --keys."
_NOT_SIGNED: Final = (
    "It gets the note text on standard input, no terminal, and must answer 64 bytes. Nothing was signed."
)
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
            code, answer = _ask(self.words, text.encode())
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EvidenceError(f"{self.words[0]}: does not sign: {error}", hint=_NOT_SIGNED) from error
        if code or not self.key.signed(text, answer):
            why = f"exit code {code}" if code else "its answer does not verify"
            raise EvidenceError(f"{self.words[0]}: does not sign for {self.key}: {why}", hint=_NOT_SIGNED)
        return answer


def _ask(words: tuple[str, ...], data: bytes) -> tuple[int, bytes]:
    """Exit code and answer, of which no more is read than shows that it is too long; what it started is ended.

    Raises OSError, also where there is no answer in time.
    """
    answer = bytearray()
    with subprocess.Popen(  # noqa: S603  # The owner of the keys named it.
        words, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:  # fmt: skip
        stdin, stdout = cast("tuple[IO[bytes], IO[bytes]]", (process.stdin, process.stdout))

        def read() -> None:
            while len(answer) <= SIGNATURE_BYTES and (some := stdout.read(SIGNATURE_BYTES + 1 - len(answer))):
                answer.extend(some)

        reader = threading.Thread(target=read, daemon=True)
        try:
            reader.start()
            with contextlib.suppress(BrokenPipeError):  # It need not read.
                stdin.write(data)
            stdin.close()
            reader.join(_COMMAND_S_MAX)
            if reader.is_alive():
                raise TimeoutError(f"no answer that ends within {_COMMAND_S_MAX} s")
            code = 0 if len(answer) > SIGNATURE_BYTES else process.wait(_COMMAND_S_MAX)
        finally:
            _end(process)
    return code, bytes(answer)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program that leads a session of its own, and all that it started there."""
    if os.name == "nt":
        process.kill()
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


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


def forget(folder: Path, key: VerifierKey) -> None:
    """Remove what was made for a key that no record of the log names. Raises EvidenceError."""
    with refusing(folder):
        for suffix in ("pem", "cmd", "vkey"):
            (folder / f"{key.id.hex()}.{suffix}").unlink(missing_ok=True)


def load(folder: Path, name: str, key_id: bytes) -> Signer:
    """What signs for the key of this name and id. Raises EvidenceError, and RefusedError for a key others can read."""
    _check_folder(folder)
    stem = key_id.hex()
    key = VerifierKey.parse(_read(folder / f"{stem}.vkey").decode("utf-8", "replace"))
    if (key.name, key.id) != (name, key_id):
        raise EvidenceError(
            f"{folder / stem}.vkey: is the key {key}, not one of {name} with id {stem}", hint=_OTHERS_KEY
        )
    if (folder / f"{stem}.cmd").exists():
        try:
            words = msgspec.json.decode(_read(folder / f"{stem}.cmd"), type=tuple[str, ...])
        except (msgspec.MsgspecError, UnicodeError) as error:
            raise EvidenceError(f"{folder / stem}.cmd: is no JSON array of words: {error}", hint=_OTHERS_KEY) from error
        if not words or shutil.which(words[0]) is None:
            name = words[0] if words else "nothing"
            raise EvidenceError(f"{folder / stem}.cmd: names {name}, which cannot be run", hint=_NOT_SIGNED)
        return Command(key, words)
    path = folder / f"{stem}.pem"
    try:
        private = load_pem_private_key(_read(path), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise EvidenceError(f"{path}: is no unencrypted private key in PEM", hint=_OTHERS_KEY) from error
    if not isinstance(private, Ed25519PrivateKey) or private.public_key().public_bytes_raw() != key.public:
        raise EvidenceError(f"{path}: is not the private half of {key}", hint=_OTHERS_KEY)
    return KeyFile(key, private)


def bodies(folder: Path) -> list[bytes]:
    """What stands between head and foot of each key file, by which a copy is known. Raises EvidenceError."""
    found = (_read(path).split(b"-----") for path in sorted(folder.glob("*.pem")))
    return [parts[2].strip() for parts in found if len(parts) > 2 and parts[2].strip()]


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
    if path.is_symlink():
        raise RefusedError(
            f"{path}: is a link, and who may change where it leads, changes the key",
            hint="Put the file itself there, or name the folder that holds it with --keys",
        )
    try:
        with regular(path) as file:
            status = os.fstat(file.fileno())
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
        raise EvidenceError(f"{path}: cannot be read ({error.strerror})", hint=_OTHERS_KEY) from error
