"""One application: the worker runs as long as it is served, the start page has an address."""

import asyncio
import threading

from sqlalchemy import Engine
from starlette.applications import Starlette

from dashboard import asgi
from tests.pages.visits import AUTH, use


def test_the_worker_is_stopped_and_awaited(engine: Engine) -> None:
    use(engine)
    events: list[str] = []
    started = threading.Event()

    def work(stop: threading.Event) -> None:
        events.append("started")
        started.set()
        stop.wait()
        events.append("stopped")

    async def serve() -> None:
        async with asgi._working(work):
            await asyncio.to_thread(started.wait)

    asyncio.run(serve())

    assert events == ["started", "stopped"]


def test_without_sign_in_the_guard_stands_first_and_with_it_the_sessions() -> None:
    guarded = asgi.build(Starlette(), lambda _stop: None, auth=None, public_url=None)
    signed_in = asgi.build(
        Starlette(), lambda _stop: None, auth=AUTH, public_url="https://minutes.example.com"
    )

    names = [[each.cls.__name__ for each in app._user_middleware] for app in (guarded, signed_in)]
    assert names == [
        ["OnlyThisMachine", "SafeHeaders", "UnsafeApiPaths", "KnownPages"],
        ["SafeHeaders", "SignInSessions", "ReturnAfterSignIn", "UnsafeApiPaths", "KnownPages"],
    ]
    assert signed_in._user_middleware[0].kwargs == {"secure_cookies": True}
