"""What of a redacted bundle can be read: words, times, codes and hosts that are known to be harmless; nothing else.

Nobody can list all that has to be hidden, so what may be seen is listed. A line of a log is shown only where a verdict
cites it. All else is withheld, committed to, and can be opened line by line by whoever holds the log.
"""

import hmac
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from abm_trace.core.redact import Redactor
from abm_trace.evidence.errors import EvidenceError, RefusedError
from abm_trace.evidence.files import refusing, regular

KEY_BYTES: Final = 32
IS_KEY: Final = re.compile(rb"([0-9a-f]{64})\n?")
"""What the file of a key holds."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_PSEUDONYM_DIGITS: Final = 16

_TIME: Final = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:[.,]\d{1,6})?(?!\d)"
_STAMP: Final = (
    rf"(?:20\d\d-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])[T ]{_TIME}(?: ?(?:Z|[+-][01]\d:?[0-5]\d))?"
    rf"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3]\d {_TIME})(?![\w.:-])"
)
_HEAD: Final = (  # Syslog's priority; the level of `log show`, and its columns of thread, type, activity, pid and ttl.
    rf"^(?:<\d{{1,3}}>(?:1 )?)?{_STAMP}(?:\s+(?:Df|Db|In|Er|Ft|E|F|A|I|D)(?=\s)"
    r"|\s+0x[0-9a-f]{1,8}\s+(?:Default|Info|Debug|Error|Fault)\s+0x[0-9a-f]{1,8}\s+\d{1,6}\s+\d{1,4}(?=\s))?"
)
_DAEMON: Final = "(?:teslad|cloudconfigurationd|profiled|profiles|mdmclient|mdmd|dmd|Setup|mobileactivationd)"
_PROCESS: Final = (
    rf"(?<![\w.-]){_DAEMON}(?:\((?:MDMDaemon|abm|default|enrollment|setup)\)|\{{{_DAEMON}\}})?"
    r"(?:\[\d{1,6}(?::[0-9a-f]{1,6})?\]| \d{1,6}(?= - - ))"
)
_HOST: Final = (
    r"(?<![\w.@%-])(?:(?:us|eu|ap)-(?:east|west|north|south|central)\.abm|albert|humb|iprofiles|mdmenrollment"
    r"|deviceenrollment|gdmf|ocsp|crl|valid)\.apple\.com(?![\w.-]*\w)"
)
_NUMBER: Final = (
    r"(?<=Domain Code=)-?\d{1,5}(?![\w.-])|(?<=\()\d{5}(?=\) Error Domain=)|(?<=verify error )\d{1,2}(?!\w)"
    r"|(?:(?<=response: )|(?<=HTTP )|(?<=answered )|(?<=sync: ))[1-5]\d\d(?!\w)"
    r"|^[1-5]\d\d(?= (?:without|from) )|^\d{1,3}(?= identifiers )"
    r"|(?<![\w.,-])-?\d{1,3}(?:,\d{3})?(?:\.\d{1,3})? s(?!\w)"
)
_CLEAR: Final = rf"{_HEAD}|(?<![\w.:-]){_STAMP}|{_PROCESS}|{_HOST}|{_NUMBER}"
_TOKEN: Final = re.compile(r"""[^\s"'()<>{}\[\],;:=|/?&]+""")
_SIGNS_MAX: Final = 3
"""So many signs without a letter are shown, as in `...`; more can be a password. Origin: ours."""
_JOINTS: Final = re.compile(r"[-_+*#!~^$@%`.…–—“”’]+")
_VALUE: Final = re.compile(  # Behind the name of a field: to the end of its quotes or brackets, else to the next field.
    r"""\\{0,3}["']?\s{0,3}(?:[:=|]{1,2}>?|->|</\w{1,20}>\s{0,3}<\w{1,20}>)\s{0,3}"""
    r"""(?:\\{0,3}"[^"]*"?|'[^']*'?|\[[^\]]*\]?|\{[^}]*\}?|\([^)]*\)?|<[^>]*>?"""
    r"""|[^,;|&<]*?(?=\s{1,3}[\w.-]{1,40}\\{0,3}["']?\s{0,3}[:=]|[,;|&<]|$))"""
)
_HIDDEN: Final = "[…]"
_RUN: Final = re.compile(r"\[…\](?:[^\w\[\]]{0,3}\[…\])+")


@lru_cache(maxsize=1)
def _words() -> frozenset[str]:
    text = (files(__package__) / "words.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


class Mask:
    """Shows of a text what is known to be harmless: words of words.txt as they are written, what has a harmless form,
    in our own texts also `words`, and in a line those of the signature that read it.

    `names` are the identifiers that records name, each with that by which its device is called; `sites` the names of
    sites; `fold` makes one spelling of many.
    """

    def __init__(
        self,
        key: bytes,
        words: Collection[str] = (),
        names: Mapping[str, str] | None = None,
        sites: Iterable[str] = (),
        fold: Callable[[str], str] = str.upper,
    ) -> None:
        self._key, self._fold = key, fold
        self._words = _words().union(words)
        called = ((_bare(name, fold), _bare(main, fold)) for name, main in (names or {}).items())
        self._names = {bare: main for bare, main in called if bare}
        self._sites = {name.casefold(): name for name in sites if name}
        several = [re.escape(name) for name in self._sites if not _TOKEN.fullmatch(name)]  # Of several words.
        sites_ = rf"(?P<site>(?<![\w-])(?i:{'|'.join(several)})(?![\w-]))|" if several else "(?P<site>(?!))|"
        self._piece = re.compile(f"(?P<clear>{_CLEAR})|{sites_}(?P<token>{_TOKEN.pattern})")
        self._denied = Redactor(("secret", "person"))
        self._seen: dict[str, set[str]] = {}

    def __call__(self, text: str) -> str:
        """The text; `[device 0123456789abcdef]` stands for an identifier that a record names, `[…]` for all else."""
        return self._masked(text, self._words)[0]

    def line(self, line: bytes, words: Collection[str] = ()) -> bytes | None:
        """A line of a log; None where less of it may be seen than not, or it speaks of a person or a secret."""
        try:
            text = line.decode().rstrip("\r\n")
        except UnicodeDecodeError:
            return None
        shown = self._readable(text, _words().union(words))
        return line if shown == text else None if shown is None else shown.encode()

    def said(self, text: str, words: Collection[str] | None) -> str:
        """What a finding says, as a line is shown: in the words of its signature; None: in those of our own texts."""
        return self._readable(text, self._words if words is None else _words().union(words)) or _HIDDEN

    def _readable(self, text: str, words: Collection[str]) -> str | None:
        if not text.replace("\t", " ").isprintable() or self._denied(text) != text:
            return None
        shown, seen, hidden = self._masked(text, words)
        return shown if seen > hidden else None

    def pseudonym(self, kind: str, text: str) -> str:
        """What stands for a thing of this kind: the same for the same thing, under this key alone."""
        self._seen.setdefault(kind, set()).add(text)
        said = f"{kind}\0{text}".encode(errors="surrogatepass")
        return f"[{kind} {hmac.digest(self._key, said, 'sha256').hex()[:_PSEUDONYM_DIGITS]}]"

    def device(self, name: str) -> str:
        """The pseudonym of a device, by whichever of its identifiers, however that is spelled."""
        bare = _bare(name, self._fold)
        return self.pseudonym("device", self._names.get(bare, bare))

    def hidden(self) -> dict[str, int]:
        """How many different things of each kind were hidden so far."""
        return {kind: len(found) for kind, found in self._seen.items()}

    def _masked(self, text: str, words: Collection[str]) -> tuple[str, int, int]:
        """The text, and how many of its words are shown, and how many not."""
        shown = hidden = 0
        value = -1  # Where the value of a field ends whose name is hidden: so is all of it.

        def show(found: re.Match[str]) -> str:
            nonlocal shown, hidden, value
            token, is_value = found["token"], found.start() < value
            bare = _bare(token or "", self._fold)
            site = found["site"] or (token or "").rstrip(".!")
            is_named = bare in self._names or site.casefold() in self._sites
            if not is_named and not is_value and (found["clear"] is not None or _is_harmless(token, words)):
                shown += 1
                return found[0]
            hidden += 1
            if bare not in self._names and is_named:
                return self.pseudonym("site", self._sites[site.casefold()])
            if not is_value and (field := _VALUE.match(text, found.end())):
                value = field.end()
            if bare in self._names:
                return self.device(bare)
            self._seen.setdefault("words", set()).add(found[0])
            return _HIDDEN

        masked = self._piece.sub(show, text)
        return _RUN.sub(_HIDDEN, masked), shown, hidden


def cited_in(lines: Sequence[bytes], digests: Iterable[str]) -> dict[int, str]:
    """The lines whose SHA-256 without their ends, as verdicts cite it, is one of these: its place, and that."""
    known = {bytes.fromhex(each): each for each in digests}
    if not known:
        return {}
    found = (sha256(line.rstrip(b"\n").removesuffix(b"\r")).digest() for line in lines)
    return {at: known[digest] for at, digest in enumerate(found) if digest in known}


def cited(
    lines: Sequence[bytes],
    mask: Mask,
    digests: Mapping[str, Collection[str]],
    tell: Callable[[str], object] = lambda _: None,
) -> dict[int, bytes]:
    """What is shown of lines of a file: of those whose SHA-256 is cited, which is told, what `mask` shows."""
    shown = {}
    for at, digest in cited_in(lines, digests).items():
        tell(digest)
        if text := mask.line(lines[at], digests[digest]):
            shown[at] = text
    return shown


def _is_harmless(token: str, words: Collection[str]) -> bool:
    bare = token.rstrip(".!")
    parts = [part for part in _JOINTS.split(bare) if part]
    return bare in words or (all(part in words for part in parts) if parts else len(token) <= _SIGNS_MAX)


def _bare(name: str, fold: Callable[[str], str]) -> str:
    return fold("".join(filter(str.isalnum, name)))


def key_of(path: Path, random: Callable[[int], bytes]) -> tuple[bytes, bool]:
    """The key of a redaction in a file of 64 hex digits, and whether it was made now, for there was none.

    The same key gives the same pseudonyms. Raises EvidenceError, RefusedError for a key that others may read.
    """
    with refusing(path):
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return _read(path), False
        key = random(KEY_BYTES)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    return key, True


def _read(path: Path) -> bytes:
    with regular(path) as file:
        status = os.fstat(file.fileno())
        if os.name != "nt" and status.st_mode & _OTHERS:
            raise RefusedError(
                f"{path}: others may read it (mode {stat.S_IMODE(status.st_mode):04o}); it must be 0600",
                hint=f"Who has the key can tell which device a pseudonym is. Make a new one, or: chmod 600 {path}",
            )
        if os.name != "nt" and status.st_uid != os.geteuid():
            raise RefusedError(f"{path}: belongs to somebody else", hint="Name a file that is not there: one is made.")
        found = IS_KEY.fullmatch(file.read(KEY_BYTES * 2 + 2))
    if found is None:
        raise EvidenceError(f"{path}: is no key of 64 hex digits", hint="Name a file that is not there: one is made.")
    return bytes.fromhex(found[1].decode())
