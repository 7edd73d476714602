"""An address that is no page is 404: Streamlit alone would answer every path with its start page."""

from collections.abc import Collection

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.envelope import MOUNT
from dashboard.server.problems import Problem, answer

_HTML = b"text/html"


class KnownPages:
    """Answer 404 where Streamlit would send its page under an address that is none of `pages`."""

    def __init__(self, app: ASGIApp, *, pages: Collection[str]) -> None:
        """`pages`: the addresses of the pages, without slashes."""
        self.app = app
        self.pages = {"", *pages}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; replace the page of an unknown address."""
        path = scope["path"].strip("/") if scope["type"] == "http" else ""
        if path in self.pages or f"/{path}/".startswith(f"{MOUNT}/"):
            await self.app(scope, receive, send)
            return
        replaced = False

        async def watch(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_page(message):
                replaced = True
                await _nothing_here(scope)(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, watch)


def _is_page(message: Message) -> bool:
    types = [value for name, value in message["headers"] if name.lower() == b"content-type"]
    return message["status"] == 200 and any(value.startswith(_HTML) for value in types)  # noqa: PLR2004


def _nothing_here(scope: Scope) -> Response:
    accepted = b",".join(value for name, value in scope["headers"] if name.lower() == b"accept")
    text = "There is nothing at this address."
    if _HTML in accepted:
        return PlainTextResponse(f"{text}\n", status_code=404)
    return answer(Problem("unknown_path", text))
