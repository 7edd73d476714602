"""The Bulk grant page: dry run first, then the list, then the minutes."""

from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from ledger.database import reading, writing
from tests.pages.visits import hire, visit, words


def _total(engine: Engine, workspace_id: str) -> int:
    with reading(engine) as db:
        return ledger.get_balance(db, workspace_id).total_minutes


def test_a_pasted_list_is_checked_saved_granted_and_undone(engine: Engine) -> None:
    with writing(engine) as db:
        for workspace_id in ("a", "b"):
            ledger.create_workspace(
                db, workspace_id, name="W", owner_email="w@example.com", actor="t", at=present()
            )
    page = visit(engine, "batch", email=hire(engine, "support"))

    page.text_area(key="batch_text").set_value("a, 30\nb, 20\nnobody, 5").run()
    assert [metric.value for metric in page.metric] == ["2", "50", "1"]
    assert (_total(engine, "a"), _total(engine, "b")) == (0, 0)

    page.text_input(key="batch_title").set_value("<b>Outage</b>")
    page.text_input(key="batch_words").set_value("outage of Monday")
    page.button(key="batch_submit").click().run()
    assert "Saved. It can run now." in words(page)

    page.query_params["tab"] = "saved"
    page.run()
    assert "<b>Outage</b>" in words(page)
    next(button for button in page.button if button.label == "Grant 2 rows").click().run()
    assert (_total(engine, "a"), _total(engine, "b")) == (30, 20)

    next(button for button in page.button if button.label == "Undo").click().run()
    assert (_total(engine, "a"), _total(engine, "b")) == (0, 0)
