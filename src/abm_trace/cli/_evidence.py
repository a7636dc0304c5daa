"""Where commands record what they did: the log that `--evidence` names, or that of the project folder they run in.

A project folder is the nearest one, from the current folder upwards, that holds `abm-trace.toml` or `.abm-trace/` and
belongs to who runs this. Its log is `.abm-trace/evidence`, or what abm-trace.toml says: `[evidence] store = "PATH"`.
"""

import contextlib
import functools
import getpass
import hashlib
import io
import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from abm_trace.cli import _program
from abm_trace.core.errors import AbmTraceError, UsageError

if TYPE_CHECKING:
    from abm_trace.evidence.adding import Input
    from abm_trace.evidence.entry import Kept
    from abm_trace.evidence.places import Places
    from abm_trace.evidence.store import Writer
    from abm_trace.pipeline.triage import Triage

SETTINGS: Final = "abm-trace.toml"
FOLDER: Final = ".abm-trace"
_SETTINGS_BYTES_MAX: Final = 1024 * 1024
_CHUNK_BYTES: Final = 1024 * 1024


STORE: Final = click.option(
    "--evidence",
    type=click.Path(path_type=Path),
    metavar="STORE",
    help="Record it in this evidence log; in a project folder its own is the default.",
)
NONE: Final = click.option("--no-evidence", is_flag=True, help="Record nothing, also in a project folder.")


class Act(msgspec.Struct, frozen=True, tag_field="schema", tag="abm-trace/act/1"):
    """What a command did: who ran it with which words, its exit code, and what it printed."""

    by: str
    words: list[str]
    code: int
    output: str


def options(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command --evidence and --no-evidence; it gets what they come to as one `log`."""

    @functools.wraps(function)
    def command(*args: object, evidence: Path | None, no_evidence: bool, **kwargs: object) -> None:
        function(*args, log=asked(evidence, none=no_evidence), **kwargs)

    decorated: Callable[..., None] = command
    return STORE(NONE(decorated))


def asked(evidence: Path | None, *, none: bool = False) -> "Log | None":
    """The log to record in, if any. Raises UsageError for options that contradict each other."""
    if evidence is not None and none:
        raise UsageError("--evidence and --no-evidence contradict each other", hint="Leave out one of the two.")
    if none:
        return None
    if evidence is not None:
        return Log(evidence, is_named=True)
    found = project(Path.cwd())
    return None if found is None else Log(store_of(found), is_named=False)


def project(start: Path) -> Path | None:
    """The project folder: the nearest, from here upwards, that is marked as one by who runs this."""
    for folder in (start, *start.parents):
        for mark in (folder / SETTINGS, folder / FOLDER):
            with contextlib.suppress(OSError):
                if mark.stat().st_uid == (os.getuid() if hasattr(os, "getuid") else 0):
                    return folder
    return None


def store_of(folder: Path) -> Path:
    """The log of a project. Raises UsageError for settings that cannot be read."""
    path = folder / SETTINGS
    hint = f'Example, in {SETTINGS}: [evidence] and, on the next line, store = "/srv/evidence"'
    try:
        with path.open("rb") as file:
            text = file.read(_SETTINGS_BYTES_MAX).decode()
        said = tomllib.loads(text).get("evidence", {})
    except FileNotFoundError:
        said = {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}", hint=hint) from error
    store = said.get("store", f"{FOLDER}/evidence") if isinstance(said, dict) else None
    if not isinstance(store, str) or not store:
        raise UsageError(f"{path}: evidence.store is no path", hint=hint)
    return folder / store


class Log(msgspec.Struct, frozen=True):
    """A log to record in. One that was named must take the record; a project's own may fail, which is said."""

    store: Path
    is_named: bool

    @property
    def places(self) -> "Places":
        """Where it stands."""
        from abm_trace.evidence.places import Places

        return Places.of(self.store)

    @property
    def is_there(self) -> bool:
        """Whether there is, or was, such a log: a project may have none yet."""
        return self.is_named or self.store.exists() or self.places.lock.exists()

    def check(self) -> None:
        """Find out before the work whether the log takes a record. Raises EvidenceError if it was named."""
        if self.is_named:
            with self._writer() as writer:
                writer.active()  # Its keys can sign.

    def keep(self, case: Path, traced: "Triage") -> None:
        """Keep the files of a case that are not in the log yet, and the verdicts on it. Raises EvidenceError."""
        from abm_trace.cli.evidence import _inputs, _options
        from abm_trace.evidence.adding import add

        files, verdicts = _inputs.of(case, traced, self.places)
        kept = refused = 0
        with self._writer() as writer, _options.telling(writer):
            known, total = _known(writer), 0
            new: list[Input] = []
            for each in files:
                total += 1
                if (_digest(each), each.binding.encode()) not in known:
                    new.append(each)
            for one in add(writer, new, kind="raw", origin="triage", now=_options.now()):
                kept += one.record is not None
                refused += one.record is None
            record = [one.record for one in add(writer, verdicts, kind="verdict", origin="triage", now=_options.now())]
        aside(
            f"verdicts are record {record[-1]} of {self.store}; {kept:,} files kept, {total - len(new):,} in it already"
            + (f", {refused:,} could not be read" if refused else "")
        )

    def record(self, kind: "Kept", source: str, data: bytes, name: str, now: int | None = None) -> None:
        """Keep one document, under a checkpoint when this returns. Raises EvidenceError.

        `now` (µs UTC) is for who knows the time better than this computer's clock.
        """
        from abm_trace.cli.evidence import _options
        from abm_trace.evidence.adding import Input, add
        from abm_trace.evidence.blobs import Binding

        one = Input(name, partial(io.BytesIO, data), Binding(name))
        with self._writer() as writer:
            (added,) = add(writer, [one], kind=kind, origin=source, now=_options.now() if now is None else now)
        aside(f"record {added.record} of {self.store}")

    def act(self, source: str, data: bytes, name: str) -> None:
        """Record what a person is about to do; it must not be done if this raises EvidenceError.

        Only a project that never had a log lets it pass, and says so.
        """
        if self.is_there:
            self.record("action", source, data, name)
        else:
            aside(f"NOT RECORDED: {_missing(self.store)}")

    def _writer(self) -> "Writer":
        from abm_trace.evidence.store import Writer

        return Writer(self.places)


def aside(text: str) -> None:
    """Say on standard error what became of the evidence."""
    from abm_trace.cli import _terminal

    _terminal.aside(f"evidence: {text}")


def attempt(log: Log | None, what: Callable[[Log], None]) -> AbmTraceError | None:
    """Record something that was only looked at: what it raises where the log was named, else it is said."""
    if log is None:
        return None
    try:
        if log.is_there:
            what(log)
        else:
            aside(f"NOT KEPT: {_missing(log.store)}")
    except AbmTraceError as error:
        if log.is_named:
            return error
        aside(f"NOT KEPT: {error.diagnostics()}")
    return None


def _missing(store: Path) -> str:
    return f"this project has no log yet; make it: abm-trace evidence key new {store} --origin NAME/evidence"


@contextlib.contextmanager
def checking(log: Log | None, source: str, words: Sequence[str]) -> Iterator[None]:
    """Record what the check inside prints, with its exit code, as an entry of kind `check`."""
    from abm_trace.cli import _terminal

    if log is None:
        yield
        return
    log.check()
    code: int | None = 0
    with _terminal.copied() as printed:
        try:
            yield
        except click.exceptions.Exit as ended:
            code = ended.exit_code
            raise
        except BaseException:
            code = None
            raise
        finally:
            if code is not None and printed:  # Help is no check.
                output = b"".join(printed).decode("utf-8", "replace")
                data = msgspec.json.encode(Act(user(), list(words), code, output)) + b"\n"
                error = attempt(log, lambda each: each.record("check", source, data, f"{source}.json"))
                if error is not None:
                    raise error


class RecordedGroup(_program.Commands):
    """A group whose commands leave a record of what they printed; it has the options STORE and NONE itself."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.obj = list(args)  # As they were typed.
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, and record it."""
        log = asked(ctx.params.pop("evidence"), none=ctx.params.pop("no_evidence"))
        with checking(log, self.name or "check", ctx.obj):
            result: object = super().invoke(ctx)
        return result


def user() -> str:
    """Who runs this, as the system knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _known(writer: "Writer") -> set[tuple[str, bytes]]:
    """SHA-256 and binding of each input that the log still keeps."""
    from abm_trace.evidence import tiles
    from abm_trace.evidence.blobs import Secret

    size = writer.head.size if writer.head else 0
    found = (Secret.parse(line) for number, _ in tiles.spread(size) for line in writer.published.private(number))
    return {(each.sha256, each.binding) for each in found if each}


def _digest(source: "Input") -> str:
    """The SHA-256 of an input, "" for one that cannot be read."""
    digest = hashlib.sha256()
    try:
        with source.open() as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except (AbmTraceError, OSError):
        return ""
    return digest.hexdigest()
