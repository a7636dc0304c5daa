"""Checks that tests/ mirrors src/: each module has its test, and each test its module.

`src/abm_trace/a/b.py` is tested by `tests/a/test_b.py`, `src/abm_lab/b.py` by `tests/lab/test_b.py`, and what a
package itself holds by `tests/a/test_a.py`. What tests the whole stands in `tests/whole/` and, with damaged
input, `tests/hostile/`.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests"
TREES = {ROOT / "src/abm_trace": TESTS, ROOT / "src/abm_lab": TESTS / "lab"}
WHOLE = {TESTS / "hostile", TESTS / "whole"}


def test_of(module: Path, tree: Path) -> Path:
    """The path at which the test of this module, or of the package whose `__init__.py` it is, belongs."""
    folder = TREES[tree] / module.parent.relative_to(tree)
    return folder / f"test_{module.parent.name if module.stem == '__init__' else module.stem}.py"


def needs_test(module: Path) -> bool:
    """Whether the module does something by itself: it has a function, and is no inner part of its package."""
    text = module.read_text(encoding="utf-8")
    return not module.stem.startswith("_") and re.search(r"^ *def ", text, re.MULTILINE) is not None


def complaints() -> list[str]:
    """What is missing on either side, as lines for people; empty where the trees mirror each other."""
    modules = {test_of(module, tree): module for tree in TREES for module in sorted(tree.rglob("*.py"))}
    tests = {test for test in TESTS.rglob("test_*.py") if WHOLE.isdisjoint(test.parents)}
    untested = [modules[test] for test in sorted(modules.keys() - tests) if needs_test(modules[test])]
    return [
        *(f"{module.relative_to(ROOT)} has no test of its name" for module in untested),
        *(f"{test.relative_to(ROOT)} tests no module of src/" for test in sorted(tests - modules.keys())),
    ]


if __name__ == "__main__":
    lines = complaints()
    print(*lines, sep="\n", end="\n" if lines else "")
    sys.exit(bool(lines))
