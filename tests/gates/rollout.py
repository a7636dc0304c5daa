"""A small rollout of which every part of the health score is measured, each as good or as bad as a test wants it."""

import json
import plistlib
from pathlib import Path

NOW = "2026-05-17T12:00:00Z"
ENDPOINT = "us-east.abm.apple.com"


def write(
    folder: Path,
    *,
    expires: str = "2027-05-17T12:00:00Z",
    took_ms: tuple[float, float] | None = (60, 90),
    stapled: bool | None = True,
    clock: float | None = 0.05,
    profile: dict[str, object] | None = None,
    measured: str = "2026-05-17T11:00:00Z",
) -> Path:
    """The case: a manifest, a token, a probe, a clock sample, a profile; None leaves one out."""
    for name in ("tokens", "tls", "clock", "profiles"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "manifest.csv").write_text(
        "serial,site,token_id,staging_host\nF9FXQ1ABCD,clinic-01,tok_used,clinic-01-mac01\n"
    )
    token(folder, "tok_used", expires)
    token(folder, "tok_old", "2020-01-01T00:00:00Z")
    (folder / "tls/probes.ndjson").write_text("")
    if stapled is not None or took_ms is not None:
        record = {
            "host": ENDPOINT, "port": 443, "segment": "clinic-01-mac01", "captured_at": measured, "verify_code": 0,
            "protocol": "TLSv1.3", "chain": [],
        }  # fmt: skip
        if stapled is not None:
            record |= {"stapled": stapled, "ocsp_status": "good" if stapled else ""}
        if took_ms is not None:
            record |= {"connect_ms": took_ms[0], "handshake_ms": took_ms[1]}
        (folder / "tls/probes.ndjson").write_text(json.dumps(record) + "\n")
    if clock is not None:
        (folder / "clock/samples.csv").write_text(
            "serial,staging_host,measured_at,offset_seconds\n"
            f",clinic-01-mac01,{measured},{clock}\nF9FXQ1ABCD,,{measured},3600\n"
        )
    sound = {
        "PayloadType": "Configuration", "PayloadVersion": 1, "PayloadIdentifier": "org.example.enrol",
        "PayloadUUID": "7A1F3C0E-52B1-4C5B-9A53-0F6F7C2D9B11", "PayloadDisplayName": "Enrolment",
        "enrollmentMethod": "abm", "serverUrl": f"https://{ENDPOINT}",
    }  # fmt: skip
    wanted = {key: value for key, value in (sound | (profile or {})).items() if value is not None}
    (folder / "profiles/enrollment.mobileconfig").write_bytes(plistlib.dumps(wanted))
    return folder


def token(folder: Path, name: str, expires: str, **more: str) -> None:
    """A token of the case."""
    record = {"id": name, "region": "us-east", "tokenExpiry": expires, **more}
    (folder / f"tokens/{name}.json").write_text(json.dumps(record))
