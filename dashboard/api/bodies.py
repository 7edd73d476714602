"""JSON bodies, read strictly: no NaN, no lone surrogates, no bottomless nesting."""

import json
from typing import Any

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.requests import Request


class JsonRequest(Request):
    """A request whose body is JSON whatever its content type says (curl's -d says something else)."""

    @property
    def headers(self) -> Headers:
        """Give the headers, with the content type that every body here has."""
        if not hasattr(self, "_headers"):
            raw = [(name, value) for name, value in self.scope["headers"] if name != b"content-type"]
            self._headers = Headers(raw=[*raw, (b"content-type", b"application/json")])
        return self._headers

    async def json(self) -> Any:
        """Give the parsed body. Raises JSONDecodeError."""
        try:
            return from_json(await self.body(), allow_inf_nan=False)
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from None
