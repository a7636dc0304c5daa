"""Our own signatures. What was parsed stands beside Python's byte code: to parse it all takes a fifth of a second.

It is used for the same rules, program, Python, msgspec and parsers alone, and is made anew where it is not there or is
damaged.
"""

import sys
import tempfile
from contextlib import suppress
from hashlib import sha256
from importlib.util import cache_from_source, find_spec
from pathlib import Path
from typing import Final

import msgspec

from abm_trace.signatures._error import SignatureError
from abm_trace.signatures._interface import Signature, contents

RULES: Final = Path(__file__).parent / "rules"
_PARSERS: Final = ("sigma", "yaml")
_DIGEST_BYTES: Final = 32


def load() -> list[Signature]:
    """The signatures of this release, in order of name. Raises SignatureError for one that is broken."""
    files = {path: contents(path) for path in sorted(RULES.glob("*.yml"))}
    if not files:
        message = f"no signatures are in {RULES}"
        raise SignatureError(message, hint="Install abm-trace again, into a folder.")
    key = b""
    # Not there, nowhere to be kept, or damaged: it is parsed.
    with suppress(OSError, NotImplementedError, ValueError, msgspec.MsgspecError):
        key = _key(files)
        return _kept(key)
    from abm_trace.signatures import rule  # noqa: PLC0415  # The parser for Sigma takes a while to load.

    signatures = [rule.parse(data, path, trusted=True) for path, data in files.items()]
    if key and not sys.dont_write_bytecode:
        with suppress(OSError, NotImplementedError):  # It may not be written: then it is parsed each time.
            _keep(key, signatures)
    return signatures


def _key(files: dict[Path, bytes]) -> bytes:
    """What it depends on that a rule is read as it is. Raises OSError where that cannot be told."""
    digest = sha256(f"{sys.version} {msgspec.__version__}".encode())
    for name in _PARSERS:
        spec = find_spec(name)
        for place in (spec and spec.submodule_search_locations) or ():
            digest.update(f"{place} {Path(place).stat().st_mtime_ns} ".encode())  # Another release is other files.
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    for path, data in files.items():
        digest.update(f"\0{path}\0{len(data)}\0".encode() + data)
    return digest.digest()


def _place() -> Path:
    """The file that keeps it. Raises NotImplementedError where Python keeps no byte code."""
    return Path(cache_from_source(__file__)).with_suffix(".msgpack")


def _kept(key: bytes) -> list[Signature]:
    """What is kept for this key. Raises OSError, ValueError or MsgspecError where nothing is, or it is damaged."""
    data = _place().read_bytes()
    if data[:_DIGEST_BYTES] != sha256(key + data[_DIGEST_BYTES:]).digest():
        raise ValueError
    return msgspec.msgpack.decode(data[_DIGEST_BYTES:], type=list[Signature])


def _keep(key: bytes, signatures: list[Signature]) -> None:
    """Keep it; whoever reads sees all of it or nothing."""
    place, data = _place(), msgspec.msgpack.encode(signatures)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f"{place.name}.", delete=False) as file:
        try:
            file.write(sha256(key + data).digest() + data)
            file.close()
            Path(file.name).chmod(Path(__file__).stat().st_mode & 0o666)  # As Python does with byte code.
            Path(file.name).replace(place)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
