"""One application: the screens, the HTTP API under /api, and the worker thread behind both."""

import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route

from dashboard import installation
from dashboard.api.figures import serve_figures
from dashboard.navigation import ENTRIES, HOME
from dashboard.server.guards import OnlyThisMachine, SafeHeaders, UnsafeApiPaths
from dashboard.server.known_pages import KnownPages
from dashboard.server.returning import ReturnAfterSignIn
from dashboard.server.sessions import SignInSessions
from dashboard.server.start_token import Lock, StartToken

log = logging.getLogger("dashboard")

Work = Callable[[threading.Event], None]


def build(
    api: Any, work: Work, *, auth: Mapping[str, Any] | None, public_url: str | None, lock: Lock | None = None
) -> st.App:
    """Return the application; `work` runs in a thread until its event is set.

    `auth` are the settings of the identity provider; without them only this machine may come in, and with `lock` only
    whoever holds its token.
    """
    middleware = [Middleware(SafeHeaders, secure_cookies=(public_url or "").startswith("https://"))]
    if auth is None:
        if lock is not None:
            middleware.insert(0, Middleware(StartToken, token=lock.token, is_open=lock.is_open))
        middleware.insert(0, Middleware(OnlyThisMachine))
    else:
        middleware.append(Middleware(SignInSessions))
        middleware.append(Middleware(ReturnAfterSignIn))
    middleware.append(Middleware(UnsafeApiPaths, api=api))
    middleware.append(Middleware(KnownPages, pages={entry.file for entry in ENTRIES}))
    return st.App(
        Path(__file__).with_name("app.py"),
        secrets={"auth": dict(auth)} if auth is not None else None,
        lifespan=lambda _app: _working(work),
        # Streamlit gives the start page no address of its own; people type it all the same.
        # A mount answers for what is under it: without the slash the interface is named once more.
        routes=[
            Mount("/api", app=api),
            Route("/api", api),
            Route("/metrics", serve_figures),
            Route(f"/{HOME}", lambda request: RedirectResponse(f"/?{request.url.query}".rstrip("?"))),
        ],
        middleware=middleware,
        on_script_error=_log,
    )


@asynccontextmanager
async def _working(work: Work) -> AsyncIterator[dict[str, Any]]:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), name="worker", daemon=True)
    thread.start()
    try:
        yield {}
    finally:
        stop.set()
        thread.join(timeout=10)
        installation.engine().dispose()


def _log(error: Exception) -> None:
    log.error("a page failed", exc_info=error)
