"""Query strings and headers, read as strictly as bodies: only what is documented, once, and numbers in digits."""

import re
from collections.abc import Mapping
from typing import Any, get_args, get_origin

from fastapi.routing import APIRoute
from starlette.datastructures import Headers, QueryParams

from dashboard.server.problems import Problem

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_SHOWN = 60


def parameters(route: APIRoute) -> dict[str, str]:
    """Return the query parameters that a route documents, and for each whether it is a `number`, `list` or `text`."""
    return {field.alias: _kind(field.field_info.annotation) for field in route.dependant.query_params}


def _kind(annotation: Any) -> str:
    types = (annotation, *get_args(annotation))
    if any(get_origin(each) is list for each in types):
        return "list"
    return "number" if int in types else "text"


def check_query(sent: QueryParams, documented: Mapping[str, str]) -> None:
    """Raise Problem for a parameter that is unknown, sent twice, or a number in another form (1_000, 1.0)."""
    seen: set[str] = set()
    for name, value in sent.multi_items():
        if name not in documented:
            code, wrong = "unknown_parameter", "there is no such parameter here"
        elif name in seen and documented[name] != "list":
            code, wrong = "sent_twice", "sent more than once"
        elif documented[name] == "number" and not _WHOLE.fullmatch(value):
            code, wrong = "int_parsing", "a whole number in digits is needed"
        else:
            seen.add(name)
            continue
        raise _wrong("query", name[:_SHOWN], code, wrong)


def check_once(headers: Headers, name: str) -> None:
    """Raise Problem for a header that is sent more than once: its meaning would be ambiguous."""
    if len(headers.getlist(name)) > 1:
        raise _wrong("header", "Idempotency-Key", "sent_twice", "sent more than once")


def _wrong(place: str, name: str, code: str, wrong: str) -> Problem:
    fault = {"pointer": f"{place}/{name}", "code": code, "detail": wrong}
    return Problem("invalid_request", f"{name}: {wrong}", errors=[fault])
