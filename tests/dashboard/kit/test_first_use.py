"""The checklist of an empty installation: its lines are requests that the API answers."""

import json

import requests
from sqlalchemy import Engine

from dashboard.clock import present
from dashboard.kit.first_use import PURCHASE, USE
from ledger.database import writing
from ledger.desk import keys
from tests.dashboard.api_server import Api
from tests.pages.visits import hire, visit, words


def test_an_empty_installation_shows_three_steps_instead_of_numbers(engine: Engine) -> None:
    email = hire(engine, "admin")
    page = visit(engine, "overview", email=email)

    assert len(page.metric) == 0
    assert ":material/radio_button_unchecked: **1. Create an API key**" in words(page)
    lines = [code.value for code in page.code]
    assert all("curl -X POST http" in line for line in lines)
    assert len(lines) == 2

    with writing(engine) as db:
        keys.create_key(db, name="app", scopes=["usage:write"], actor="t", at=present())
    assert ":material/check_circle: **1. Create an API key**" in words(visit(engine, "overview", email=email))


def test_the_lines_are_requests_that_the_api_answers_in_this_order(api: Api) -> None:
    answers = [
        requests.post(
            f"{api.url}/api/{path}",
            json=json.loads(body),
            headers={"Authorization": f"Bearer {api.key}", "Idempotency-Key": f"first-use-{path}"},
            timeout=60,
        )
        for path, body in (*USE, *PURCHASE)
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 201], [a.text for a in answers]
    assert "'" not in "".join(
        body for _path, body in (*USE, *PURCHASE)
    )  # it stands between such in the shell
    assert answers[1].json()["minutes"] == 5
    assert answers[2].json()["minutes"] == 60
