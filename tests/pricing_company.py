"""A small company with limit hits and purchases, booked through the ledger, for the pricing pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, Engine, text

import ledger
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.attributes import set_attributes
from ledger.pricing.tariff import Tariff
from tests.databases import as_owner
from tests.stories import Story

START = datetime(2026, 1, 5, tzinfo=UTC)
NOW = "2026-05-01T00:00:00+00:00"


def make_company(engine: Engine, *, half_in_euros: bool = False) -> None:
    """Twenty-four workspaces, three months, some blocked, some of them buying; the first half in euros on request."""
    rng = np.random.default_rng(1)
    with ledger.writing(engine) as db:
        for number in range(24):
            story = Story(db, f"w{number:02}", now=START + timedelta(hours=number))
            story.plan("starter" if number % 4 else "pro")
            for _ in range(3):
                story.later(days=9).uses(int(rng.integers(40, 200)))
                story.later(days=9).uses(int(rng.integers(40, 200)))
                hit = not sum(story.balance)
                if hit and rng.random() < 0.5:
                    story.buys(["small", "medium", "large"][number % 3])
                story.later(days=13)
        with as_owner(db):
            db.execute(text("UPDATE workspaces SET source = 'sandbox'"))
            db.execute(
                text(
                    "UPDATE extra_minutes_purchases p SET status = 'paid', paid_at = p.created_at, minutes = l.minutes, "
                    "package = CASE l.minutes WHEN 60 THEN 'small' WHEN 150 THEN 'medium' ELSE 'large' END "
                    "FROM lots l WHERE l.workspace_id = p.workspace_id AND l.purchase_id = p.purchase_id"
                )
            )
        if half_in_euros:
            _sell_in_euros(db)
        refresh_rollups(db, at=datetime.fromisoformat(NOW), timezone="UTC")


def _sell_in_euros(db: Connection) -> None:
    """Let the first half pay in euros, 100 cents less for each package than the others."""
    names = [f"w{number:02}" for number in range(12)]
    for name in names:
        set_attributes(db, name, {"billing_currency": "EUR"}, actor="test", at=START)
    with as_owner(db):
        db.execute(
            text(
                "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, valid_from, "
                "created_by) SELECT code, version + 10, arm, name, minutes, amount_cents - 100, 'eur', valid_from, 'test' "
                "FROM extra_minutes_packages"
            )
        )
        db.execute(
            text(
                "UPDATE extra_minutes_purchases SET currency = 'eur', amount_cents = amount_cents - 100 "
                "WHERE workspace_id = ANY (:names)"
            ),
            {"names": names},
        )


def repriced(tariff: Tariff, factor: float) -> Tariff:
    """Return a tariff with every price multiplied, rounded to the cent."""
    packages = tuple(replace(p, amount_cents=round(p.amount_cents * factor)) for p in tariff.packages)
    return replace(tariff, packages=packages)
