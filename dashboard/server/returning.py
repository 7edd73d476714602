"""After signing in, back to the page one came for: Streamlit itself always returns to the start page."""

import re
from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "return_to"
USER_COOKIE = "_streamlit_user"
_OURS = re.compile(r"/(?!/)[!-\[\]-~]*")


def cookies_of(scope: Scope) -> dict[str, str]:
    """Return the cookies of a request."""
    return read_cookies(
        value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"cookie"
    )


def read_cookies(lines: Iterable[str]) -> dict[str, str]:
    """Return the cookies of some headers; what is no cookie is left out."""
    jar: SimpleCookie = SimpleCookie()
    for line in lines:
        try:
            jar.load(line)
        except CookieError:
            continue
    return {name: morsel.value for name, morsel in jar.items()}


def _is_ours(target: str) -> bool:
    """Return whether a target is a path on this site. Backslashes and tabs are refused: browsers rewrite them."""
    return _OURS.fullmatch(target) is not None


class ReturnAfterSignIn:
    """Remember the address that a signed-out browser requested, and send it there after sign-in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the cookie on documents, rewrite the redirect of the identity provider's answer."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        cookies = cookies_of(scope)
        requested = quote(scope["path"]) + (
            "?" + scope["query_string"].decode("latin-1") if scope["query_string"] else ""
        )
        back = unquote(cookies[COOKIE]) if COOKIE in cookies else "/"

        async def change(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                if scope["path"] == "/oauth2callback" and message["status"] in {302, 303, 307}:
                    message["headers"] = _sent_back(message["headers"], back)
                elif USER_COOKIE not in cookies and _is_document(headers) and scope["path"] != "/":
                    cookie = (
                        f"{COOKIE}={quote(requested, safe='')}; Path=/; HttpOnly; SameSite=Lax; Max-Age=600"
                    )
                    message["headers"] = [*message["headers"], (b"set-cookie", cookie.encode("latin-1"))]
            await send(message)

        await self.app(scope, receive, change)


def _is_document(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-type", b"").startswith(b"text/html")


def _sent_back(headers: list[tuple[bytes, bytes]], target: str) -> list[tuple[bytes, bytes]]:
    if not _is_ours(target):
        return headers
    others = [(name, value) for name, value in headers if name.lower() != b"location"]
    gone = f"{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0".encode()
    return [*others, (b"location", target.encode("latin-1")), (b"set-cookie", gone)]
