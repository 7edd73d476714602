"""The transport that connects Stripe's library to the in-process sandbox."""

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
    """An HTTP client without a network: the library's own encoding, errors and retries stay in use."""

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
        """Return one response. Raise APIConnectionError when it is lost or the database is unreachable."""
        try:
            answer = controls.answer(self._sandbox, request_of(method, url, headers or {}, post_data))
        except SQLAlchemyError as error:
            message = f"The sandbox cannot reach its database ({type(error).__name__})."
            raise unreachable(message, should_retry=True) from error
        if answer.lost:
            raise unreachable(
                "The sandbox processed the request, but the response was lost.", should_retry=False
            )
        return json.dumps(answer.body), answer.status, answer.headers

    def close(self) -> None:
        """Do nothing: the sandbox owns its connections."""


def unreachable(message: str, *, should_retry: bool) -> stripe.APIConnectionError:
    """Return the library's error for a failed connection."""
    make: Any = stripe.APIConnectionError
    error: stripe.APIConnectionError = make(message, should_retry=should_retry)
    return error


def request_of(method: str, url: str, headers: Mapping[str, str], form: Any) -> Request:
    """Return a sandbox request from the parts of an HTTP request."""
    address = urlsplit(url)
    encoded = form.decode() if isinstance(form, bytes) else form or ""
    return Request(
        method=method.lower(),
        path=address.path,
        params=decode("&".join(filter(None, (address.query, encoded)))),
        api_key=headers.get("Authorization", "").removeprefix("Bearer "),
        idempotency_key=headers.get("Idempotency-Key"),
    )
