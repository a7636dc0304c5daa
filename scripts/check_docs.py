"""Checks that each relative link of the documents leads to a file of this checkout."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
# [the ladder](verdict.md#ladder) -> verdict.md
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)\s#]+)")


def broken_links() -> list[str]:
    """One line for people for each link that leads nowhere, in order of file and line."""
    pages = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
    return [
        f"{page.relative_to(ROOT)}:{number}: {target} is not there"
        for page in pages
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
        for target in LINK.findall(line)
        if not (page.parent / target).exists()
    ]


if __name__ == "__main__":
    lines = broken_links()
    print(*lines, sep="\n", end="\n" if lines else "")
    sys.exit(bool(lines))
