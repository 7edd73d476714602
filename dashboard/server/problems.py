"""Every refusal of the HTTP interface: one shape (RFC 9457), one table of codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope
from typing_extensions import TypeAliasType

import ledger.desk
import ledger.notify
import ledger.payments
import ledger.stripe_gateway  # noqa: F401  these rooms define errors of their own
from ledger.errors import meanings

OURS = "This is our fault; it has been logged."
MEDIA_TYPE = "application/problem+json"
ERRORS = "/api/docs/errors"
_PLACES = {"query", "path", "header"}


@dataclass(frozen=True)
class Kind:
    """One code of refusal: its HTTP status and the sentence that explains the code in general."""

    status: int
    title: str


STATUSES = {
    "invalid_minutes": 422,
    "invalid_time": 422,
    "invalid_key": 422,
    "invalid_text": 422,
    "invalid_workspace_id": 422,
    "invalid_duration": 422,
    "invalid_attribute": 422,
    "unknown_attribute": 422,
    "invalid_endpoint": 422,
    "unknown_plan": 422,
    "unknown_package": 422,
    "invalid_top_up": 422,
    "key_grant_limit": 403,
    "portal_is_read_only": 403,
    "insufficient_minutes": 402,
    "unknown_workspace": 404,
    "unknown_purchase": 404,
    "unknown_portal_link": 404,
    "unknown_top_up": 404,
    "unknown_hold_out": 404,
    "unknown_endpoint": 404,
    "unknown_delivery": 404,
    "unknown_metric": 404,
    "key_reused": 409,
    "no_stripe_customer": 409,
    "no_saved_card": 409,
    "workspace_exists": 409,
    "link_conflict": 409,
    "catalogue_conflict": 409,
    "invalid_catalogue": 422,
    "still_different": 409,
    "purchase_not_failed": 409,
    "payment_too_old": 409,
    "wrong_source": 409,
    "stripe_key_reused": 409,
    "stripe_refused": 422,
    "unknown_at_stripe": 422,
    "simulation_refused": 422,
    "clocks_differ": 503,
    "bad_signature": 400,
    "no_webhook_secret": 503,
    "stripe_unavailable": 503,
    "stripe_permission_missing": 503,
}
"""HTTP status of each of the ledger's errors that callers can meet, by code. An error's docstring is its title."""

KINDS = {
    "invalid_request": Kind(422, "The request does not match the documented schema"),
    "invalid_cursor": Kind(422, "The cursor does not come from this list"),
    "unauthenticated": Kind(401, "The API key is missing or not valid"),
    "wrong_workspace": Kind(403, "The API key belongs to another workspace"),
    "missing_scope": Kind(403, "The API key lacks the scope"),
    "not_this_machine": Kind(403, "Without sign-in only this machine is allowed"),
    "start_token_missing": Kind(403, "Without sign-in only the printed address opens the dashboard"),
    "unknown_path": Kind(404, "Nothing at this path"),
    "method_not_allowed": Kind(405, "This path does not support this method"),
    "slow_request": Kind(408, "The body did not arrive in time"),
    "body_too_large": Kind(413, "The body is too large"),
    "unsupported_encoding": Kind(415, "Compressed bodies are not supported"),
    "rate_limited": Kind(429, "Too many requests a minute"),
    "internal": Kind(500, "The server failed; the request may be fine"),
    "busy": Kind(503, "Too many requests are waiting; send the same request again"),
    "unavailable": Kind(503, "The ledger cannot be reached; send the same request again"),
    **{code: Kind(status, meanings()[code].removesuffix(".")) for code, status in STATUSES.items()},
}
"""What each `code` means: the codes of the HTTP interface itself, then those of the ledger."""

if TYPE_CHECKING:
    ProblemCode = str
else:  # the document lists every code; a type checker knows no list that is made when the program runs
    ProblemCode = TypeAliasType(
        "ProblemCode",
        Annotated[
            Literal[tuple(sorted(KINDS))],
            Field(description="What went wrong, for programs. The meaning of a code never changes."),
        ],
    )


class Problem(HTTPException):
    """A refusal on its way to the caller; `detail` says what is wrong with this very request.

    `errors`: one item for each fault of the request. `extra`: further members of the document.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        headers: dict[str, str] | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        **extra: int,
    ) -> None:
        """Take the status from the code."""
        super().__init__(KINDS[code].status, detail, headers)
        self.code = code
        self.errors = errors
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """Return the members of the problem document."""
        faults = {"errors": list(self.errors)} if self.errors else {}
        return {**describe(self.code, self.detail), **faults, **self.extra}


class FaultDocument(BaseModel):
    """One fault of a request."""

    model_config = ConfigDict(extra="forbid")

    pointer: Annotated[
        str,
        Field(
            description="Where: a JSON Pointer into the body (`#/minutes`), or `query/x`, `path/x`, `header/x`.",
            examples=["#/minutes"],
        ),
    ]
    code: Annotated[
        str, Field(description="Which rule was broken, for programs.", examples=["greater_than_equal"])
    ]
    detail: Annotated[
        str,
        Field(description="The same for people.", examples=["Input should be greater than or equal to 1"]),
    ]


class ProblemDocument(BaseModel):
    """What every refusal looks like (`application/problem+json`, RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: Annotated[
        str,
        Field(
            description="Where this code is explained, relative to the server.",
            examples=[f"{ERRORS}#insufficient_minutes"],
        ),
    ]
    title: Annotated[
        str,
        Field(description="What the code means in general.", examples=[KINDS["insufficient_minutes"].title]),
    ]
    status: Annotated[int, Field(description="The HTTP status again.", examples=[402])]
    detail: Annotated[
        str,
        Field(
            description="What is wrong with this very request, for people.",
            examples=["There are not enough minutes: 30 requested, 20 available."],
        ),
    ]
    code: Annotated[ProblemCode, Field(examples=["insufficient_minutes"])]
    errors: Annotated[
        list[FaultDocument],
        Field(
            description="Every fault of an invalid request, in `invalid_request` problems.",
            examples=[[]],
        ),
    ] = []
    asked_minutes: Annotated[
        int, Field(description="Minutes requested, in `insufficient_minutes` problems.", examples=[30])
    ] = 0
    available_minutes: Annotated[
        int, Field(description="Minutes left, in `insufficient_minutes` problems.", examples=[20])
    ] = 0


def describe(code: str, detail: str) -> dict[str, Any]:
    """Return the members of a problem document for one code."""
    kind = KINDS[code]
    return {
        "type": f"{ERRORS}#{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
    }


def of_code(code: str, detail: str, **extra: int) -> Problem:
    """Return the problem for a code of the ledger; an unknown code is ours (500), without its words."""
    if code not in KINDS:
        return Problem("internal", OURS)
    waits = KINDS[code].status == HTTPStatus.SERVICE_UNAVAILABLE
    return Problem(code, detail, headers={"Retry-After": "5"} if waits else None, errors=(), **extra)


def answer(problem: Problem) -> Response:
    """Return the response that carries a problem."""
    content = to_json(problem.body())
    return Response(content, problem.status_code, problem.headers, media_type=MEDIA_TYPE)


def answer_in_kind(scope: Scope, problem: Problem) -> Response:
    """Return the response that carries a problem outside /api: a sentence for a browser, else as everywhere."""
    if not is_browser(scope):
        return answer(problem)
    return PlainTextResponse(f"{problem.detail}\n", problem.status_code, problem.headers)


def is_browser(scope: Scope) -> bool:
    """Return whether whoever sent a request shows pages to a person."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def of_status(error: HTTPException) -> Problem:
    """Turn a refusal by the framework (unknown path, wrong method, unreadable body) into a problem."""
    headers = dict(error.headers) if error.headers else None
    if error.status_code == HTTPStatus.NOT_FOUND:
        return Problem("unknown_path", "There is nothing at this path.", headers=headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return Problem("method_not_allowed", "This path does not support this method.", headers=headers)
    return Problem("invalid_request", "The body cannot be read.", headers=headers)


def invalid(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """Return the problem that lists every fault of a request; `errors`: as pydantic reports them."""
    return Problem("invalid_request", sentence(errors), errors=[_fault(error) for error in errors])


def _fault(error: Mapping[str, Any]) -> dict[str, str]:
    place, *rest = error["loc"] or ("body",)
    if error["type"] == "json_invalid":
        return {"pointer": "#", "code": "json_invalid", "detail": f"not valid JSON: {error['ctx']['error']}"}
    if place in _PLACES:
        pointer = "/".join(map(str, (place, *rest)))
    else:
        parts: Sequence[object] = rest if place == "body" else (place, *rest)
        pointer = "".join(["#", *(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)])
    return {"pointer": pointer, "code": error["type"], "detail": _message(error)}


def _message(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


def sentence(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return in one line what is wrong with a request: the first wrong field, and how many more there are."""
    first, rest = errors[0], len(errors) - 1
    where = ".".join(str(part) for part in first["loc"] if part not in {"body", *_PLACES})
    if first["type"] == "json_invalid":
        where, message = "body", f"not valid JSON: {first['ctx']['error']}"
    else:
        message = _message(first)
    more = f" (and {rest} more)" if rest else ""
    return f"{where or 'body'}: {message}{more}"
