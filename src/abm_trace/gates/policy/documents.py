"""What a policy is asked about (SPEC G5): a device, its payload, its token, its site, and the moment that counts.

The keys are those of the case: a manifest's columns, a profile's and a token's own names. Everything may be missing;
null is "not known", which a policy tells from a value. What else a policy of your own needs goes below `extra`.
"""

import difflib
import json
import re
import tomllib
from math import inf, isfinite
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from abm_trace.core import instants
from abm_trace.core.errors import UsageError

DOCUMENTS_MAX: Final = 200_000
BYTES_MAX: Final = 64 * 1024 * 1024

_Struct = TypeVar("_Struct", bound=msgspec.Struct)


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    extra: dict[str, Any] = {}


class Device(_Part, frozen=True, kw_only=True):
    """A physical unit, as the manifest's row has it; `clock_offset_s` is device − reference."""

    serial: str | None = None
    udid: str | None = None
    model: str | None = None
    model_number: str | None = None
    os_version: str | None = None
    build: str | None = None
    site: str | None = None
    region: str | None = None
    token_id: str | None = None
    staging_host: str | None = None
    clock_offset_s: float | None = None
    quarantined: bool | None = None


class Payload(_Part, frozen=True, kw_only=True):
    """The enrolment profile's keys of the guide, deprecated ones too."""

    enrollmentMethod: str | None = None  # noqa: N815  # The profile's own name, as the next three.
    serverUrl: str | None = None  # noqa: N815
    enrollmentType: str | None = None  # noqa: N815
    mdmURL: str | None = None  # noqa: N815


class Token(_Part, frozen=True, kw_only=True):
    """A token as `/v1/tokens/{id}` answers; times in RFC 3339."""

    id: str | None = None
    region: str | None = None
    createdAt: str | None = None  # noqa: N815  # The API's own name, as the next two.
    tokenExpiry: str | None = None  # noqa: N815
    lastUsedAt: str | None = None  # noqa: N815


class Site(_Part, frozen=True, kw_only=True):
    """A staging location."""

    name: str | None = None
    region: str | None = None
    quarantined: bool | None = None


class PolicyDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one decision is about; `as_of` (RFC 3339) is the moment that ages and expiries are counted to."""

    device: Device | None = None
    payload: Payload | None = None
    token: Token | None = None
    site: Site | None = None
    as_of: str | None = None


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the shipped policies are set to, as `data.settings`. Origin of the defaults: guide, but where it is said."""

    abm_from_version: str = "18.4"
    """From this version on the enrolment method must be `abm`."""
    regions: tuple[str, ...] = ()
    """The regions that tokens may be of; none given: any."""
    token_age_days_max: float = 30
    token_expiry_days_min: float = 7
    """So long before the expiry it is told. Origin: ours."""
    clock_offset_s_max: float = 5.79
    quarantine: tuple[str, ...] = ()
    """Serial numbers that are held back."""


_TYPES: Final = {
    "bool": ("true or false", "true"),
    "float": ("a number", "0.5"),
    "int": ("a number", "1"),
    "str": ("a text", '"…"'),
    "array": ("a list", "[]"),
    "object": ("an object", "{}"),
    "null": ("nothing", "null"),
}
"""What msgspec's names of types are called, and how one is written."""

_EXAMPLES: Final = {
    "serial": '"F9FXQ1ABCD"', "os_version": '"18.4"', "abm_from_version": '"18.4"', "regions": '["us-east"]',
    "region": '"us-east"', "quarantine": '["F9FXQ1ABCD"]', "token_age_days_max": "30", "token_expiry_days_min": "7",
    "clock_offset_s_max": "5.79",
}  # fmt: skip
_DOCUMENT: Final = 'A document looks so: {"device": {"serial": "F9FXQ1ABCD", "os_version": "18.4"}, "payload": {…}}'
_VERSION: Final = re.compile(r"(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){0,3}", re.ASCII)
"""As `data.abm.version` knows them; what is none is older than nothing, and every device would pass."""

_AT: Final = re.compile(r"(.*?)(?: - at `\$\.?([^`]*)`)?", re.DOTALL)
_WRONG_TYPE: Final = re.compile(r"Expected `(\w+)[^`]*`, got `(\w+)`")
_UNKNOWN_KEY: Final = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def read(path: Path) -> list[tuple[str, PolicyDocument]]:
    """(name, document) of each document of a file: one JSON object, an array of them, or one a line.

    A name is the device's serial, else the place in the file. Raises UsageError, with the key and what would be right,
    for what is no document.
    """
    given = values(path)
    found = []
    for number, value in enumerate(given, start=1):
        place = str(path) if len(given) == 1 else f"{path}#{number}"
        document = checked(value, PolicyDocument, place)
        check_times(document, place)
        serial = document.device and document.device.serial
        found.append((f"{place} {serial}" if serial else place, document))
    return found


def settings(path: Path) -> Settings:
    """The settings of a TOML file, over the defaults. Raises UsageError, with the key and what would be right."""
    try:
        table = tomllib.loads(contents(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path}: is no TOML: {error}", hint="A setting looks so: token_age_days_max = 30") from error
    found = checked(table, Settings, str(path))
    for name, value in msgspec.structs.asdict(found).items():
        if isinstance(value, int | float) and not 0 <= value < inf:
            raise UsageError(f"{path}: {name}: must be a number from 0 on, is {value}", hint=_so(name, Settings))
    if not _VERSION.fullmatch(found.abm_from_version):
        name = "abm_from_version"
        raise UsageError(f"{path}: {name}: must be a version, is {found.abm_from_version!r}", hint=_so(name, Settings))
    return found


def _so(key: str, kind: type[msgspec.Struct], example: str = "") -> str:
    """How a key is written right, in TOML for settings and in JSON for a document."""
    if not key:
        return _DOCUMENT
    name = key.rpartition(".")[2].partition("[")[0]
    value = _EXAMPLES.get(name, example)
    return f"Write it so: {name} = {value}" if kind is Settings else f'Write it so: "{name}": {value}'


def checked(value: object, kind: type[_Struct], place: str) -> _Struct:
    """The value as a struct of this kind. Raises UsageError with the key, what is wrong with it and what to write."""
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        said, at = _AT.fullmatch(str(error)).groups(default="")  # type: ignore[union-attr]  # It matches any text.
        if wrong := _WRONG_TYPE.search(said):
            right, is_ = _TYPES.get(wrong[1], (wrong[1], "")), _TYPES.get(wrong[2], (wrong[2], ""))
            text = f"{place}: {at or 'it'}: must be {right[0]}, is {is_[0]}"
            raise UsageError(text, hint=_so(at, kind, right[1])) from error
        if unknown := _UNKNOWN_KEY.search(said):
            raise _unknown(unknown[1], at, kind, place) from error
        raise UsageError(f"{place}: {at or 'it'}: {said}", hint=_HINT) from error


_HINT: Final = "docs/policy.md lists the keys of documents and settings."


def _unknown(name: str, at: str, kind: type[msgspec.Struct], place: str) -> UsageError:
    known = _PARTS.get(at, kind).__struct_fields__
    close = difflib.get_close_matches(name, known, 1)
    own = "" if kind is Settings else "; what is your own goes below extra"
    hint = f"Did you mean {close[0]}?" if close else f"Known are {', '.join(known)}{own}."
    return UsageError(f"{place}: {f'{at}.' if at else ''}{name[:100]}: there is no such key", hint=hint)


_PARTS: Final[dict[str, type[msgspec.Struct]]] = {
    "device": Device, "payload": Payload, "token": Token, "site": Site
}  # fmt: skip


def check_times(document: PolicyDocument, place: str) -> None:
    """Raises UsageError where a time of the document is none."""
    token = document.token
    times = {"as_of": document.as_of}
    if token:
        times |= {f"token.{name}": getattr(token, name) for name in ("createdAt", "tokenExpiry", "lastUsedAt")}
    for key, text in times.items():
        try:
            if text is not None:
                instants.parse(text)
        except ValueError as error:
            hint = _so(key, PolicyDocument, '"2026-05-17T08:47:12Z"')
            raise UsageError(f"{place}: {key}: {error}", hint=hint) from error


def values(path: Path) -> list[object]:
    """What stands in a file: the members of an array, or a value a line, or one. Raises UsageError."""
    data = contents(path)
    try:
        text = data.decode("utf-8-sig")
        value = _lines(path, text) or _json(text)
    except (ValueError, RecursionError) as error:
        raise _no_json(str(path), error) from error
    found = value if isinstance(value, list) else [value]
    if not 0 < len(found) <= DOCUMENTS_MAX:
        raise UsageError(f"{path}: holds {len(found):,} documents", hint=f"Give 1 to {DOCUMENTS_MAX:,} of them.")
    return found


def _lines(path: Path, text: str) -> list[object]:
    """The value of each line, nothing where the first one is none by itself. Raises UsageError with the line."""
    lines = [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    found: list[object] = []
    for number, line in lines[: None if len(lines) > 1 else 0]:
        try:
            found.append(_json(line))
        except (ValueError, RecursionError) as error:
            if not found:
                return []
            raise _no_json(f"{path}:{number}", error) from error
    return found


def _no_json(place: str, error: Exception) -> UsageError:
    return UsageError(f"{place}: is no document of JSON: {error}", hint=_DOCUMENT)


def _json(text: str) -> object:
    return json.loads(text, object_pairs_hook=_object, parse_float=_finite, parse_constant=_no_number)


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} stands there twice")
    return found


def _finite(text: str) -> float:
    value = float(text)
    return value if isfinite(value) else _no_number(text)


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number of JSON")


def contents(path: Path) -> bytes:
    """The bytes of a file. Raises UsageError for what is none, and for what is too large."""
    if not path.is_file():
        raise UsageError(f"{path}: is no file", hint=f"Check the name: ls -l {path}")
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
    if len(data) > BYTES_MAX:
        raise UsageError(f"{path}: is larger than {BYTES_MAX // 1024 // 1024} MiB", hint="Split it.")
    return data
