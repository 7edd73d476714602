"""Presentation of stored objects: expanded references, paged lists and client secrets."""

from collections.abc import Callable, Iterable
from typing import Any

from ledger.stripe_sandbox.answers import Json, RequestRefused, missing
from ledger.stripe_sandbox.invoices import with_payments
from ledger.stripe_sandbox.transaction import FAR, Transaction, public

EXPANDABLE = {
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "customer": "customer",
    "default_payment_method": "payment_method",
    "latest_charge": "charge",
    "latest_invoice": "invoice",
    "payment_intent": "payment_intent",
    "product": "product",
    "subscription": "subscription",
}
DEFAULT_LIMIT, LIMIT = 10, 100


def present(tx: Transaction, body: Json, paths: Iterable[str] = ()) -> Json:
    """Return the public `body`, with the references at `paths` (dotted) replaced by their objects."""
    shown = public(body)
    grouped: dict[str, list[str]] = {}
    for path in paths:
        name, _, rest = path.partition(".")
        grouped.setdefault(name, []).extend([rest] if rest else [])
    for name, deeper in grouped.items():
        shown[name] = expanded(tx, body, name, deeper)
    return shown


def expanded(tx: Transaction, body: Json, name: str, deeper: list[str]) -> Any:
    """Return the object behind one reference. Raise RequestRefused (400) when Stripe could not expand it."""
    if body["object"] == "invoice" and name == "payments":
        return with_payments(body)
    if body["object"] == "charge" and name == "refunds":
        refunds = tx.find("refund", {"payment_intent": body["payment_intent"], "charge": body["id"]})
        along = [present(tx, refund) for refund in refunds[:DEFAULT_LIMIT]]
        return page(along, len(refunds) > DEFAULT_LIMIT, "/v1/refunds")
    value = body.get(name)
    if name not in body or (isinstance(value, str) and name not in EXPANDABLE):
        raise RequestRefused(400, f"This property cannot be expanded ({name}).", None, "expand")
    if isinstance(value, str):
        return present(tx, tx.load(EXPANDABLE[name], value), deeper)
    return value


def read_along(tx: Transaction, bodies: list[Json], paths: Iterable[str]) -> None:
    """Load the objects that `paths` refer to, with one query per step instead of one per object."""
    for path in paths:
        level = bodies
        for name in path.split("."):
            ids = [body[name] for body in level if name in EXPANDABLE and isinstance(body.get(name), str)]
            level = tx.load_many(ids) if ids else []


def with_secrets(tx: Transaction, answer: Json) -> Json:
    """Add client secrets, which are derived per response and never stored."""
    inside = answer.get("error", {}).get("payment_intent")
    for body in (answer, inside):
        if isinstance(body, dict) and body.get("object") == "payment_intent":
            body["client_secret"] = tx.client_secret(body)
    return answer


def page(members: list[Json], has_more: bool, url: str) -> Json:
    """Return a list object."""
    return {"object": "list", "data": members, "has_more": has_more, "url": url}


def window_of(params: Json, cursor: tuple[int, int] | None) -> dict[str, int]:
    """Return the bounds of a list: creation time (half-open or not, as requested) and the cursor."""
    created = params.get("created", {})
    bounds = {"gte": created, "lte": created} if isinstance(created, int) else created
    before = cursor or (FAR, FAR)
    return {
        "gte": max(bounds.get("gte", 0), bounds.get("gt", -1) + 1),
        "lt": min(bounds.get("lt", FAR), bounds.get("lte", FAR - 1) + 1),
        "cursor_created": before[0],
        "cursor_no": before[1],
    }


def limit_of(params: Json) -> int:
    """Return the page size, 1 to 100."""
    limit = int(params.get("limit", DEFAULT_LIMIT))
    if not 1 <= limit <= LIMIT:
        raise RequestRefused(
            400, f"Invalid limit: must be 1 to {LIMIT}.", "parameter_invalid_integer", "limit"
        )
    return limit


def retriever(kind: str) -> Callable[[Transaction, Json, str], Json]:
    """Return the handler that retrieves one object of a kind."""

    def retrieve(tx: Transaction, _params: Json, object_id: str) -> Json:
        return tx.load(kind, object_id)

    return retrieve


def lister(kind: str, url: str, filters: tuple[str, ...]) -> Callable[[Transaction, Json], Json]:
    """Return the handler that lists objects of a kind, newest first."""

    def listing(tx: Transaction, params: Json) -> Json:
        limit = limit_of(params)
        cursor = tx.cursor(params["starting_after"]) if "starting_after" in params else None
        if "starting_after" in params and cursor is None:
            raise missing(kind, params["starting_after"])
        wanted = {name: params[name] for name in filters if name in params and params[name] != "all"}
        rows = tx.find(kind, wanted, limit=limit + 1, **window_of(params, cursor))
        paths = [path.removeprefix("data.") for path in params.get("expand", [])]
        read_along(tx, rows[:limit], paths)
        return page([present(tx, body, paths) for body in rows[:limit]], len(rows) > limit, url)

    return listing
