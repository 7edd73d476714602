"""States in tables: the same word has the same colour everywhere, and an empty cell has no label."""

from streamlit.testing.v1 import AppTest

from dashboard.kit import states
from dashboard.text import PURCHASE_STATES
from tests.pages.visits import PATIENCE_SECONDS, labels

TABLE = """
import pandas as pd
from dashboard.kit import states, tables
tables.show(
    pd.DataFrame({"state": ["Paid", "", None], "note": ["=1+1", "b", "c"]}),
    key="table",
    file_name="states.csv",
    columns={"state": states.column("State", ["Paid", "Failed"]), "note": tables.text("Note")},
)
"""


def test_every_state_of_a_purchase_has_a_word_of_its_own() -> None:
    assert set(states.PURCHASES) == set(PURCHASE_STATES)
    assert len(set(states.PURCHASES.values())) == len(states.PURCHASES)


def test_what_asks_for_somebody_is_orange_or_red_and_what_is_well_is_green() -> None:
    colours = {code: states.colour_of(name) for code, name in states.PURCHASES.items()}

    assert colours["paid"] == "green"
    assert {colours[code] for code in ("failed", "quarantined", "disputed")} == {"red"}
    assert {colours[code] for code in ("requires_payment", "requires_action")} == {"orange"}
    assert states.colour_of("A word that no list has") == "gray"


def test_a_column_of_states_is_drawn_with_labels_and_other_columns_stay_text() -> None:
    page = AppTest.from_string(TABLE, default_timeout=PATIENCE_SECONDS).run()
    shown = page.dataframe[0].value

    assert labels(shown, "state") == ["Paid"]
    assert [len(cell) for cell in shown["state"]] == [1, 0, 0]
    assert shown["note"].tolist() == ["'=1+1", "b", "c"]
