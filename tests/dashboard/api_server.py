"""The HTTP interface on a real socket: one server for each test process, a database for each test."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
import uvicorn
from sqlalchemy import Engine

from dashboard.api import app, auth
from dashboard.installation import Installation, use_installation
from ledger.database import writing
from ledger.desk import keys
from ledger.settings import Settings


@dataclass
class Api:
    """A caller: where the server is, and which key it sends."""

    url: str
    engine: Engine
    key: str = field(default="", repr=False)

    def get(self, path: str, **query: Any) -> requests.Response:
        """GET with query parameters; None is left out."""
        return self.ask("GET", path, params=query)

    def post(self, path: str, body: Any, *, key: str | None = None) -> requests.Response:
        """POST a JSON body; `key` goes into the header Idempotency-Key."""
        return self.ask("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any
    ) -> requests.Response:
        """Any request."""
        sent = {"Authorization": f"Bearer {self.key}", **(headers or {})}
        return requests.request(method, f"{self.url}/api{path}", headers=sent, timeout=60, **more)

    def with_key(self, *scopes: str, requests_per_minute: int | None = None, **options: Any) -> "Api":
        """The same server, called with a new key."""
        with writing(self.engine) as db:
            made = keys.create_key(
                db,
                name="test",
                scopes=scopes or keys.SCOPES,
                actor="tester",
                at=datetime.now(UTC),
                requests_per_minute=requests_per_minute,
                **options,
            )
        return Api(self.url, self.engine, made.text)

    def workspace(
        self, plan: str | None = "starter", cycle: str = "monthly", *, at: datetime | None = None
    ) -> str:
        """Create a workspace over HTTP, at `at` or now, and return its id."""
        body = {"workspace_id": f"w-{uuid4().hex[:12]}", "name": "Acme", "owner_email": "owner@acme.example"}
        if at:
            body |= {"at": at.isoformat()}
        if plan:
            body |= {"plan": plan, "billing_cycle": cycle}
        answer = self.post("/workspaces", body)
        assert answer.status_code == 201, answer.text
        return body["workspace_id"]


@contextmanager
def serving(application: Any = app, **options: Any) -> Iterator[str]:
    """Serve an application from a thread of this process, with more options of uvicorn; give its URL."""
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", lifespan="off", **options))
    with socket.create_server(("127.0.0.1", 0)) as listener:  # bound here: nobody else can take the port
        thread = threading.Thread(target=server.run, args=[[listener]], daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def use_database(engine: Engine | None, *, folder: Path = Path(".data"), **settings: Any) -> None:
    """Let the server of this process work on `engine`, with no memory of the one before."""
    for before in _states:
        before.close_gateways()
    _states[:] = [Installation(engine, Settings(data_dir=folder, **settings))] if engine else []
    use_installation(_states[0] if _states else None)
    auth.known_keys.forget()
    auth.wrong_keys.forget()


_states: list[Installation] = []
