"""The sandbox: answers each request in one transaction on its own connection, committed at once.

Commits do not wait for the disk (`synchronous_commit=off`). A killed process loses nothing. A crashed server can lose
the sandbox's last commits only together with every later commit of the ledger. Connections are not tested before use:
after a database restart, Stripe's library retries with the same key.
"""

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine

from ledger.database import connect, query
from ledger.stripe_sandbox.answers import Answer, Json, Request, RequestRefused
from ledger.stripe_sandbox.deliveries import Deliveries
from ledger.stripe_sandbox.faults import FAULTS_BEFORE, Fault
from ledger.stripe_sandbox.presenting import present, with_secrets
from ledger.stripe_sandbox.routes import Route, route_for
from ledger.stripe_sandbox.transaction import KEY_SECONDS, Transaction
from ledger.stripe_sandbox.validation import check

POOL_SIZE = 5


class Sandbox:
    """A mini-Stripe in the database of `engine`, over connections of its own."""

    def __init__(
        self,
        engine: Engine,
        *,
        deliver: Callable[[bytes, str], None] | None = None,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        url = engine.url.update_query_dict({"options": "-c synchronous_commit=off"})
        self.engine = connect(url.render_as_string(hide_password=False), pool_size=POOL_SIZE, pre_ping=False)
        self._reading = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.clock = clock or system_clock
        self.deliveries = Deliveries(self.engine, lambda: self.webhook_secret, self.clock, deliver)

    @cached_property
    def webhook_secret(self) -> str:
        """The secret that signs this sandbox's events; made on first use."""
        candidate = f"whsec_sbx_{secrets.token_hex(24)}"
        while True:
            with self.engine.begin() as db:
                secret = db.execute(query("sandbox_secret"), {"candidate": candidate}).scalar_one_or_none()
            if secret is not None:
                return str(secret)

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def answer(self, request: Request) -> Answer:
        """Answer a request, or refuse it with Stripe's error."""
        try:
            refuse_foreign_key(request.api_key)
            route, ids = route_for(request.method, request.path)
            params = check(request.params, route.typed, route.implemented)
            if request.method == "get":
                return self._read(route, ids, params)
            return self._write(request, route, ids, params)
        except RequestRefused as refusal:
            return Answer(refusal.status, refusal.body)

    def begin(self, db: Connection, key: str | None, fingerprint: str = "") -> tuple[Transaction, bool]:
        """Begin a request in an open transaction. Return False when its idempotency key already exists."""
        secret = self.webhook_secret
        clock = int(self.clock().timestamp())
        binds = {"key": key, "fingerprint": fingerprint, "clock": clock, "lifetime": KEY_SECONDS}
        state = db.execute(query("sandbox_open"), binds).one()
        now = clock + state.ahead_seconds
        listening = self.deliveries.deliver is not None
        return Transaction(db, now, key or "", secret, dict(state.faults), listening), state.claimed

    def _read(self, route: Route, ids: tuple[str, ...], params: Json) -> Answer:
        with self._reading.connect() as db:
            tx = Transaction(db, 0, "", self.webhook_secret, locking=False)
            body = route.handler(tx, params, *ids)
            paths = params.get("expand", []) if body["object"] != "list" else []
            return Answer(200, with_secrets(tx, present(tx, body, paths)))

    def _write(self, request: Request, route: Route, ids: tuple[str, ...], params: Json) -> Answer:
        key = request.idempotency_key or secrets.token_hex(16)
        fingerprint = fingerprint_of(request)
        is_control = request.path.startswith("/v1/sandbox/")
        with self.engine.begin() as db:
            tx, claimed = self.begin(db, key, fingerprint)
            if not claimed:
                return repeated(tx, fingerprint)
            planned = (name for name in FAULTS_BEFORE if not is_control and tx.use_fault(name))
            fault = next(planned, None)
            if fault:
                db.rollback()
                return self._fail(tx, fault)
            status, body = carried_out(tx, route, ids, params)
            lost = not is_control and tx.use_fault("timeout_after_success")
            plan = self.deliveries.plan(tx)
            tx.flush(status, body, plan.due)
        self.deliveries.send(plan)
        return Answer(status, with_secrets(tx, body), lost=lost)

    def _fail(self, tx: Transaction, fault: Fault) -> Answer:
        """Return the planned failure: nothing else happens, and the fault is consumed."""
        with self.engine.begin() as db:
            db.execute(query("sandbox_set_faults"), {"faults": json.dumps(tx.faults)})
        status, message, code = FAULTS_BEFORE[fault]
        refusal = RequestRefused(status, message, code, kind="api_error")
        return Answer(status, refusal.body, {"stripe-should-retry": "false"})


def system_clock() -> datetime:
    """Return the system's time; the sandbox reads it only here."""
    return datetime.now(UTC)


def carried_out(tx: Transaction, route: Route, ids: tuple[str, ...], params: Json) -> tuple[int, Json]:
    """Return status and body. A declined card's failed charge is stored; any other refusal rolls back."""
    try:
        return 200, present(tx, route.handler(tx, params, *ids), params.get("expand", []))
    except RequestRefused as refusal:
        if not refusal.keep:
            raise
        return refusal.status, refusal.body


def repeated(tx: Transaction, fingerprint: str) -> Answer:
    """Return the first response again. Raise an error when the same key comes with another request."""
    first = tx.db.execute(query("sandbox_answer"), {"key": tx.key}).one()
    if first.fingerprint != fingerprint:
        raise RequestRefused(
            400,
            "Keys for idempotent requests can only be used with the parameters they were first used with.",
            kind="idempotency_error",
        )
    return Answer(first.status, with_secrets(tx, first.answer), {"Idempotent-Replayed": "true"})


def fingerprint_of(request: Request) -> str:
    """Return the fingerprint that two identical requests share."""
    text: Any = [request.method, request.path, request.params]
    return hashlib.sha256(json.dumps(text, sort_keys=True).encode()).hexdigest()


def refuse_foreign_key(api_key: str) -> None:
    """Raise RequestRefused for a live key: the sandbox accepts test keys only."""
    if not api_key.startswith(("sk_test_", "rk_test_")):
        raise RequestRefused(
            401, "The sandbox accepts test keys only.", "api_key_expired", kind="invalid_request_error"
        )
