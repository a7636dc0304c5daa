"""Builds the distribution twice, in two places, and compares them byte by byte; then writes its SBOM (CycloneDX 1.5).

`dist.py [--out dist]`: out comes the wheel, the source archive, and `abm-trace.cdx.json` with every package that
uv.lock names for a run, and the SHA-256 of each of its files. Nothing is downloaded. The second build is from the first
one's source archive, elsewhere, with other times and modes: so whoever has the archive can make both again and compare.
The time in all of it is SOURCE_DATE_EPOCH, else that of the last commit.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"
SBOM = "abm-trace.cdx.json"


class NotReproducibleError(Exception):
    """Two builds differ."""


def epoch() -> str:
    """The time that everything in the distribution has, in seconds."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return given
    words = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "1700000000"


def build(source: Path, out: Path, at: str) -> dict[str, bytes]:
    """The files of a build by name."""
    words = [str(UV), "build", "--offline", "--quiet", "--no-create-gitignore", "--out-dir", str(out), str(source)]
    subprocess.run(words, check=True, env=os.environ | {"SOURCE_DATE_EPOCH": at})
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def elsewhere(archive: Path, folder: Path) -> Path:
    """The source archive unpacked, with other times and modes than here."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o600 | path.stat().st_mode & 0o100)
            os.utime(path, (1, 1))
    root = next(folder.iterdir())
    original = root / "pyproject.toml.orig"  # The archive has the file as it was, and a tidied one.
    if original.exists():
        original.replace(root / "pyproject.toml")
    return root


def build_twice(out: Path, at: str, source: Path = ROOT) -> dict[str, bytes]:
    """Build into `out`, and again elsewhere; the files. Raises NotReproducibleError where the two differ."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        first = build(source, Path(folder) / "first", at)
        archive = next(name for name in first if name.endswith(".tar.gz"))
        again = elsewhere(Path(folder) / "first" / archive, Path(folder) / "source")
        second = build(again, Path(folder) / "second", at)
    differing = [name for name in first | second if first.get(name) != second.get(name)]
    if differing:
        raise NotReproducibleError(f"two builds differ in {', '.join(differing)}")
    for name, data in first.items():
        (out / name).write_bytes(data)
    return first


def sbom(at: str) -> dict[str, Any]:
    """The bill of materials of what a user may install: the program with all its extras."""
    words = [str(UV), "export", "--format", "cyclonedx1.5", "--frozen", "--offline", "--quiet", "--no-dev"]
    # The two backends of pySigma exclude each other; convert-splunk is the one that is named apart.
    words += ["--all-extras", "--no-extra", "convert-splunk", "--preview-features", "sbom-export"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    found["metadata"]["timestamp"] = datetime.fromtimestamp(int(at), UTC).isoformat().replace("+00:00", "Z")
    del found["serialNumber"]
    told = json.dumps(found, sort_keys=True)
    return {"serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, told)}"} | found


def without_hash(document: dict[str, Any]) -> list[str]:
    """The packages of a bill that have a file without a SHA-256, or no file at all."""
    return [
        each["name"]
        for each in document["components"]
        if not all(
            any(one["alg"] == "SHA-256" for one in file.get("hashes", ()))
            for file in each.get("externalReferences", [{}])
        )
    ]


def main() -> int:
    """Build, compare, write; the exit code."""
    parser = argparse.ArgumentParser(description="Build twice, compare, and write the bill of materials.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--sbom-only", action="store_true", help="only the bill of materials")
    typed = parser.parse_args()
    at = epoch()
    typed.out.mkdir(parents=True, exist_ok=True)
    document = sbom(at)
    if lacking := without_hash(document):
        print(f"dist: without a hash in uv.lock: {', '.join(lacking)}", file=sys.stderr)
        return 1
    (typed.out / SBOM).write_text(json.dumps(document, indent=1) + "\n")
    print(f"dist: {typed.out / SBOM}: {len(document['components'])} packages, each file with its SHA-256")
    if not typed.sbom_only:
        try:
            files = build_twice(typed.out, at)
        except NotReproducibleError as error:
            print(f"dist: {error}", file=sys.stderr)
            return 1
        for name, data in files.items():
            print(f"dist: {hashlib.sha256(data).hexdigest()}  {name}   (two builds, byte for byte the same)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
