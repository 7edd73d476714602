"""Query strings, read as strictly as bodies: only what is documented, once, and whole numbers in digits."""

import re
from collections.abc import Mapping
from typing import get_args

from fastapi.routing import APIRoute
from starlette.datastructures import QueryParams

from dashboard.server.problems import Problem

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_SHOWN = 60


def parameters(route: APIRoute) -> dict[str, bool]:
    """Name the query parameters that a route documents; the value says whether it is a whole number."""
    return {
        field.alias: int in (field.field_info.annotation, *get_args(field.field_info.annotation))
        for field in route.dependant.query_params
    }


def check_query(sent: QueryParams, documented: Mapping[str, bool]) -> None:
    """Refuse a parameter that is unknown, sent twice, or a number in another dress (1_000, 1.0). Raises Problem."""
    seen: set[str] = set()
    for name, value in sent.multi_items():
        if name not in documented:
            wrong = "there is no such parameter here"
        elif name in seen:
            wrong = "sent more than once"
        elif documented[name] and not _WHOLE.fullmatch(value):
            wrong = "a whole number in digits is needed"
        else:
            seen.add(name)
            continue
        raise Problem("invalid_request", f"{name[:_SHOWN]}: {wrong}")
