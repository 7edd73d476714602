"""Open payment alerts stand with the bank's deadline where there is one."""

from datetime import timedelta

from sqlalchemy import Engine

from dashboard.clock import present
from ledger.database import writing
from ledger.payments.alerts import raise_alert
from tests.pages.visits import hire, labels, visit


def _alerts(engine: Engine, *, disputed: bool) -> None:
    at = present()
    with writing(engine) as db:
        raise_alert(db, "second_payment", "pi_1", detail="look", workspace_id=None, at=at)
        if disputed:
            due_at = at + timedelta(days=3)
            raise_alert(
                db, "dispute", "dp_1", detail="answer", workspace_id=None, at=at + timedelta(1), due_at=due_at
            )


def test_a_dispute_is_listed_with_the_day_by_which_the_bank_wants_an_answer(engine: Engine) -> None:
    _alerts(engine, disputed=True)

    shown = visit(engine, "health", email=hire(engine, "admin")).dataframe[0].value

    assert labels(shown, "kind") == ["Dispute", "Second payment"]
    assert shown["due_at"].notna().tolist() == [True, False]


def test_alerts_without_a_deadline_have_no_column_for_it(engine: Engine) -> None:
    _alerts(engine, disputed=False)

    shown = visit(engine, "health", email=hire(engine, "admin")).dataframe[0].value

    assert "due_at" not in shown
