"""Writes the rules into docs/validate.md, from the very objects that the check runs on.

With --check nothing is written, and the exit code is 1 if the page is not what would be written.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from abm_trace.checks.payload import Rule, catalogue
from abm_trace.checks.payload.apple import facts

PAGE = Path(__file__).parent.parent / "docs/validate.md"
_MADE = re.compile(r"(?<=<!-- made by scripts/make_validate_rules.py -->\n).*?(?=<!-- end -->)", re.DOTALL)
_EXAMPLE_CHARS_MAX = 200


def lines() -> Iterator[str]:
    """The table of the rules, then a section each, and where the facts come from."""
    yield "| rule | severity | layer | finds |"
    yield "|---|---|---|---|"
    for rule in catalogue().values():
        yield f"| [{rule.id}](#{rule.id}) | {rule.severity} | {rule.layer} | {rule.title} |"
    for rule in catalogue().values():
        yield ""
        yield from _section(rule)
    yield ""
    yield f"The facts about keys are from {facts().origin}, and those of DEP profiles from {facts().dep_origin}."
    yield ""


def _section(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}"
    proves = f", layer {rule.layer}" + (f" `{rule.cause}`" if rule.cause else "") if rule.layer else ""
    yield f"{rule.title} ({rule.severity}{proves}). {_code(rule.means)}"
    yield ""
    yield f"**Do:** {_code(rule.do)}"
    yield ""
    yield f"**Source:** {_code(rule.source)}."
    example = json.dumps(dict(rule.bad[0]), ensure_ascii=False) if rule.bad else ""
    if 0 < len(example) <= _EXAMPLE_CHARS_MAX:
        yield ""
        yield f"**Bad:** `{example}`" + (" (`null`: the key is not there)" if "null" in example else "")


def _code(text: str) -> str:
    """Nothing in it that Markdown takes for an element."""
    return text.replace("<", "&lt;")


def main() -> int:
    """Write the page, or compare it."""
    old = PAGE.read_text(encoding="utf-8")
    new = _MADE.sub(lambda _: "\n".join(lines()) + "\n", old)
    if "--check" in sys.argv:
        return int(old != new)
    PAGE.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
