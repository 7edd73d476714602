"""Requests and answers of the sandbox, with Stripe's errors as exceptions that know their JSON."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """What arrives: a form already decoded, the key, the idempotency key."""

    method: str
    path: str
    params: Json
    api_key: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Answer:
    """What goes back; `lost`: it was done, but the answer never arrives."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


class RequestRefused(Exception):
    """A request that Stripe would refuse. `keep`: its effects (a failed charge) are stored all the same."""

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        kind: str = "invalid_request_error",
        keep: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        fields = {"type": kind, "message": message, "code": code, "param": param, **more}
        self.body: Json = {"error": {name: value for name, value in fields.items() if value is not None}}


def missing(kind: str, object_id: str) -> RequestRefused:
    """No such object, in Stripe's words."""
    return RequestRefused(404, f"No such {kind}: '{object_id}'", "resource_missing", "id")


def declined(
    message: str, code: str, decline_code: str | None, payment_intent: Json | None
) -> RequestRefused:
    """A card error; the failed payment travels inside, and stays stored."""
    return RequestRefused(
        402,
        message,
        code,
        kind="card_error",
        keep=True,
        decline_code=decline_code,
        payment_intent=payment_intent,
    )
