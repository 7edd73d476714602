"""Keys of programs, as administrators see them: never the secret again."""

from sqlalchemy import Engine

from dashboard.clock import present
from ledger.database import writing
from ledger.desk import keys
from tests.pages.visits import hire, visit, words


def test_a_list_of_keys_shows_no_secret_and_hostile_names_as_letters(engine: Engine) -> None:
    with writing(engine) as db:
        made = keys.create_key(db, name="=cmd|x", scopes=("balance:read",), actor="ada", at=present())
    page = visit(engine, "staff", email=hire(engine, "admin"), tab="keys")

    shown = page.dataframe[0].value
    assert shown["name"].tolist() == ["'=cmd|x"]
    assert shown["scopes"].tolist() == ["balance:read"]
    assert made.text not in shown.to_csv() + words(page)
