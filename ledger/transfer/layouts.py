"""File layouts of `import` and `export`: the columns of each file, their forms, and their names in other systems."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ledger.errors import ImportRefused


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file. `form`: how a cell is read; `names`: equivalent headers of other systems."""

    name: str
    form: str
    required: bool = False
    names: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One kind of file. `order`: its place among rows of the same time."""

    kind: str
    row: str
    order: int
    columns: tuple[Column, ...]
    hints: tuple[str, ...] = ()
    """Words in a file's name that suggest this kind."""
    open_ended: bool = False
    """Whether columns that are not listed become attributes."""


WORKSPACE = Column(
    name="workspace_id",
    form="id",
    required=True,
    names=(
        "workspace",
        "account",
        "account_id",
        "team",
        "team_id",
        "tenant",
        "org",
        "organization",
        "organisation",
    ),
)
ORDER_OF_BOOKING = Column(name="booked_no", form="integer")
AT = ("date", "time", "timestamp", "datetime", "created", "created_at", "occurred_at", "created_date")
AMOUNT = ("amount", "price", "total", "gross", "paid", "amount_paid")


def _column(name: str, form: str, *names: str, required: bool = False) -> Column:
    return Column(name=name, form=form, names=names, required=required)


RETURNED_PURCHASE = (
    Column(name="workspace_id", form="id", names=WORKSPACE.names),
    _column("purchase_id", "key", "payment_id", "order_id", "charge_id", "charge", "payment", required=True),
)
"""First columns of refunds and disputes: the purchase names its workspace where the file does not."""

LAYOUTS = {
    layout.kind: layout
    for layout in (
        Layout(
            kind="workspaces",
            row="workspace",
            order=0,
            hints=("workspace", "account", "team", "tenant", "customer", "org"),
            open_ended=True,
            columns=(
                Column(name="workspace_id", form="id", required=True, names=(*WORKSPACE.names, "id")),
                _column("name", "text", "title", "company", "company_name", "account_name", required=True),
                _column("owner_email", "email", "email", "owner", "contact", "contact_email", required=True),
                _column(
                    "created_at",
                    "time",
                    "created",
                    "signup",
                    "signed_up",
                    "registered",
                    "since",
                    *AT,
                    required=True,
                ),
            ),
        ),
        Layout(
            kind="opening_balances",
            row="opening",
            order=1,
            hints=("opening", "balance"),
            columns=(
                WORKSPACE,
                _column("plan_minutes", "whole", required=True),
                _column("extra_minutes", "whole", required=True),
                _column("at", "time", "as_of", *AT, required=True),
            ),
        ),
        Layout(
            kind="plans",
            row="plan",
            order=3,
            hints=("plan", "subscription"),
            columns=(
                WORKSPACE,
                _column("plan", "text", "plan_name", "product", "tier", required=True),
                _column("billing_cycle", "text", "cycle", "interval", "billing", "period", required=True),
                _column(
                    "started_at", "time", "start", "started", "start_date", "from", "begin", required=True
                ),
                _column(
                    "ended_at",
                    "time",
                    "end",
                    "ended",
                    "end_date",
                    "canceled_at",
                    "cancelled_at",
                    "until",
                    "to",
                ),
                _column("managed_by", "text"),
                _column("period_end", "time", "current_period_end"),
                _column("last_period_given", "flag"),
                _column("ended_no", "integer"),
                _column("key", "key"),
                ORDER_OF_BOOKING,
            ),
        ),
        Layout(
            kind="resets",
            row="reset",
            order=4,
            hints=("reset",),
            columns=(WORKSPACE, _column("at", "time", "due_at", required=True), ORDER_OF_BOOKING),
        ),
        Layout(
            kind="grants",
            row="grant",
            order=5,
            hints=("grant", "credit", "gift", "bonus"),
            columns=(
                WORKSPACE,
                _column("key", "key", "id", "grant_id", required=True),
                _column("minutes", "minutes", "amount", required=True),
                _column("at", "time", "day", *AT, required=True),
                _column("reason", "text", "note", "comment", "description", required=True),
                ORDER_OF_BOOKING,
            ),
        ),
        Layout(
            kind="purchases",
            row="purchase",
            order=6,
            hints=("purchase", "payment", "order", "charge", "sale"),
            columns=(
                WORKSPACE,
                _column("purchase_id", "key", "id", "payment_id", "order_id", "charge_id", required=True),
                _column("package", "text", "product", "item", "sku", "description"),
                _column("minutes", "minutes", "minutes_bought"),
                _column("amount_cents", "money", *AMOUNT, required=True),
                _column("currency", "currency", required=True),
                _column("paid_at", "time", "paid", "payment_date", *AT),
                _column("refunded_cents", "money", "amount_refunded", "refunded", "refunded_amount"),
                _column("refunded_at", "time", "refund_date"),
                _column("fee_cents", "money", "fee", "stripe_fee", "processing_fee"),
                _column("status", "text"),
                _column("begun_at", "time"),
                _column("failure_code", "text"),
                _column("failure_message", "text"),
                _column("customer", "text", "customer_id"),
                _column("payment_intent", "text"),
                _column("charge", "text"),
                ORDER_OF_BOOKING,
            ),
        ),
        Layout(
            kind="uses",
            row="use",
            order=7,
            hints=("use", "usage", "call", "record", "session", "minute"),
            columns=(
                WORKSPACE,
                _column("key", "key", "id", "use_id", "call_id", "event_id", "session_id", "uuid"),
                _column(
                    "minutes",
                    "minutes",
                    "minutes_used",
                    "duration",
                    "duration_seconds",
                    "seconds",
                    "quantity",
                    required=True,
                ),
                _column(
                    "at",
                    "time",
                    "ended_at",
                    "ended",
                    "end",
                    "started_at",
                    "started",
                    "start",
                    "day",
                    *AT,
                    required=True,
                ),
                _column("duration_seconds", "integer"),
                _column("policy", "text"),
                ORDER_OF_BOOKING,
            ),
        ),
        Layout(
            kind="refunds",
            row="refund",
            order=8,
            hints=("refund",),
            columns=(
                *RETURNED_PURCHASE,
                _column("refund_id", "key", "id", required=True),
                _column("amount_cents", "money", *AMOUNT, "amount_refunded", "refunded", required=True),
                _column("currency", "currency"),
                _column("at", "time", "refunded_at", *AT, required=True),
                _column("booked_at", "time"),
                _column("status", "text"),
                _column("reason", "text", "note", "comment"),
                ORDER_OF_BOOKING,
            ),
        ),
        Layout(
            kind="disputes",
            row="dispute",
            order=9,
            hints=("dispute", "chargeback"),
            columns=(
                *RETURNED_PURCHASE,
                _column("dispute_id", "key", "id", required=True),
                _column("amount_cents", "money", *AMOUNT, required=True),
                _column("currency", "currency"),
                _column("at", "time", "opened_at", "opened", *AT, required=True),
                _column("closed_at", "time", "closed"),
                _column("booked_at", "time"),
                _column("closed_no", "integer"),
                _column("status", "text", "outcome", "result", required=True),
                _column("reason", "text"),
                _column("fee_cents", "money", "fee", "dispute_fee"),
                ORDER_OF_BOOKING,
            ),
        ),
        Layout(
            kind="voids",
            row="void",
            order=11,
            hints=("void",),
            columns=(
                WORKSPACE,
                _column("key", "key", required=True),
                _column("lot_id", "integer", required=True),
                _column("minutes", "whole", required=True),
                _column("at", "time", required=True),
                _column("reason", "text", required=True),
                ORDER_OF_BOOKING,
            ),
        ),
    )
}
ORDER = {layout.row: layout.order for layout in LAYOUTS.values()} | {
    "end": 2,
    "subscription": 2,
    "invoice": 3,
    "closed dispute": 10,
    "invoice return": 10,
    "single use": 7,
}
"""Booking order of rows with the same workspace and time: credits before uses and returns."""


@cache
def columns_of(kind: str) -> dict[str, Column]:
    """Return the columns of a kind of file by name. Raises ImportRefused for an unknown kind."""
    if kind not in LAYOUTS:
        raise ImportRefused(f"{kind!r} is not a kind of file; choose one of {', '.join(LAYOUTS)}.")
    return {column.name: column for column in LAYOUTS[kind].columns}
