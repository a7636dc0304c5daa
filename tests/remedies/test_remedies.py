"""Every generated file passes the test of the real program that reads it, whatever the settings are."""

import os
import plistlib
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from abm_trace.remedies import RemedyError, Rendered, fill, remedies, render, used
from abm_trace.remedies.settings import SETTINGS, complete, given

ROOT = Path(__file__).parents[2]
SETS = {
    "examples": (),
    "another network": (
        "interface=ens18.20", "subnet=10.20.0.0/16", "pool=10.20.4.1,10.20.7.254", "router=10.20.0.1",
        "ntp_addresses=10.20.0.5,10.20.0.6,10.20.0.7", "ntp_names=ntp1.clinic.example,ntp2.clinic.example,10.20.0.5",
        "sites=north=ap-south,b.2_x=us-west,c-3=ap-south", "boot_url=https://boot.clinic.example:8443/a/b",
        "boot_folder=/var/lib/tftp/abm", "profiles=mdm/profiles", "policies=mdm/rego", "documents=mdm/d.json",
        "delay_s=12",
    ),
    "as odd as may be": (
        "interface=0", "subnet=10.0.0.0/255.0.0.0", "pool=10.255.0.1,10.255.255.254", "router=10.0.0.1",
        "ntp_addresses=" + ",".join(f"10.200.100.{100 + number}" for number in range(63)),
        "ntp_names=" + ",".join(f"n{number}.example" for number in range(1000)),
        "sites=esac=no,in=true,case=12,fi=0777,then=1e5,a.b-=null," + ",".join(f"s{n}=us-east" for n in range(900)),
        f"boot_url=https://{'b' * 63}.example:8443/{'c' * 32}", f"boot_folder=/{'/'.join(['d' * 63] * 4)}"[:-2],
        "profiles=.-", "policies=.", f"documents={'/'.join(['g' * 64] * 16)}", "delay_s=0.001",
        "endpoints=1,b.example:65535",
    ),
    "names and addresses of all the world": (
        "sites=Klinik Süd 2=eu-west,Größe=us-east,東京=ap-east,صنعاء 1=me-south",
        "ntp_names=2001:db8::123,::1,10.0.0.5",
    ),
    "one of each": ("ntp_addresses=192.0.2.9", "sites=only=eu-west", "endpoints=abm.example:8443"),
}  # fmt: skip


DEBIAN = ROOT / ".venv/debian"
"""Where `make install` unpacks the programs of Debian that it does not install."""

LIBRARIES = {**os.environ, "LD_LIBRARY_PATH": ":".join(map(str, DEBIAN.glob("usr/lib/*-linux-gnu")))}


def program(name: str) -> str:
    """The program's path; where it is not there the test is skipped, and says so."""
    places = (DEBIAN / "usr/sbin", DEBIAN / "usr/bin", Path(sys.executable).parent)
    path = os.pathsep.join([*map(str, places), os.environ["PATH"], "/usr/sbin", "/sbin"])
    found = shutil.which(name, path=path)
    if found is None:
        pytest.skip(f"SKIPPED LOUDLY: {name} is not installed, so what is made for it is not tried")
    return found


@pytest.fixture(params=list(SETS.values()), ids=list(SETS))
def files(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Path]:
    """Every file of every remedy for some settings."""
    found = {}
    for name in remedies():
        for each in render(name, complete(given(request.param))):
            found[each.name] = tmp_path / each.name
            found[each.name].write_text(each.text)
    return found


def passes(*words: str | Path, path: Path) -> None:
    """The program says yes to the file as it is, and no to a broken one: a test that says yes to all proves nothing."""
    command = [str(word) for word in words]
    good = subprocess.run(command, capture_output=True, text=True, check=False, env=LIBRARIES)
    assert good.returncode == 0, good.stdout + good.stderr
    path.write_text(path.read_text() + "\n)}] no such thing {[(\n")
    assert subprocess.run(command, capture_output=True, check=False, env=LIBRARIES).returncode != 0


@pytest.mark.parametrize("name", ["kea-dhcp4.conf", "kea-netboot.conf"])
def test_kea_takes_it(name: str, files: dict[str, Path]) -> None:
    """If this failed, a segment would be without DHCP after a reload."""
    kea, path = program("kea-dhcp4"), files[name]
    there = [each for _, each in socket.if_nameindex() if each != "lo"]
    if not there:
        pytest.skip("SKIPPED LOUDLY: Kea takes an interface that there is, and this host has none but lo")
    path.write_text(re.sub(r'"interfaces": \["[^"]+"\]', f'"interfaces": ["{there[0]}"]', path.read_text()))
    passes(kea, "-t", path, path=path)


@pytest.mark.parametrize("name", ["abm-ntp.dnsmasq.conf", "abm-netboot.dnsmasq.conf"])
def test_dnsmasq_takes_it(name: str, files: dict[str, Path]) -> None:
    """If this failed, dnsmasq would not start again."""
    passes(program("dnsmasq"), "--test", f"--conf-file={files[name]}", path=files[name])


def test_dnsmasq_takes_both_and_each_names_the_way_out(files: dict[str, Path]) -> None:
    """If this failed, a segment with both would be without DHCP, or send its hosts to the server as their router."""
    both = [files[name] for name in ("abm-ntp.dnsmasq.conf", "abm-netboot.dnsmasq.conf")]
    named = [line for each in both for line in each.read_text().splitlines() if "option:router," in line]
    assert (len(named), len(set(named))) == (2, 1)
    both[0].write_text("".join(each.read_text() for each in both))
    passes(program("dnsmasq"), "--test", f"--conf-file={both[0]}", path=both[0])


def test_dhcpd_takes_it(files: dict[str, Path]) -> None:
    """If this failed, ISC dhcpd would not start again."""
    leases = files["dhcpd.conf"].with_name("leases")
    leases.touch()
    passes(program("dhcpd"), "-t", "-cf", files["dhcpd.conf"], "-lf", leases, path=files["dhcpd.conf"])


def test_chrony_takes_it(files: dict[str, Path]) -> None:
    """If this failed, a staging host would lose its clock."""
    path = files["chrony.conf"]
    passes(program("chronyd"), "-p", "-f", path, path=path)


def test_ntpd_takes_it(files: dict[str, Path]) -> None:
    """If this failed, a staging host would lose its clock: ntpd has no test of its own, so it is started, powerless."""
    path, ntpd = files["ntp.conf"], program("ntpd")
    first, rest = said_by(ntpd, path)
    assert first, rest
    if "must be run as root" in rest or "Operation not permitted" in first:
        pytest.skip("SKIPPED LOUDLY: ntpd starts for root alone, and without a network of its own")
    assert "syntax error" not in rest
    path.write_text(path.read_text() + "no such thing\n")
    assert "syntax error" in said_by(ntpd, path)[1]


def said_by(ntpd: str, path: Path) -> tuple[str, str]:
    """What ntpd says until it has read its configuration, without the right to set a clock and without a network."""
    words = [program("unshare"), "-n", program("setpriv"), "--bounding-set=-sys_time", ntpd, "-n", "-c", str(path)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=LIBRARIES)
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "IO: Listen" in line or "must be run" in line:  # By then the file is read.
            break
    process.terminate()
    process.stdout.close()
    process.wait()
    return (lines or [""])[0], "".join(lines)


@pytest.mark.parametrize("name", ["abm-tls-hook.sh", "stage.sh", "timesyncd-off.sh"])
def test_the_shell_scripts_are_clean(name: str, files: dict[str, Path]) -> None:
    """If this failed, a name with a blank could become another command."""
    passes(program("shellcheck"), "--severity=style", files[name], path=files[name])


def test_systemd_takes_the_units(files: dict[str, Path]) -> None:
    """If this failed, the hook would never run."""
    verify = (program("systemd-analyze"), "verify", "--man=no")
    for name in ("abm-tls-hook.service", "abm-tls-hook.timer"):
        done = subprocess.run([*verify, files[name]], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    path = files["abm-tls-hook.service"]
    path.write_text(path.read_text().replace("Type=oneshot", "Type=sometimes"))
    done = subprocess.run([*verify, path], capture_output=True, text=True, check=False)
    assert "sometimes" in done.stderr


def test_systemd_takes_the_drop_in(files: dict[str, Path]) -> None:
    """If this failed, timesyncd and chrony would pull at one clock."""
    unit = files["abm-off.conf"].with_name("abm-try.service")
    unit.write_text("[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n")
    folder = unit.with_name("abm-try.service.d")
    folder.mkdir()
    shutil.copy(files["abm-off.conf"], folder / "abm-off.conf")
    words = [program("systemd-analyze"), "verify", "--man=no", str(unit)]
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{unit.parent}:"}
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    (folder / "abm-off.conf").write_text("[Unit]\nConditionPathExist=!/x\n")
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert "ConditionPathExist" in done.stderr


LAUNCHD = {
    "Label": str, "ProgramArguments": list, "RunAtLoad": bool, "LaunchOnlyOnce": bool, "StandardErrorPath": str,
    "StandardOutPath": str, "StartInterval": int, "KeepAlive": bool, "UserName": str, "WorkingDirectory": str,
}  # fmt: skip
"""Keys of a launchd job and their types. From: launchd.plist(5)."""


def test_the_launchd_job_has_valid_keys(files: dict[str, Path]) -> None:
    """If this failed, launchd would refuse the job, as it does StartCalendarInterval with a Second."""
    path = files["com.example.abm-delay.plist"]
    job = plistlib.loads(path.read_bytes())
    assert {key: type(value) for key, value in job.items()} == {key: LAUNCHD[key] for key in job}
    assert job["Label"] == path.stem
    shell, flag, script = job["ProgramArguments"]
    assert (shell, flag) == ("/bin/sh", "-c")
    assert re.fullmatch(r"/bin/sleep (9\.2|12|0\.001); exec /usr/bin/profiles renew -type enrollment", script)
    assert subprocess.run([shell, "-n", flag, script], check=False).returncode == 0


def test_the_ci_recipes_hold_both_gates(files: dict[str, Path]) -> None:
    """If this failed, a merge could go past the payload or the policy gate."""
    github = yaml.safe_load(files["abm-gates.yml"].read_text())
    assert set(github["jobs"]) == {"payload", "policy"}
    assert set(github[True]) == {"pull_request", "push"}  # YAML 1.1 reads the key `on` so; GitHub does not.
    gitlab = yaml.safe_load(files["abm-gates.gitlab-ci.yml"].read_text())
    assert set(gitlab) == {"abm-payload", "abm-policy"}
    hooks = yaml.safe_load(files["abm-gates.pre-commit-config.yaml"].read_text())["repos"][0]["hooks"]
    regions = github["jobs"]["payload"]["strategy"]["matrix"]["region"]
    assert gitlab["abm-payload"]["parallel"]["matrix"] == [{"REGION": regions}]
    assert [each["id"] for each in hooks] == [
        *(f"abm-payload-{r}" for r in regions),
        "abm-policy-test",
        "abm-policy-eval",
    ]
    for name in ("abm-gates.yml", "abm-gates.gitlab-ci.yml", "abm-gates.pre-commit-config.yaml"):
        text = files[name].read_text()
        assert "abm-validate" in text
        assert "abm-trace policy test" in text
        assert "abm-trace policy eval" in text


@pytest.mark.parametrize(
    ("name", "schema"), [("abm-gates.yml", "vendor.github-workflows"), ("abm-gates.gitlab-ci.yml", "vendor.gitlab-ci")]
)
def test_the_ci_recipes_fit_the_vendors_schemas(name: str, schema: str, files: dict[str, Path]) -> None:
    """If this failed, GitHub or GitLab would refuse the pipeline, and every merge would go through without a gate."""
    path = files[name]
    passes(program("check-jsonschema"), "--builtin-schema", schema, path, path=path)


def test_pre_commit_takes_its_file(files: dict[str, Path]) -> None:
    """If this failed, pre-commit would refuse to run any hook at all."""
    path = files["abm-gates.pre-commit-config.yaml"]
    passes(program("pre-commit"), "validate-config", path, path=path)


IPXE = {"echo", "kernel", "initrd", "boot", "shell", "sanboot", "exit", "goto"}
"""Commands of iPXE. From: https://ipxe.org/cmd."""


@pytest.mark.parametrize("name", ["boot-normal.ipxe", "boot-diagnostic.ipxe"])
def test_the_ipxe_scripts_use_its_commands(name: str, files: dict[str, Path]) -> None:
    """If this failed, a staging host would stand at a prompt. iPXE has no program that tests a script."""
    first, *lines = files[name].read_text().splitlines()
    assert first == "#!ipxe"
    said = [line for line in lines if line and not line.startswith("#")]
    labels = {line[1:] for line in said if line.startswith(":")}
    commands = [part.strip() for line in said if not line.startswith(":") for part in line.split("||")]
    assert {each.split()[0] for each in commands} <= IPXE
    assert {each.split()[1] for each in commands if each.startswith("goto")} <= labels


def test_no_mark_is_left_and_each_file_says_what_it_is(files: dict[str, Path]) -> None:
    """If this failed, a literal @@name@@ would stand where a value belongs."""
    for path in files.values():
        text = path.read_text()
        assert "@@" not in text, path.name
        assert text.endswith("\n")
        assert "#" in text or "//" in text or "<!--" in text or path.suffix in {".service", ".timer"}


def test_each_remedy_says_what_is_known_of_ipados() -> None:
    """If this failed, somebody would promise what Apple has never said."""
    for name, each in remedies().items():
        assert each.effect.split()[0] in {"Apple", "None:", "None", "It"}, name
        assert each.use
        assert set(each.layers) <= {f"L{number}" for number in range(8)}
    assert "Apple documents neither" in remedies()["kea"].effect
    assert "iPadOS takes launchd jobs from nobody but Apple" in remedies()["launchd"].effect
    data = tomllib.loads((ROOT / "src/abm_trace/remedies/remedies.toml").read_text())
    templates = {path.name for path in (ROOT / "src/abm_trace/remedies/templates").iterdir()}
    assert templates == {file["name"] for each in data.values() for file in each["files"]}


def test_a_template_is_filled() -> None:
    """If this failed, lists would stand in files as Python writes them."""
    values = {"one": ("1",), "many": ("a", "b")}
    assert fill("x @@one@@ @@many|, @@\nline @@*many@@;\n", values) == "x 1 a, b\nline a;\nline b;\n"
    with pytest.raises(KeyError):
        fill("@@nothing@@", values)
    with pytest.raises(RemedyError, match="there is no remedy"):
        render("magic", complete())


def test_what_a_remedy_uses() -> None:
    """If this failed, an address that is nobody's would go out by DHCP untold, or a segment be asked for in vain."""
    assert used("kea") == {"interface", "subnet", "pool", "router", "ntp_addresses"}
    assert used("chrony") == {"subnet", "ntp_names"}
    assert used("stage") == {"sites"}
    assert {each.name for each in SETTINGS} == frozenset().union(*map(used, remedies()))
    with pytest.raises(RemedyError, match="there is no remedy"):
        used("magic")


# The scripts, run.


def sh(script: Path, *words: object, cwd: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The script, run by sh."""
    command = ["sh", str(script), *map(str, words)]
    environment = {**os.environ, **env}
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=environment)


def written(name: str, folder: Path, *words: str) -> dict[str, Rendered]:
    """The files of a remedy in a folder."""
    found = {each.name: each for each in render(name, complete(given(words)))}
    for each in found.values():
        (folder / each.name).write_text(each.text)
    return found


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (
            ("clinic-01", "p", "us.json", "log", "--", "env"),
            0,
            "region us-east, endpoint https://us-east.abm.apple.com",
        ),
        (("clinic-02", "p", "us.json", "log", "--", "env"), 1, "the token is of us-east, clinic-02 of eu-west"),
        (("clinic-02", "p", "none.json", "log", "--", "env"), 1, "the token is of no region"),
        (("clinic-99", "p", "us.json", "log", "--", "env"), 2, "the region of clinic-99 is not known"),
        (("clinic-01 | us-east", "p", "us.json", "log", "--", "env"), 2, "is not known"),
        (("clinic-01", "p", "us.json"), 2, "usage:"),
        (("Klinik Süd 2", "p", "us.json", "log", "--", "env"), 0, "Klinik Süd 2, region us-east"),
        (("Klinik", "p", "us.json", "log", "--", "env"), 2, "the region of Klinik is not known"),
    ],
)
def test_the_staging_script_knows_its_region(words: tuple[str, ...], code: int, says: str, tmp_path: Path) -> None:
    """If this failed, devices would be staged with a token of another region, which is L4."""
    written("stage", tmp_path, "sites=clinic-01=us-east,clinic-02=eu-west,Klinik Süd 2=us-east")
    (tmp_path / "us.json").write_text('{"id": "tok_1", "region": "us-east", "lastUsedAt": null}')
    (tmp_path / "none.json").write_text("{}")
    tool = tmp_path / "bin/abm-trace"
    tool.parent.mkdir()
    # The gates have tests of their own: here it is told what they are asked.
    tool.write_text('#!/bin/sh\necho "$@" >>asked\nif [ "$1" = guard ]; then shift 4; exec "$@"; fi\n')
    tool.chmod(0o755)
    done = sh(tmp_path / "stage.sh", *words, cwd=tmp_path, PATH=f"{tool.parent}:{os.environ['PATH']}")
    assert done.returncode == code, done.stderr
    assert says in done.stdout + done.stderr
    asked = (tmp_path / "asked").read_text().splitlines() if (tmp_path / "asked").exists() else []
    if code:
        assert asked == []
    else:
        assert asked[:2] == ["clock-guard --once", "validate p --token us.json"]
        assert asked[2].startswith("guard --log log -- env ABM_REGION=us-east")
        assert "ABM_ENDPOINT=https://us-east.abm.apple.com" in done.stdout


@pytest.fixture
def endpoint(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[int, Path]]:
    """(port, trusted certificates) of a TLS server of this host, with or without a good OCSP staple."""
    folder = tmp_path / "tls"
    folder.mkdir()
    openssl = program("openssl")

    def run(*words: str) -> None:
        subprocess.run([openssl, *words], check=True, capture_output=True, cwd=folder)

    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
        "-subj", "/CN=try CA")  # fmt: skip
    run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=localhost")
    (folder / "ext").write_text("subjectAltName=DNS:localhost\n")
    run("x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-set_serial", "0x1001", "-days", "2",
        "-extfile", "ext", "-out", "s.pem")  # fmt: skip
    (folder / "index.txt").write_text("V\t491231235959Z\t\t1001\tunknown\t/CN=localhost\n")
    run("ocsp", "-issuer", "ca.pem", "-cert", "s.pem", "-reqout", "req.der")
    run("ocsp", "-index", "index.txt", "-CA", "ca.pem", "-rsigner", "ca.pem", "-rkey", "ca.key", "-reqin", "req.der",
        "-respout", "resp.der", "-ndays", "2")  # fmt: skip
    staple = ["-status_file", "resp.der"] if request.param else []
    process = subprocess.Popen(
        ["openssl", "s_server", "-accept", "0", "-cert", "s.pem", "-key", "s.key", *staple],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    assert process.stdout
    port = next(int(line.rsplit(":", 1)[1]) for line in process.stdout if line.startswith("ACCEPT"))
    try:
        yield port, folder / "ca.pem"
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("endpoint", "trusted", "code", "image", "says"),
    [
        (True, True, 0, "boot-normal.ipxe", "good"),
        (False, True, 1, "boot-diagnostic.ipxe", "no good OCSP staple"),
        (True, False, 1, "boot-diagnostic.ipxe", "the chain is not trusted"),
    ],
    indirect=["endpoint"],
)
def test_the_hook_serves_the_image_that_the_tls_check_calls_for(  # noqa: PLR0917  # A case has as many parts.
    endpoint: tuple[int, Path], trusted: bool, code: int, image: str, says: str, tmp_path: Path
) -> None:
    """If this failed, hosts would stage behind broken TLS, or stand still behind good TLS."""
    program("openssl")
    port, trust = endpoint
    made = written("netboot", tmp_path, f"endpoints=localhost:{port}")
    env = {"SSL_CERT_FILE": str(trust)} if trusted else {}
    done = sh(tmp_path / "abm-tls-hook.sh", tmp_path, cwd=tmp_path, **env)
    assert done.returncode == code, done.stderr
    assert f"localhost:{port}: {says}" in done.stdout + done.stderr
    assert (tmp_path / "boot.ipxe").read_text() == made[image].text
    assert [each.name for each in tmp_path.glob(".boot*")] == []


def test_the_hook_takes_silence_for_a_failure_and_says_what_it_lacks(tmp_path: Path) -> None:
    """If this failed, a dead endpoint would count as good, or a missing file as an answer."""
    written("netboot", tmp_path, "endpoints=localhost:1")
    assert sh(tmp_path / "abm-tls-hook.sh", tmp_path, cwd=tmp_path).returncode == 1
    assert "DIAGNOSTIC" in (tmp_path / "boot.ipxe").read_text().upper()
    (tmp_path / "boot-diagnostic.ipxe").unlink()
    done = sh(tmp_path / "abm-tls-hook.sh", tmp_path, cwd=tmp_path)
    assert (done.returncode, "is not there" in done.stderr) == (2, True)
