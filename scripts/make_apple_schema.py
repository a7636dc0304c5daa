"""Writes src/abm_trace/checks/payload/apple.json: the facts of Apple's published schema that the rules run on.

    scripts/make_apple_schema.py FOLDER

FOLDER holds files of github.com/apple/device-management (`*.yaml`) and, in README.md, the keys of DEP profiles as a
table. Only facts are taken: keys, types, which are required, what values
they may have. With --check nothing is written, and the exit code is 1 if the file is not what would be written.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

OUT = Path(__file__).parent.parent / "src/abm_trace/checks/payload/apple.json"
ORIGIN = "github.com/apple/device-management b6202ca (iOS 18.1, macOS 15.1), MIT, © Apple Inc. 2022–2024"
DEP_ORIGIN = "developer.apple.com/documentation/devicemanagement/profile"
# | `key, key` (≤ 256) | type | note |
_ROW = re.compile(r"^\| ([a-z][^|]+) \| ([^|]+) \| ?([^|]*)\|$", re.MULTILINE)
_NAME = re.compile(r"([a-z_]+)(?: \(≤ ([0-9]+)\))?")


def facts(folder: Path) -> dict[str, Any]:
    """The facts in one document."""
    types = {}
    for path in sorted(folder.glob("*.yaml")):
        document = yaml.safe_load(path.read_bytes())
        name = document["payload"].get("payloadtype", "") if "payload" in document else ""
        if name in {"TopLevel", "CommonPayloadKeys"} or name.startswith("com.apple."):
            types[name] = {
                "single": document["payload"]["supportedOS"]["iOS"].get("multiple") is False,
                "keys": {each["key"]: key(each) for each in document["payloadkeys"]},
            }
    skip = yaml.safe_load((folder / "skipkeys.yaml").read_bytes())
    readme = (folder / "README.md").read_text(encoding="utf-8")
    types["dep-profile"] = {"single": False, "keys": dep(readme)}
    return {
        "origin": ORIGIN,
        "dep_origin": DEP_ORIGIN,
        "types": types,
        "skip_keys": [each["key"] for each in skip["payloadkeys"]],
    }


def key(entry: dict[str, Any]) -> dict[str, Any]:
    """What is said of one key."""
    found: dict[str, Any] = {"type": entry["type"].strip("<>")}
    if entry.get("presence") == "required":
        found["required"] = True
    for source, target in (("rangelist", "values"), ("format", "format")):
        if source in entry:
            found[target] = entry[source]
    gone = {system: said["removed"] for system, said in entry.get("supportedOS", {}).items() if said.get("removed")}
    if gone:
        found["removed"] = ", ".join(f"{system} {version}" for system, version in gone.items())
    if found["type"] == "array" and len(entry.get("subkeys", ())) == 1:
        item = key(entry["subkeys"][0])
        found["items"] = {name: item[name] for name in ("type", "values", "format") if name in item}
    return found


def dep(readme: str) -> dict[str, Any]:
    """The keys of a DEP profile, by the table."""
    found: dict[str, Any] = {}
    for names, type_, note in _ROW.findall(readme.partition("## DEP profile")[2].partition("\n## ")[0]):
        if names == "key":
            continue
        kind = type_.split()[0]
        for name, chars in _NAME.findall(names):
            found[name] = {"type": kind}
            if kind == "array":
                found[name]["items"] = {"type": "string"}
            if chars:
                found[name]["chars_max"] = int(chars)
            if name in note.partition(" required")[0].split() and " required" in note:
                found[name]["required"] = True
            if name == "url" and "url https" in note:
                found[name]["format"] = "^https://.*$"
    # The service's own answer to a fetch has it too.
    found["profile_uuid"] = {"type": "string"}
    return found


def main() -> int:
    """Write the file, or compare it."""
    check = "--check" in sys.argv
    folder = Path(next(each for each in sys.argv[1:] if each != "--check"))
    text = json.dumps(facts(folder), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if check:
        return int(OUT.read_text(encoding="utf-8") != text)
    OUT.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
