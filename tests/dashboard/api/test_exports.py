"""Bulk export: every row once, resumable after any of them, in two forms."""

import csv
import io
import json
from typing import Any

import pytest
import requests

from tests.dashboard.api_server import Api


@pytest.fixture
def company(api: Api) -> list[str]:
    """Two workspaces: three entries each, and a purchase each."""
    workspaces = sorted(api.workspace() for _ in range(2))
    for each in workspaces:
        api.post("/usage/track-minute", {"workspace_id": each, "minutes": 5, "key": "=1+1"})
        api.post(
            "/usage/track-minute", {"workspace_id": each, "minutes": 900, "key": "b", "require_full": True}
        )
        api.post("/extra-minutes/purchase", {"workspace_id": each, "package": "small"}, key="p")
    return workspaces


def rows(answer: requests.Response) -> list[dict[str, Any]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


def all_pages(api: Api, what: str, **query: Any) -> list[dict[str, Any]]:
    listed, after = [], None
    while True:
        page = api.get(f"/exports/{what}", after=after, **query)
        listed += rows(page)
        after = page.headers.get("Next-Cursor")
        if after is None:
            return listed


def test_every_entry_comes_once_whatever_the_page(api: Api, company: list[str]) -> None:
    whole = rows(api.get("/exports/entries"))

    assert [(each["workspace_id"], each["entry_no"]) for each in whole] == [
        (each, number) for each in company for number in (1, 2, 3)
    ]
    for limit in (1, 2, 4, 6):
        assert all_pages(api, "entries", limit=limit) == whole
    assert {each["kind"] for each in whole} == {"allocation", "use"}


@pytest.mark.usefixtures("company")
def test_an_export_resumes_after_any_row_by_its_own_number(api: Api) -> None:
    whole = rows(api.get("/exports/entries"))

    for number, row in enumerate(whole):
        rest = rows(api.get("/exports/entries", after=f"{row['workspace_id']}/{row['entry_no']}"))
        assert rest == whole[number + 1 :]


def test_uses_are_the_entries_of_uses_and_one_workspace_can_be_chosen(api: Api, company: list[str]) -> None:
    uses = all_pages(api, "uses", limit=1)
    first = rows(api.get("/exports/uses", workspace_id=company[0]))

    assert [(each["workspace_id"], each["key"], each["unmet_minutes"]) for each in uses] == [
        (each, key, unmet) for each in company for key, unmet in (("=1+1", 0), ("b", 900))
    ]
    assert first == uses[:2]


def test_purchases_come_with_their_state(api: Api, company: list[str]) -> None:
    listed = all_pages(api, "purchases", limit=1)

    assert [(each["workspace_id"], each["status"], each["amount_cents"]) for each in listed] == [
        (each, "requires_payment", 999) for each in company
    ]


def test_only_what_was_recorded_since_an_export_comes_in_the_next(api: Api, company: list[str]) -> None:
    since = rows(api.get("/exports/entries"))[-1]["recorded_at"]
    api.post("/usage/track-minute", {"workspace_id": company[0], "minutes": 1, "key": "later"})

    later = api.get("/exports/entries", recorded_since=since)

    assert [(each["workspace_id"], each["key"]) for each in rows(later)] == [(company[0], "later")]
    assert later.headers["Next-Recorded-Since"] > since[:10]


@pytest.mark.usefixtures("company")
def test_business_times_select_from_the_first_up_to_but_not_the_second(api: Api) -> None:
    at = rows(api.get("/exports/uses"))[0]["at"]

    assert at in [each["at"] for each in rows(api.get("/exports/uses", start=at))]
    assert at not in [each["at"] for each in rows(api.get("/exports/uses", end=at))]


@pytest.mark.usefixtures("company")
def test_csv_has_the_same_columns_and_runs_nothing_in_a_spreadsheet(api: Api) -> None:
    answer = api.get("/exports/uses", format="csv")

    assert answer.headers["content-type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    json_rows = rows(api.get("/exports/uses"))
    assert list(lines[0]) == list(json_rows[0])
    assert [line["entry_no"] for line in lines] == [str(row["entry_no"]) for row in json_rows]
    assert lines[0]["key"] == "'=1+1"
    assert lines[0]["at"] == json_rows[0]["at"]


@pytest.mark.parametrize(
    ("what", "query", "code"),
    [
        ("entries", {"after": "acme/x"}, "invalid_cursor"),
        ("purchases", {"after": "acme/17"}, "invalid_cursor"),
        ("entries", {"after": "acme"}, "invalid_request"),
        ("entries", {"limit": 0}, "invalid_request"),
        ("entries", {"format": "xml"}, "invalid_request"),
        ("payments", {}, "invalid_request"),
    ],
)
def test_what_cannot_be_exported_is_refused(api: Api, what: str, query: dict, code: str) -> None:
    answer = api.get(f"/exports/{what}", **query)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_cursor_of_another_list_is_refused_in_words_that_say_what_it_should_be(api: Api) -> None:
    answers = [
        api.get("/workspaces", after="bad~cursor"),
        api.get("/exports/purchases", after="acme/17"),
    ]

    assert [answer.json()["code"] for answer in answers] == ["invalid_cursor"] * 2
    assert [answer.json()["detail"] for answer in answers] == [
        "after: this is not the `next` of a page of this list.",
        "after: this is not the `Next-Cursor` of a page of this export.",
    ]
