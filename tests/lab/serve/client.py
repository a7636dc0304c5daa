"""Clients of the lab for its tests: curl does the talking, and what the protocols ask is signed here by hand."""

import base64
import hashlib
import hmac
import json
import subprocess
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt

from abm_lab.serve.lab import Lab


class Curl:
    """curl, with the lab's authority; one connection for all addresses of a call."""

    def __init__(self, lab: Lab) -> None:
        self.about: dict[str, Any] = json.loads((lab.folder / "serve.json").read_bytes())
        self.base: str = self.about["https"]

    def many(self, urls: Sequence[str], *options: str, token: str = "") -> list[tuple[int, bytes]]:
        """Status and body of each address, in their order; status 0 where the answer broke off."""
        mark = b"\n--curl--"
        sign = ["-H", f"Authorization: Bearer {token}"] if token else []
        command = [
            "curl",
            "-s",
            "--cacert",
            self.about["ca"],
            "-m",
            "60",
            "-w",
            "\\n--curl--%{exitcode} %{http_code}\\n",
        ]
        done = subprocess.run([*command, *sign, *options, *urls], capture_output=True, check=False)
        answers = []
        rest = done.stdout
        while mark in rest:
            body, _, rest = rest.partition(mark)
            codes, _, rest = rest.partition(b"\n")
            broken, status = codes.split()
            answers.append((0 if broken != b"0" else int(status), body))
        return answers

    def one(self, path: str, *options: str, token: str = "") -> tuple[int, bytes]:
        """Status and body of one address below the lab's."""
        return self.many([path if path.startswith("http") else self.base + path], *options, token=token)[0]

    def json(self, path: str, *options: str, token: str = "") -> Any:  # noqa: ANN401 - Whatever is answered.
        """The JSON of a good answer."""
        status, body = self.one(path, *options, token=token)
        assert 200 <= status < 300, (path, status, body)
        return json.loads(body)

    def post(self, path: str, value: object, *options: str, token: str = "", method: str = "POST") -> tuple[int, bytes]:
        """Status and body of a JSON request."""
        return self.one(path, "-X", method, "-d", json.dumps(value), *options, token=token)

    # Apple Business API

    def assertion(self, **changed: object) -> str:
        """A client assertion as Apple's API wants it, with some claims changed."""
        account, now = self.about["business"], int(time.time())  # noqa: TID251 - A token lives in real time.
        claims = {
            "iss": account["client_id"],
            "sub": account["client_id"],
            "aud": "https://account.apple.com/auth/oauth2/v2/token",
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
        } | changed
        key = Path(account["key"]).read_text(encoding="utf-8")
        return jwt.encode(claims, key, algorithm="ES256", headers={"kid": account["key_id"]})

    def business_token(self, assertion: str) -> tuple[int, Any]:
        """Status and answer of the token endpoint."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self.about["business"]["client_id"],
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
            "scope": "business.api",
        }
        data = [part for name, value in form.items() for part in ("--data-urlencode", f"{name}={value}")]
        status, body = self.one("/business/auth/oauth2/token", "-X", "POST", *data)
        return status, json.loads(body)

    def business_pages(self, path: str, token: str) -> Iterator[bytes]:
        """All pages of a listing, each as it came, by its links."""
        following: str | None = f"{self.base}/business{path}"
        while following is not None:
            status, body = self.one(following, "-g", token=token)
            assert status == 200, (following, body)
            yield body
            following = json.loads(body)["links"]["next"]

    # DEP

    def session(self, server: str, base: str = "/dep", **changed: str) -> tuple[int, Any]:
        """Status and answer of a session request that is signed by hand, with some parameters changed."""
        token = json.loads(Path(self.about["dep"][server]["server_token"]).read_bytes())
        url = f"{'' if base.startswith('https') else self.base}{base}/session"
        given = {
            "oauth_consumer_key": token["consumer_key"],
            "oauth_token": token["access_token"],
            "oauth_signature_method": "HMAC-SHA1",
            "oauth_timestamp": str(int(time.time())),  # noqa: TID251 - A signature lives in real time.
            "oauth_nonce": uuid.uuid4().hex,
            "oauth_version": "1.0",
        } | changed
        pairs = "&".join(f"{name}={quote(given[name], safe='')}" for name in sorted(given))
        text = f"GET&{quote(url, safe='')}&{quote(pairs, safe='')}"
        key = f"{token['consumer_secret']}&{token['access_secret']}"
        mac = base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha1).digest()).decode()
        header = ", ".join(
            f'{name}="{quote(value, safe="")}"' for name, value in (*given.items(), ("oauth_signature", mac))
        )
        status, body = self.one(url, "-H", f'Authorization: OAuth realm="ADM", {header}')
        return status, json.loads(body)

    def dep(self, server: str) -> "Dep":
        """A session with the enrolment service."""
        status, answer = self.session(server)
        assert status == 200, answer
        return Dep(self, answer["auth_session_token"])


class Dep:
    """A session with the enrolment service."""

    def __init__(self, curl: Curl, session: str) -> None:
        self.curl = curl
        self.session = session

    def ask(self, path: str, value: object, method: str = "POST") -> tuple[int, Any]:
        """Status and answer of one request."""
        header = f"X-ADM-Auth-Session: {self.session}"
        status, body = self.curl.post(f"/dep{path}", value, "-H", header, method=method)
        return status, json.loads(body)

    def pages(self, path: str, cursor: str = "", limit: int = 100) -> Iterator[dict[str, Any]]:
        """All pages of a fetch or a sync."""
        more = True
        while more:
            status, page = self.ask(path, {"limit": limit} | ({"cursor": cursor} if cursor else {}))
            assert status == 200, page
            yield page
            cursor, more = page["cursor"], page["more_to_follow"]
