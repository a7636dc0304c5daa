"""Rego modules: which files there are, what they are called, which rules in them decide or test.

A decision is made of the rules `deny`, `warn` and `unknown` of every package. Names are read from the text, without its
comments and strings: whether it is right Rego is for the engine to say.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Final

from abm_trace.core.errors import UsageError

KINDS: Final = ("deny", "warn", "unknown")
"""What a rule may be called that decides. `unknown` says that a fact is missing: it is neither a yes nor a no."""

_BYTES_MAX: Final = 1024 * 1024
_FILES_MAX: Final = 1000
_QUIET: Final = re.compile(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|#[^\n]*')
_PACKAGE: Final = re.compile(r"^\s*package\s+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*$", re.MULTILINE)
_RULE: Final = re.compile(r"^\s*(?:default\s+)?(deny|warn|unknown)\b\s*(?:contains\b|if\b|\[|\{|:?=)", re.MULTILINE)
_TEST: Final = re.compile(r"^\s*(test_\w+)\b", re.MULTILINE)


@dataclass(frozen=True)
class Module:
    """A file of Rego; `path` is what errors and coverage call it."""

    path: str
    text: str

    @cached_property
    def _bare(self) -> str:
        return _QUIET.sub(lambda found: '""' if found[0][0] != "#" else "", self.text)

    @property
    def package(self) -> str:
        """Its package, as `abm.region`. Raises UsageError where it has none that can be asked."""
        found = _PACKAGE.search(self._bare)
        if found is None:
            raise UsageError(f"{self.path}: has no package of plain names", hint="Its first line: package abm.mine")
        return found[1]

    @property
    def decides(self) -> bool:
        """Whether it has a rule that decides."""
        return _RULE.search(self._bare) is not None

    @property
    def tests(self) -> tuple[str, ...]:
        """The names of its tests, in order, each once."""
        return tuple(dict.fromkeys(_TEST.findall(self._bare)))

    @property
    def is_old(self) -> bool:
        """Whether it is one of the shipped ones in the syntax before OPA 1.0."""
        return self.path.startswith("v0/") and self.path in _names_of_ours()

    @property
    def is_test(self) -> bool:
        """Whether it is there for tests alone, as its file name says."""
        return self.path.endswith("_test.rego")


SHIPPED: Final = "shipped"
"""What `--policy` calls all policies that come with abm-trace, but those in the old syntax."""

_LIBRARY: Final = "version"
"""The shipped module that every policy may import, `data.abm.version`."""


def shipped(name: str = SHIPPED, *, tests: bool = False) -> list[Module]:
    """The policies that come with abm-trace, or that of one name (`region`, `v0/guide`), with or without their tests.

    Nothing where none is called so.
    """
    folder = files("abm_trace.checks") / "policies"
    old = folder / "v0"
    found = [(each.name, each) for each in folder.iterdir()] + [(f"v0/{each.name}", each) for each in old.iterdir()]
    wanted = {f"{name}.rego", f"{name}_test.rego"}
    modules = [
        Module(path, each.read_text(encoding="utf-8"))
        for path, each in sorted(found)
        if path.endswith(".rego") and (path in wanted or (name == SHIPPED and "/" not in path))
    ]
    return [each for each in modules if tests or not each.is_test]


def chosen(names: Iterable[str], *, tests: bool = False) -> list[Module]:
    """The modules of files, of folders with all below, and of names of shipped ones; the library is always with them.

    Raises UsageError.
    """
    found = {module.path: module for name in names for module in _named(name, tests=tests)}
    if not found:
        raise UsageError("no policy there: no file ends in .rego", hint=_HINT)
    packages = {each.package for each in found.values()}
    ours = {each.package: each.path for each in found.values() if each.path in _names_of_ours()}
    for each in found.values():
        if each.path not in _names_of_ours() and not each.is_test and each.package in ours:
            raise UsageError(
                f"{each.path}: package {each.package} is that of the shipped {ours[each.package]}, both would mix",
                hint=f"Give it one of its own: package mine.{each.package.rpartition('.')[2]}",
            )
    library = [each for each in shipped(_LIBRARY) if each.package not in packages]
    return [*found.values(), *library]


_HINT: Final = "Name a file, a folder, or a shipped policy (docs/policy.md): --policy region"


def _named(name: str, *, tests: bool) -> list[Module]:
    path = Path(name)
    if name != SHIPPED and path.exists():
        return [module for module in _below(path) if tests or not module.is_test]
    found = shipped(name, tests=tests)
    if not found:
        raise UsageError(f"{name}: no such file or folder, and no shipped policy is called so", hint=_HINT)
    return found


def _below(path: Path) -> list[Module]:
    if path.is_dir():
        names = sorted(each for each in path.rglob("*.rego") if each.is_file())
        if len(names) > _FILES_MAX:
            message = f"{path}: has {len(names):,} policies, more than {_FILES_MAX:,}"
            raise UsageError(message, hint="Name a smaller folder.")
        return [_module(each) for each in names]
    return [_module(path)]


def _module(path: Path) -> Module:
    if not path.is_file():
        raise UsageError(f"{path}: is no regular file", hint=_HINT)
    try:
        with path.open("rb") as file:
            data = file.read(_BYTES_MAX + 1)
        text = data.decode()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}", hint=f"ls -l {path}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: is no text of UTF-8: {error}", hint="Save it as UTF-8.") from error
    if len(data) > _BYTES_MAX:
        raise UsageError(f"{path}: is larger than {_BYTES_MAX // 1024 // 1024} MiB", hint="Split it.")
    return Module(f"./{path}" if str(path) in _names_of_ours() else str(path), text)


@cache
def _names_of_ours() -> frozenset[str]:
    """What the shipped modules are called; a file of that very name is called `./NAME`, so that neither is lost."""
    return frozenset(each.path for each in (*shipped(tests=True), *shipped("v0/guide", tests=True)))
