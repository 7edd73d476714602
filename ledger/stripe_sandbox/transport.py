"""The wire: Stripe's library believes it speaks HTTP, the sandbox answers in the same process."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe
from sqlalchemy.exc import SQLAlchemyError

from ledger.stripe_sandbox import controls
from ledger.stripe_sandbox.answers import Request
from ledger.stripe_sandbox.forms import decode
from ledger.stripe_sandbox.sandbox import Sandbox


class SandboxHTTPClient(stripe.HTTPClient):
    """An HTTP client without HTTP: the library's own encoding, errors and retries are all in use."""

    name = "sandbox"

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        """One request; APIConnectionError when the answer is lost or the database is away."""
        try:
            answer = controls.answer(self._sandbox, request_of(method, url, headers or {}, post_data))
        except SQLAlchemyError as error:
            message = f"The sandbox cannot reach its database ({type(error).__name__})."
            raise unreachable(message, should_retry=True) from error
        if answer.lost:
            raise unreachable("The sandbox did it, but its answer was lost.", should_retry=False)
        return json.dumps(answer.body), answer.status, answer.headers

    def close(self) -> None:
        """Nothing to close: the sandbox owns its connections."""


def unreachable(message: str, *, should_retry: bool) -> stripe.APIConnectionError:
    """The error of Stripe's library for a connection that failed."""
    make: Any = stripe.APIConnectionError
    error: stripe.APIConnectionError = make(message, should_retry=should_retry)
    return error


def request_of(method: str, url: str, headers: Mapping[str, str], form: Any) -> Request:
    """A request as the sandbox reads it, from the parts of an HTTP request."""
    address = urlsplit(url)
    encoded = form.decode() if isinstance(form, bytes) else form or ""
    return Request(
        method=method.lower(),
        path=address.path,
        params=decode("&".join(filter(None, (address.query, encoded)))),
        api_key=headers.get("Authorization", "").removeprefix("Bearer "),
        idempotency_key=headers.get("Idempotency-Key"),
    )
