"""Requests and answers of the sandbox, with Stripe's errors as exceptions that carry their JSON."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """An incoming request: the decoded form, the API key and the idempotency key."""

    method: str
    path: str
    params: Json
    api_key: str
    idempotency_key: str | None = None


@dataclass(frozen=True)
class Answer:
    """A response. `lost`: the work is done, but the client never receives the response."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)
    lost: bool = False


class RequestRefused(Exception):
    """A request that Stripe would refuse. `keep`: store its effects (a failed charge) anyway."""

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
    """Return Stripe's error for an object that does not exist."""
    return RequestRefused(404, f"No such {kind}: '{object_id}'", "resource_missing", "id")


def declined(
    message: str, code: str, decline_code: str | None, payment_intent: Json | None
) -> RequestRefused:
    """Return a card error that carries the failed payment, which stays stored."""
    return RequestRefused(
        402,
        message,
        code,
        kind="card_error",
        keep=True,
        decline_code=decline_code,
        payment_intent=payment_intent,
    )
