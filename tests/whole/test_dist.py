"""The supply chain: locked with hashes, a bill of materials, and builds that come out the same (R27)."""

import importlib.util
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[2]
spec = importlib.util.spec_from_file_location("dist", ROOT / "scripts/dist.py")
assert spec
assert spec.loader
dist = importlib.util.module_from_spec(spec)
spec.loader.exec_module(dist)

pytestmark = pytest.mark.skipif(not dist.UV.exists(), reason="needs the project's uv: make install")
AT = "1700000000"


@pytest.mark.slow
def test_two_builds_are_the_same(tmp_path: Path) -> None:
    """If this failed, nobody could show that what is installed was made of this source."""
    found = dist.build_twice(tmp_path, AT)
    assert sorted(Path(name).suffix for name in found) == [".gz", ".whl"]
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == found


@pytest.mark.slow
def test_a_difference_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If this failed, the comparison would compare nothing."""
    there = dist.elsewhere

    def changed(archive: Path, folder: Path) -> Path:
        root: Path = there(archive, folder)
        (root / "src/abm_trace/py.typed").write_text("changed")
        return root

    monkeypatch.setattr(dist, "elsewhere", changed)
    with pytest.raises(dist.NotReproducibleError, match=r"\.whl"):
        dist.build_twice(tmp_path, AT)


def test_the_bill_of_materials() -> None:
    """If this failed, a package that is installed would be missing from the bill, or have no hash."""
    found = dist.sbom(AT)
    assert found == dist.sbom(AT), "the same lock gives the same bill"
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.5")
    assert dist.without_hash(found) == []
    names = {each["name"] for each in found["components"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {name: words for name, words in project["optional-dependencies"].items() if name != "convert-splunk"}
    for words in (project["dependencies"], *extras.values()):
        for each in words:
            name = re.match(r"[\w.-]+", each)
            assert name
            assert name[0].lower() in names
    assert not names & {"pytest", "mypy", "ruff"}
    found["components"][0]["externalReferences"][0]["hashes"] = []
    del found["components"][1]["externalReferences"]
    assert dist.without_hash(found) == [each["name"] for each in found["components"][:2]]


def test_it_is_a_bill_as_the_standard_has_it() -> None:
    """If this failed, other programs would not read it. The parts of CycloneDX 1.5's schema that it uses."""
    text = {"type": "string", "minLength": 1}
    component = {
        "type": "object",
        "required": ["type", "name", "bom-ref", "version"],
        "properties": {"type": {"const": "library"}, "name": text, "version": text, "purl": {"pattern": "^pkg:pypi/"}},
    }
    schema = {
        "type": "object",
        "required": ["bomFormat", "specVersion", "version"],
        "properties": {
            "serialNumber": {"pattern": "^urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$"},
            "version": {"type": "integer", "minimum": 1},
            "metadata": {"properties": {"timestamp": {"pattern": "^2023-11-14T22:13:20Z$"}, "component": component}},
            "components": {"type": "array", "items": component, "minItems": 10},
        },
    }
    jsonschema.validate(dist.sbom(AT), schema)


def test_everything_is_locked_with_hashes() -> None:
    """If this failed, an installation could get another file than the one that was tested."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    packages = [each for each in lock["package"] if "registry" in each["source"]]
    assert len(packages) > 30
    for each in packages:
        files = [*each.get("wheels", ()), *([each["sdist"]] if "sdist" in each else ())]
        assert files, each["name"]
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]) for file in files), each["name"]
    pins = (ROOT / "scripts/uv.txt").read_text()
    assert re.search(r"^uv==[\d.]+ \\$", pins, re.MULTILINE)
    assert "--require-hashes" in (ROOT / "scripts/install.sh").read_text()
    assert "--frozen" in (ROOT / "scripts/install.sh").read_text()
