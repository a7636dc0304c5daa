"""docs/verify-by-hand.md: its commands as they stand, and the tree by Go's own code."""

import io
import os
import re
import shutil
import subprocess
from base64 import b64encode
from pathlib import Path

import pytest
from tests.evidence import building
from tests.evidence.authority import Authority
from tests.evidence.test_stamping import stamped

from abm_trace.evidence import bundle, keys, retention
from abm_trace.evidence.blobs import Binding
from abm_trace.evidence.places import Places
from abm_trace.evidence.store import Writer

PAGE = Path(__file__).parents[2] / "docs/verify-by-hand.md"
GO = Path("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the page wants it: evidence/, key.txt, ca.pem."""
    folder = tmp_path_factory.mktemp("hand")
    places = building.make(folder, 11)
    authority = Authority(folder / "tsa")
    stamped(places, authority)
    building.add(places, range(11, 14))
    places.store.rename(folder / "evidence")
    (folder / "key.txt").write_text(f"{building.check(Places.of(folder / 'evidence')).signers[0]}\n")
    shutil.copy(authority.root, folder / "ca.pem")
    return folder


STEPS_1_AND_2 = 3
"""So many blocks of commands they are, with what is defined before."""


def by_hand(folder: Path, record: int = 2, blocks: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run all commands of the page, one after the other, or the first blocks of them."""
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)[:blocks])
    return subprocess.run(
        ["bash"], input=script, cwd=folder, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "record": str(record)},
    )  # fmt: skip


@pytest.mark.slow
def test_the_page(made: Path) -> None:
    """If this failed, the page would teach commands that do not work."""
    done = by_hand(made, 9)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout
    assert "Verification: OK" in done.stdout
    assert "Time stamp:" in done.stdout
    assert (made / "entries/9").read_bytes().startswith(b'{"v":1,')


def test_a_key_whose_base64_ends_with_a_plus_is_read(tmp_path: Path) -> None:
    """If this failed, the page would call the logs of one key in 64 damaged."""
    public = next(
        key for n in range(1000) if (key := b"\1" + n.to_bytes(32, "little")[::-1]) and b64encode(key)[-1:] == b"+"
    )
    (tmp_path / "key.txt").write_text(f"log.example+01020304+{b64encode(public).decode()}\n")
    script = PAGE.read_text()
    begin, end = script.index("IFS=+ read"), script.index("openssl pkey -pubin")
    subprocess.run(["bash"], input="bytes() { :; }\n" + script[begin:end], cwd=tmp_path, text=True, check=True)
    assert (tmp_path / "public.der").read_bytes() == public[1:]


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A log as most are: without a time stamp, its third record purged."""
    places = building.make(tmp_path, 3)
    with Writer(places) as writer:
        retention.purge(writer, [(2, 2)], now=building.START + 91 * building.DAY, actor="ann", reason="retention")
    key = building.check(places).signers[0]
    places.store.rename(tmp_path / "evidence")
    for name in ("lock", "keys"):
        (tmp_path / f"log.{name}").rename(tmp_path / f"evidence.{name}")
    (tmp_path / "key.txt").write_text(f"{key}\n")
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("record", [0, 1, 2, 3])
def test_the_page_for_a_log_without_stamps(record: int, plain: Path) -> None:
    """If this failed, the page would call most of the good logs damaged ones, or stop before its end."""
    done = by_hand(plain, record)
    assert (done.returncode, "BROKEN" in done.stderr) == (0, False), done.stderr
    assert "no time stamp" in done.stdout
    assert ("nothing is kept" in done.stdout) == (record < 3)


@pytest.mark.slow
def test_the_page_after_a_rotation(plain: Path) -> None:
    """If this failed, who has the key of before a rotation would see an end without a word."""
    places = Places.of(plain / "evidence")
    old = building.check(places).signers[0]
    at = building.START + 92 * building.DAY
    new = keys.create(places.keys, old.name)
    with Writer(places) as writer:
        retention.state(writer, building.said("key", at, act="add", key=str(new)))
        retention.state(writer, building.said("key", at, act="retire", key=str(old)))
    done = by_hand(plain)
    assert done.returncode != 0
    assert "BROKEN: the key in key.txt did not sign" in done.stderr
    both = next(path for path in (places.store / "checkpoints").iterdir() if path.read_text().count("—") == 2)
    shutil.copytree(plain, plain.parent / "copy")
    shutil.copy(both, plain.parent / "copy/evidence/checkpoint")
    done = by_hand(plain.parent / "copy", int(both.name) - 1)
    assert done.returncode == 0, done.stderr
    assert str(new) in (plain.parent / f"copy/entries/{int(both.name) - 1}").read_text()
    with Writer(places) as writer:
        bundle.make(writer, plain / "b.tar", bundle.Asked("ann", "audit", at))
    given = plain.parent / "given"
    given.mkdir()
    subprocess.run(["tar", "xf", plain / "b.tar"], check=True, cwd=given)
    (given / "key.txt").write_text(f"{old}\n")
    assert "BROKEN: the key in key.txt did not sign" in by_hand(given).stderr
    shutil.copytree(given, plain.parent / "first")
    shutil.copy(both, plain.parent / "first/evidence/checkpoint")
    done = by_hand(plain.parent / "first", blocks=STEPS_1_AND_2)
    assert done.returncode == 0, done.stderr
    assert str(new) in (plain.parent / f"first/entries/{int(both.name) - 1}").read_text()
    for folder in (plain, given):
        (folder / "key.txt").write_text(f"{new}\n")
        done = by_hand(folder)
        assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", ["checkpoint", "tile/entries/000.p/16", "private/000", "raw", "checkpoints/13", "stamps"]
)
def test_the_page_finds_damage(path: str, made: Path, tmp_path: Path) -> None:
    """If this failed, the commands would call a damaged log a good one."""
    folder = tmp_path / "hand"
    shutil.copytree(made, folder)
    damaged = folder / "evidence" / path
    if path == "raw":
        nonce_and_digest = (folder / "evidence/private/000").read_text().splitlines()[2].split()
        damaged = damaged / nonce_and_digest[1][:2] / f"{nonce_and_digest[1]}.zst"
    elif path == "stamps":
        damaged = next(damaged.iterdir())
    data = bytearray(damaged.read_bytes())
    at = {"private/000": data.index(b" ") - 3, "checkpoint": 3, "stamps": len(data) - 20}.get(path, len(data) // 2)
    data[at] = data[at] ^ 1
    damaged.write_bytes(data)
    done = by_hand(folder)
    assert done.returncode != 0
    assert "BROKEN: " in done.stderr


@pytest.fixture(scope="module", params=[b"", bytes(range(32))], ids=["full", "redacted"])
def unpacked(made: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A bundle as the page wants it: unpacked by tar, beside key.txt and ca.pem."""
    folder = tmp_path_factory.mktemp("bundle")
    shutil.copytree(made, folder / "owner")
    places = Places.of(folder / "owner/evidence")
    for name in ("lock", "keys"):
        (folder / f"owner/log.{name}").rename(folder / f"owner/evidence.{name}")
    with Writer(places) as writer:
        text = b"of F9FXQ00001\nplain\n\nno newline"
        writer.append([writer.keep("raw", io.BytesIO(text), now=building.START, origin="x", binding=Binding("x"))])
        bundle.make(writer, folder / "b.tar", bundle.Asked("ann", "audit", building.START, key=request.param))
    subprocess.run(["tar", "xf", "b.tar"], check=True, cwd=folder)
    for name in ("key.txt", "ca.pem"):
        shutil.copy(made / name, folder / name)
    return folder


@pytest.mark.slow
def test_the_page_for_a_bundle(unpacked: Path) -> None:
    """If this failed, an auditor could not check a bundle without our code."""
    for record in (2, 17):  # The page's own, which a redacted bundle does not open, and the last one.
        done = by_hand(unpacked, record)
        assert done.returncode == 0, done.stderr
    shutil.copytree(unpacked, unpacked.parent / f"{unpacked.name}-stamped")
    stamped = unpacked.parent / f"{unpacked.name}-stamped"
    shutil.copy(stamped / "evidence/checkpoints/13", stamped / "evidence/checkpoint")
    done = by_hand(stamped, blocks=STEPS_1_AND_2)
    assert done.returncode == 0, done.stderr
    for part in ("about/report.txt", "about/lines/000000016.zst", "evidence/checkpoints/13"):
        path = unpacked / part
        if path.exists():
            right = path.read_bytes()
            path.write_bytes(right[:-1] + bytes([right[-1] ^ 1]))
            assert by_hand(unpacked, 17).returncode != 0, part
            path.write_bytes(right)


@pytest.mark.skipif(shutil.which("go") is None or not GO.exists(), reason="needs golang-go, golang-golang-x-mod-dev")
def test_the_tree_by_go(made: Path, tmp_path: Path) -> None:
    """If this failed, another program would not reach our root, or would not see what was changed."""
    program = Path(__file__).parents[1] / "evidence/tlog.go"
    places = building.make(tmp_path, 600, batch=200)
    key = str(building.check(places).signers[0])
    env = os.environ | {
        "GO111MODULE": "off",
        "GOPATH": "/usr/share/gocode",
        "GOCACHE": str(tmp_path / "go"),
        "GOFLAGS": "",
    }
    words = ["go", "run", str(program), str(places.store), key]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert done.stdout.startswith("WHOLE: 602 entries"), done.stdout + done.stderr
    bundle = places.store / "tile/entries/001"
    bundle.write_bytes(bundle.read_bytes().replace(b'"kind":"raw"', b'"kind":"rax"', 1))
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert (done.returncode, done.stdout[:6]) == (1, "BROKEN"), done.stdout + done.stderr
