"""What Streamlit lacks: an unknown address is 404, not its start page, and programs get refusals as problems."""

from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.server.envelope import MOUNT
from dashboard.server.problems import KINDS, MEDIA_TYPE, Problem, answer_in_kind, is_browser

_REFUSALS = {KINDS[code].status: code for code in ("unknown_path", "method_not_allowed")}


class KnownPages:
    """Answer 404 where Streamlit would send its page under an address that is none of `pages`; name 404 and 405."""

    def __init__(self, app: ASGIApp, *, pages: Collection[str]) -> None:
        """`pages`: the addresses of the pages, without slashes."""
        self.app = app
        self.pages = {"", *pages}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; replace the page of an unknown address, and what a program could not read."""
        path = scope["path"].strip("/") if scope["type"] == "http" else ""
        if scope["type"] != "http" or f"/{path}/".startswith(f"{MOUNT}/"):
            await self.app(scope, receive, send)
            return
        replaced = False

        async def watch(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start":
                problem = self._instead(scope, path, message)
                if problem is not None:
                    replaced = True
                    await answer_in_kind(scope, problem)(scope, receive, send)
            if not replaced:
                await send(message)

        await self.app(scope, receive, watch)

    def _instead(self, scope: Scope, path: str, start: Message) -> Problem | None:
        """Return the problem to answer with instead of what begins so, or None."""
        headers = {name.lower(): value.decode("latin-1") for name, value in start["headers"]}
        kind = headers.get(b"content-type", "")
        if start["status"] == 200 and kind.startswith("text/html") and path not in self.pages:  # noqa: PLR2004
            return Problem("unknown_path", "There is nothing at this address.")
        code = _REFUSALS.get(start["status"])
        if code is None or is_browser(scope) or kind.startswith(MEDIA_TYPE):
            return None
        allowed = sorted(headers.get(b"allow", "").replace(",", " ").split())
        methods = {"Allow": ", ".join(allowed)} if allowed else None
        return Problem(code, f"{KINDS[code].title}.", headers=methods)
