"""Every refusal of the HTTP interface: one shape (RFC 9457), one table of codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

OURS = "This is our fault; it has been written down."
MEDIA_TYPE = "application/problem+json"
DOCS = "/api/docs"


@dataclass(frozen=True)
class Kind:
    """One code of refusal: its HTTP status and the sentence that explains the code in general."""

    status: int
    title: str


KINDS = {
    "invalid_request": Kind(422, "The request does not have the documented shape"),
    "invalid_minutes": Kind(422, "Minutes are outside what is allowed"),
    "invalid_time": Kind(422, "The business time is outside what is allowed"),
    "invalid_key": Kind(422, "A key has 1 to 255 characters"),
    "invalid_text": Kind(422, "A text is missing, too long, or cannot be stored"),
    "invalid_workspace_id": Kind(422, "A workspace id has another shape"),
    "invalid_duration": Kind(422, "A duration is a whole number of seconds"),
    "unknown_plan": Kind(422, "There is no such plan"),
    "unknown_package": Kind(422, "There is no such package on sale"),
    "unauthenticated": Kind(401, "No key, or a key that is not valid"),
    "missing_scope": Kind(403, "The key may not do this"),
    "insufficient_minutes": Kind(402, "Not enough minutes for an all-or-nothing use"),
    "unknown_path": Kind(404, "There is nothing at this path"),
    "unknown_workspace": Kind(404, "There is no such workspace"),
    "unknown_purchase": Kind(404, "There is no such purchase"),
    "unknown_hold_out": Kind(404, "There is no such hold-out"),
    "unknown_metric": Kind(404, "There is no such metric"),
    "method_not_allowed": Kind(405, "This path does not take this method"),
    "slow_request": Kind(408, "The body did not arrive in time"),
    "key_reused": Kind(409, "The key was used for another request"),
    "workspace_exists": Kind(409, "The workspace exists with other data"),
    "purchase_not_failed": Kind(409, "Only a failed payment can be tried again"),
    "payment_too_old": Kind(409, "The payment was begun too long ago to be asked for again"),
    "wrong_source": Kind(409, "The workspace does not buy through this payment mode"),
    "stripe_key_reused": Kind(409, "The payment provider knows this key with another request"),
    "stripe_refused": Kind(422, "The payment provider refused the request"),
    "unknown_at_stripe": Kind(422, "The payment provider does not know what was named"),
    "simulation_refused": Kind(422, "Simulated payments are not possible here"),
    "body_too_large": Kind(413, "The body is too large"),
    "unsupported_encoding": Kind(415, "Compressed bodies are not taken"),
    "bad_signature": Kind(400, "The signature does not match the body"),
    "rate_limited": Kind(429, "The key has used up its requests of this minute"),
    "internal": Kind(500, "We failed; nothing is known to be wrong with the request"),
    "busy": Kind(503, "Too much is waiting; send the same request again"),
    "unavailable": Kind(503, "The ledger cannot be reached; send the same request again"),
    "no_webhook_secret": Kind(503, "No webhook secret is configured"),
    "stripe_unavailable": Kind(503, "The payment provider did not answer; send the same request again"),
    "stripe_permission_missing": Kind(503, "Our access to the payment provider is not complete"),
}
"""What each `code` means. Codes of the ledger's own errors stand here under the same name."""


class Problem(HTTPException):
    """A refusal on its way to the caller; `detail` says what is wrong with this very request."""

    def __init__(self, code: str, detail: str, *, headers: dict[str, str] | None = None) -> None:
        """Take the status from the code."""
        super().__init__(KINDS[code].status, detail, headers)
        self.code = code

    def body(self) -> dict[str, Any]:
        """Give the members of the problem document."""
        return describe(self.code, self.detail)


class ProblemDocument(BaseModel):
    """What every refusal looks like (`application/problem+json`, RFC 9457)."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "type": f"{DOCS}#unknown_workspace",
                "title": KINDS["unknown_workspace"].title,
                "status": 404,
                "detail": "There is no workspace 'acme'.",
                "code": "unknown_workspace",
            }
        },
    )

    type: str
    title: str
    status: int
    detail: str
    code: str


def describe(code: str, detail: str) -> dict[str, Any]:
    """Give the members of a problem document for one code."""
    kind = KINDS[code]
    return {
        "type": f"{DOCS}#{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
    }


def of_code(code: str, detail: str) -> Problem:
    """Give the problem for a code of the ledger; one the table does not know is ours (500), without its words."""
    if code not in KINDS:
        return Problem("internal", OURS)
    waits = KINDS[code].status == HTTPStatus.SERVICE_UNAVAILABLE
    return Problem(code, detail, headers={"Retry-After": "5"} if waits else None)


def answer(problem: Problem) -> Response:
    """Give the response that carries a problem."""
    content = to_json(problem.body())
    return Response(content, problem.status_code, problem.headers, media_type=MEDIA_TYPE)


def of_status(error: HTTPException) -> Problem:
    """Turn a refusal made by the framework (unknown path, wrong method, unreadable body) into a problem."""
    headers = dict(error.headers) if error.headers else None
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Problem("unknown_path", "There is nothing at this path.", headers=headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return Problem("method_not_allowed", "This path does not take this method.", headers=headers)
    return Problem("invalid_request", "The body cannot be read.", headers=headers)


def sentence(errors: Sequence[Mapping[str, Any]]) -> str:
    """Say in one line what is wrong with a request: the first wrong field, and how many more there are."""
    first, rest = errors[0], len(errors) - 1
    where = ".".join(str(part) for part in first["loc"] if part not in {"body", "query", "path", "header"})
    if first["type"] == "json_invalid":
        where, message = "body", f"not valid JSON: {first['ctx']['error']}"
    else:
        message = first["msg"].removeprefix("Value error, ")
    more = f" (and {rest} more)" if rest else ""
    return f"{where or 'body'}: {message}{more}"
