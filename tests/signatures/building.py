"""Rules and records made for tests of the signatures."""

import json
from pathlib import Path
from typing import Any

from abm_trace.core.nouns import Record
from abm_trace.signatures import Signature, rule

HEAD = """title: Made for a test
id: 6f0c7d52-7a57-4c3e-9a55-000000000001
status: experimental
logsource:
  product: apple
layer: L6
level: high
detection:
"""
DETECTION_LINE = HEAD.count("\n") + 1
"""The line on which the detection's first key stands."""


def read_text(folder: Path, text: str, name: str = "made") -> Signature:
    """The signature in a file of this text."""
    path = folder / f"{name}.yml"
    path.write_text(text, encoding="utf-8")
    return rule.read(path)


def read_detection(folder: Path, detection: dict[str, Any], name: str = "made") -> Signature:
    """The signature of a detection; JSON is YAML."""
    indented = "".join(f"  {json.dumps(key)}: {json.dumps(value)}\n" for key, value in detection.items())
    return read_text(folder, HEAD + indented, name)


def record(message: str, process: str = "teslad", subsystem: str = "", category: str = "", level: str = "") -> Record:
    """A record with this message, from a process of enrolment unless said otherwise."""
    return Record(0, message, process, subsystem, category, level)
