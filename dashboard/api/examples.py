"""One example of every body and every answer, as they stand in the OpenAPI document."""

from typing import Any

_AT = "2026-03-01T12:00:00Z"
_RESET = "2026-04-01T12:00:00Z"
_PURCHASE = "019580f4-9c00-7c3a-8f21-5b0c2f1d6a77"
_USE = {"workspace_id": "acme", "minutes": 160, "key": "call-8731"}
_PLAN = {"plan": "starter", "billing_cycle": "monthly"}
_LEFT = {"plan_minutes": 40, "extra_minutes": 60, "total_minutes": 100}
_BALANCE = {
    "workspace_id": "acme",
    **_LEFT,
    "minutes_total": 200,
    "minutes_used": 160,
    "minutes_reset_date": _RESET,
    "percent_used": 61.5,
    "lots": [
        {
            "lot_id": 1,
            "kind": "plan",
            "minutes": 200,
            "remaining": 40,
            "acquired_at": _AT,
            "purchase_id": None,
        },
        {
            "lot_id": 2,
            "kind": "purchase",
            "minutes": 60,
            "remaining": 60,
            "acquired_at": _AT,
            "purchase_id": _PURCHASE,
        },
    ],
}
_USE_TOLD: dict[str, Any] = {
    "workspace_id": "acme",
    "minutes": 160,
    "from_plan": 160,
    "from_extra": 0,
    "unmet_minutes": 0,
    **_LEFT,
    "percent_used": 61.5,
    "thresholds": [],
    "warning": None,
    "allowed": True,
    "repeated": False,
}
_WORKSPACE = {"workspace_id": "acme", "name": "Acme", "owner_email": "owner@acme.example"}
_PRICE = {"minutes": 60, "amount_cents": 999, "currency": "usd"}
_PAYMENT = {"payment_intent": "pi_3Qx1", "failure_code": None, "failure_message": None}

EXAMPLES: dict[str, dict[str, Any]] = {
    "UseAsked": _USE,
    "UseInBatch": _USE,
    "UsesAsked": {"uses": [_USE, {"workspace_id": "acme", "minutes": 3, "key": "call-8732", "at": _AT}]},
    "UseTold": _USE_TOLD,
    "UsesTold": {"results": [_USE_TOLD]},
    "LimitTold": {
        "allowed": True,
        **_LEFT,
        "percent_used": 61.5,
        "warning": None,
        "minutes_reset_date": _RESET,
        "using_extra": False,
    },
    "BalanceTold": _BALANCE,
    "WorkspaceAsked": {**_WORKSPACE, **_PLAN},
    "WorkspaceTold": {
        **_WORKSPACE,
        **_PLAN,
        "source": "live",
        "created_at": _AT,
        **_LEFT,
        "balance": _BALANCE,
    },
    "WorkspacesTold": {"items": [{**_WORKSPACE, **_PLAN, "source": "live", **_LEFT}], "next": None},
    "PlanAsked": {**_PLAN, "key": "invoice-2026-03"},
    "AllocationTold": {"workspace_id": "acme", **_PLAN, "minutes": 200, **_LEFT, "balance": _BALANCE},
    "StatementTold": {
        "items": [
            {
                "entry_no": 3,
                "kind": "use",
                "plan_delta": -160,
                "extra_delta": 0,
                "plan_minutes": 40,
                "extra_minutes": 60,
                "unmet_minutes": 0,
                "at": _AT,
                "recorded_at": _AT,
                "actor": "usage",
                "reason": None,
                "reference": None,
            }
        ],
        "next": 3,
    },
    "PackagesTold": {
        "items": [{"code": "small", "name": "Small", **_PRICE}],
        "hold_out": {"name": "spring", "arm": "offered"},
        "price_test": None,
    },
    "ArmsTold": {
        "items": [
            {"kind": "hold_out", "name": "spring", "arm": "offered", "starts_at": _AT, "ends_at": None},
        ]
    },
    "HoldOutsTold": {
        "items": [
            {
                "name": "spring",
                "source": "live",
                "share_percent": 30,
                "hits_needed": 644,
                "starts_at": _AT,
                "ends_at": None,
            }
        ]
    },
    "HoldOutArmsTold": {"items": [{"workspace_id": "acme", "arm": "offered"}], "next": "acme"},
    "PurchaseAsked": {"workspace_id": "acme", "package": "small", "key": "order-1"},
    "RetryAsked": {"key": "order-1-again"},
    "PurchaseTold": {
        "purchase_id": _PURCHASE,
        "status": "requires_payment",
        **_PRICE,
        **_PAYMENT,
        "client_secret": "pi_3Qx1_secret_a1b2",
    },
    "PurchasesTold": {
        "items": [
            {
                "purchase_id": _PURCHASE,
                "package": "small",
                "status": "paid",
                **_PRICE,
                **_PAYMENT,
                "refunded_cents": 0,
                "receipt_url": None,
                "created_at": _AT,
                "paid_at": _AT,
            }
        ],
        "next": None,
    },
    "DefinitionsTold": {
        "items": [
            {
                "slug": "conversion",
                "name": "Conversion after a limit hit",
                "unit": "percent",
                "formula": "matured hitters who bought / matured hitters",
                "better": "up",
                "period": "first limit hit",
                "version": 1,
            }
        ]
    },
    "MeasureTold": {
        "slug": "conversion",
        "value": 42.9,
        "unit": "percent",
        "currency": None,
        "n": 140,
        "low": 35.0,
        "high": 51.2,
        "pending": 12,
        "as_of": _AT,
        "definition_version": 1,
        "source": "live",
        "start": "2026-01-01T00:00:00Z",
        "end": _AT,
        "reason": None,
    },
    "EventTold": {"event_id": "evt_1Qx1", "status": "pending", "repeated": False},
    "Alive": {"status": "ok"},
    "Ready": {"status": "ready", "database": "ok", "migrations": "ok", "worker_lag_seconds": 0.0},
}
"""Name of a shape -> one value of it."""
