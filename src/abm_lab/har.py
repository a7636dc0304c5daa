"""HAR 1.2 of captured requests, as a browser or proxy saves it."""

import msgspec

from abm_lab.records import Exchange


def render(exchanges: list[Exchange]) -> bytes:
    """The HAR document; the request's body names the serial."""
    creator = {"name": "abm-lab (simulated)", "version": "1"}
    return msgspec.json.encode(
        {"log": {"version": "1.2", "creator": creator, "entries": [_entry(exchange) for exchange in exchanges]}}
    )


def _entry(exchange: Exchange) -> dict[str, object]:
    sent = msgspec.json.encode({"serial_number": exchange.serial}).decode()
    received = "" if exchange.response is None else msgspec.json.encode(exchange.response).decode()
    return {
        "startedDateTime": exchange.at,
        "time": 180,
        "request": {
            "method": exchange.method,
            "url": exchange.url,
            "httpVersion": "HTTP/2",
            "cookies": [],
            "headers": [{"name": "content-type", "value": "application/json"}],
            "queryString": [],
            "postData": {"mimeType": "application/json", "text": sent},
            "headersSize": -1,
            "bodySize": len(sent),
        },
        "response": {
            "status": exchange.status,
            "statusText": "",
            "httpVersion": "HTTP/2",
            "cookies": [],
            "headers": [],
            "content": {"size": len(received), "mimeType": "application/json", "text": received},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": len(received),
        },
        "cache": {},
        "timings": {"send": 1, "wait": 170, "receive": 9},
    }
