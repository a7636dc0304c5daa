"""Fleet: its hosts in numbered pages."""

import msgspec

from abm_lab.serve.answers import Refusal
from abm_lab.serve.products._interface import Listing, Login, Paging, Product

_STATUSES = {"pending": "Pending", "automatic": "On (automatic)", "manual": "On (manual)", "unenrolled": "Off"}


class _Host(msgspec.Struct):
    class Mdm(msgspec.Struct):
        enrollment_status: str = ""
        dep_profile_error: bool = False

    mdm: Mdm


def _has_status(record: bytes, asked: str) -> bool:
    return msgspec.json.decode(record, type=_Host).mdm.enrollment_status == _STATUSES.get(asked)


def _has_error(record: bytes, asked: str) -> bool:
    return msgspec.json.decode(record, type=_Host).mdm.dep_profile_error is (asked == "true")


def _refuse(refusal: Refusal) -> object:
    message = {401: "Authentication required", 404: "Resource Not Found"}.get(refusal.status, refusal.code)
    return {"message": message, "errors": [{"name": "base", "reason": f"{refusal.detail} (simulated)"}]}


PRODUCT = Product(
    paging=Paging(page="page", size="per_page", default=100, most=10_000),
    listings=(
        Listing(
            ("/api/v1/fleet/hosts", "/api/latest/fleet/hosts"),
            "hosts",
            "hosts",
            serial="query",
            only={"mdm_enrollment_status": _has_status, "dep_profile_error": _has_error},
        ),
    ),
    refuse=_refuse,
    logins=(Login("/api/v1/fleet/login", "password", lambda token: {"user": {"id": 1}, "token": token}),),
    documents={"/api/v1/fleet/version": lambda world, server: {"version": "4.80.0-simulated"}},
)
