"""JSON bodies, read strictly: no NaN, no lone surrogates, no bottomless nesting, no name twice."""

import json
from typing import Any

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.requests import Request


class JsonRequest(Request):
    """A request whose body is JSON whatever its content type says (curl's -d says something else)."""

    @property
    def headers(self) -> Headers:
        """Return the headers, with the content type that every body here has."""
        if not hasattr(self, "_headers"):
            raw = [(name, value) for name, value in self.scope["headers"] if name != b"content-type"]
            self._headers = Headers(raw=[*raw, (b"content-type", b"application/json")])
        return self._headers

    async def json(self) -> Any:
        """Return the parsed body. Raise JSONDecodeError."""
        body = await self.body()
        try:
            parsed = from_json(body, allow_inf_nan=False)
            json.loads(body, object_pairs_hook=_each_once, parse_int=str, parse_float=str)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
        return parsed


def _each_once(fields: list[tuple[str, Any]]) -> None:
    """Refuse an object that says one thing twice: whoever reads it would have to guess which was meant."""
    if len(fields) != len({name for name, _ in fields}):
        msg = "a field stands twice in one object"
        raise ValueError(msg)
