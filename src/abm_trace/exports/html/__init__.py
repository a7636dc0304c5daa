"""HTML: the whole report in one file that asks nothing of the network and runs nothing but its own script."""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from abm_trace.exports._interface import Export, Report, Screen, count, numbers, share, steps
from abm_trace.exports.html import (
    _changes,
    _contrast,
    _coverage,
    _data,
    _devices,
    _pictures,
    _runbooks,
    _summary,
    _windows,
)
from abm_trace.exports.html._listed import listed
from abm_trace.exports.html._markup import Markup, join, tag, verbatim

EXPORT = Export(
    id="html",
    title="One self-contained page: the answer, its pictures, every device with its proof",
    reference="https://html.spec.whatwg.org/multipage/",
)

_PARTS: Final = (
    ("changes", "What changed"), ("todo", "What next"), ("verdicts", "How many"),
    ("layers", "Why"), ("contrast", "In common"),
    ("sites", "Where"), ("ladder", "How far"), ("time", "When"), ("runbooks", "Runbooks"),
    ("devices", "Devices"), ("coverage", "Coverage"), ("not-used", "Not used"), ("limits", "Thresholds"),
)  # fmt: skip

_DATA: Final = '<script type="application/json" id="{}">'
"""The begin of an element that holds a document (see `_data`)."""


def render(report: Report, screen: Screen) -> bytes:
    """The page, UTF-8, ended by a newline. No foreign text in it is markup, style or script."""
    rows = listed(report.verdicts, report.told)
    data, proofs, asked = _data.pack(report, rows)
    every, causes, books = steps.steps(report), steps.causes(report), _runbooks.books(report)
    sections = [
        _changes.changes(report, rows),
        _summary.todo(report, every, books),
        _pictures.verdicts(report),
        _pictures.layers(report, causes),
        _contrast.contrast(report),
        _pictures.sites(report),
        _pictures.ladder(report),
        _windows.over_time(report, asked),
        _runbooks.runbooks(report, books, rows),
        _devices.devices(report, rows),
        _coverage.coverage(report),
        _coverage.not_used(report),
        _coverage.limits(report),
    ]
    links = [
        tag("li", tag("a", title, href=f"#{anchor}"))
        for (anchor, title), part in zip(_PARTS, sections, strict=True)
        if part
    ]
    body = join(
        tag("a", "To the devices", href="#devices", class_="skip"),
        tag(
            "header", tag("p", tag("b", "abm-trace"), f" triage of {report.case}", class_="case"),
            _summary.top(report, every, causes, books),
        ),
        tag("nav", tag("ul", *links), class_="parts", aria_label="Parts of this page"),
        tag("main", *sections),
        tag("footer", tag("p", "Each claim leads to a line or record of the case, with its SHA-256.")),
    )  # fmt: skip
    before = f'<!DOCTYPE html>\n<html lang="en">{_head(report)}<body>{body}{_DATA.format("data")}'
    script = f"</script><script>{_asset('report.js')}</script>{_DATA.format('proofs')}"
    # The documents are most of the page: they are bytes already, and no copy is made of them but the page itself.
    return b"".join((_utf8(before), data, _utf8(script), proofs, b"</script></body></html>\n"))


def _utf8(said: str) -> bytes:
    return said.encode("utf-8", "backslashreplace")


def _head(report: Report) -> Markup:
    found = numbers.counts(report)
    total = len(report.told)
    title = f"{found['vanished']:,} vanished of {count(total, 'device')} ({share(found['vanished'], total)})"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy()),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{'SIMULATED: ' * report.simulated}{title} – abm-trace"),
        tag("style", verbatim(_asset("report.css"))),
    )


@cache
def policy() -> str:
    """The content-security policy: nothing but the style and the script of this file, known by their digests."""
    return "; ".join((
        "default-src 'none'",
        f"style-src '{_digest(_asset('report.css'))}'",
        f"script-src '{_digest(_asset('report.js'))}'",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ))  # fmt: skip


@cache
def _asset(name: str) -> str:
    return (files("abm_trace.exports.html") / name).read_text(encoding="utf-8")


def _digest(content: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


__all__ = ["EXPORT", "listed", "policy", "render"]
