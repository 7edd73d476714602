"""The Workspaces page: typing finds, filters narrow, names of customers are letters."""

import csv
from datetime import timedelta

import pytest
from sqlalchemy import Engine

import ledger
from dashboard.clock import present
from dashboard.screens import search
from ledger.database import writing
from ledger.desk import SearchFilters
from ledger.minutes import set_attributes
from tests.pages.visits import hire, use, visit, words


def _fill(engine: Engine, *names: str) -> None:
    at = present() - timedelta(days=2)
    with writing(engine) as db:
        for number, name in enumerate(names):
            ledger.create_workspace(
                db, f"w{number:02}", name=name, owner_email=f"o{number}@example.com", actor="t", at=at
            )


def test_typing_finds_and_highlights(engine: Engine) -> None:
    _fill(engine, "Blue Harbor", "Red Barn")
    page = visit(engine, "search", email=hire(engine, "support"))

    page.text_input(key="q_field").set_value("harb").run()

    links = [link.proto.label for link in page.get("page_link")]
    assert "Blue **Harb**or" in links
    assert not any("Red" in label for label in links)


def test_markup_in_a_name_is_shown_as_letters(engine: Engine) -> None:
    _fill(engine, "<img src=x onerror=alert(1)> :red[x]")
    page = visit(engine, "search", email=hire(engine, "support"))

    assert r"\<img src\=x onerror\=alert\(1\)\> \:red\[x\]" in [
        link.proto.label for link in page.get("page_link")
    ]


def test_the_next_page_goes_on_and_back_returns(engine: Engine) -> None:
    _fill(engine, *(f"Harbor {number:02}" for number in range(30)))
    page = visit(engine, "search", email=hire(engine, "support"))

    first = [link.proto.label for link in page.get("page_link") if "Harbor" in link.proto.label]
    page.button(key="q_next").click().run()
    second = [link.proto.label for link in page.get("page_link") if "Harbor" in link.proto.label]
    page.button(key="q_back").click().run()
    again = [link.proto.label for link in page.get("page_link") if "Harbor" in link.proto.label]

    assert (len(first), len(second)) == (25, 5)
    assert not set(first) & set(second)
    assert again == first


def test_a_link_to_a_later_page_opens_it_and_a_place_that_is_none_is_said_and_dropped(engine: Engine) -> None:
    _fill(engine, *(f"Harbor {number:02}" for number in range(30)))
    email = hire(engine, "support")
    page = visit(engine, "search", email=email)
    page.button(key="q_next").click().run()
    linked = visit(engine, "search", email=email, after=page.query_params["after"])
    wrong = visit(engine, "search", email=email, after="nowhere")

    assert sum("Harbor" in link.proto.label for link in linked.get("page_link")) == 5
    assert sum("Harbor" in link.proto.label for link in wrong.get("page_link")) == 25
    assert "after" not in wrong.query_params
    assert "page: nowhere" in wrong.toast[0].value


@pytest.mark.parametrize("private", [True, False])
def test_the_file_has_every_workspace_once_and_names_only_for_those_who_may_see_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, private: bool
) -> None:
    _fill(engine, *(f"Harbor {number:02}" for number in range(12)), "Red Barn")
    with writing(engine) as db:
        set_attributes(db, "w03", {"country": "DE"}, actor="t", at=present())
    monkeypatch.setattr(search, "IN_A_FILE", 5)
    use(engine)

    head, names, *rows = (
        search.file(search.Wanted("harbor", SearchFilters()), present(), private=private)
        .decode("utf-8-sig")
        .splitlines()
    )

    assert head.strip('"') == "workspaces; rows 12; minutes left 0"
    assert sorted(row.split(",")[0] for row in rows) == [f"w{number:02}" for number in range(12)]
    assert ("owner_email" in names) is private
    assert sum(row.endswith(",DE") for row in rows) == 1


def test_an_attribute_that_is_called_as_a_column_of_the_file_gets_a_column_of_its_own(engine: Engine) -> None:
    _fill(engine, "Harbor", "Red Barn")
    with writing(engine) as db:
        set_attributes(db, "w00", {"state": "Texas", "minutes_left": "none"}, actor="t", at=present())
    use(engine)

    content = search.file(search.Wanted("", SearchFilters()), present(), private=False)

    rows = {row["workspace_id"]: row for row in parsed_rows(content)}
    assert [rows[each]["state"] for each in ("w00", "w01")] == ["No minutes", "No minutes"]
    assert [rows[each]["minutes_left"] for each in ("w00", "w01")] == ["0", "0"]
    assert [rows[each]["attribute_state"] for each in ("w00", "w01")] == ["Texas", ""]
    assert rows["w00"]["attribute_minutes_left"] == "none"


def parsed_rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(content.decode("utf-8-sig").splitlines()[1:]))


def test_a_search_without_results_offers_to_look_for_an_event_key(engine: Engine) -> None:
    _fill(engine, "Acme")
    with writing(engine) as db:
        ledger.update_plan_allocation(db, "w00", "pro", "monthly", key="first", actor="t", at=present())
        ledger.track_minutes(db, "w00", 5, key="call-7731-abcd", at=present())
    page = visit(engine, "search", email=hire(engine, "support"))
    page.text_input(key="q_field").set_value("call-7731-abcd").run()

    assert "Nothing found" in words(page)
    page.button(key="q_event_key").click().run()

    assert "`w00`" in [link.proto.label for link in page.get("page_link")]


def test_an_opened_workspace_is_offered_again(engine: Engine) -> None:
    _fill(engine, "Acme", "Other")
    email = hire(engine, "support")
    visit(engine, "workspace", email=email, id="w00")

    page = visit(engine, "search", email=email)

    assert "Pinned and recently opened" in words(page)
    assert [link.proto.label for link in page.get("page_link")].count("Acme") == 2


def test_the_table_is_ordered_by_need_and_says_who_is_blocked_in_one_sentence(engine: Engine) -> None:
    _fill(engine, "Anna", "Blocked & Co", "Low", "Zoe")
    with writing(engine) as db:
        for workspace_id, used in (("w00", 10), ("w01", 200), ("w02", 170)):
            at = present() - timedelta(days=1)
            ledger.update_plan_allocation(db, workspace_id, "starter", "monthly", key="p", actor="t", at=at)
            ledger.track_minutes(db, workspace_id, used, key="u", at=at)
    page = visit(engine, "search", email=hire(engine, "support"))

    links = [link.proto.label for link in page.get("page_link")]
    rows = [row.proto.body for row in page.get("html") if 'class="pill' in row.proto.body]
    assert [name for name in links if name in {"Anna", r"Blocked \& Co", "Low", "Zoe"}] == [
        r"Blocked \& Co",
        "Low",
        "Anna",
        "Zoe",
    ]
    assert "**1 workspace is blocked** now; 1 runs low." in words(page)
    blocked, low, fine, nothing = rows
    assert 'aria-valuenow="100"' in blocked
    assert ">Blocked</span>" in blocked
    assert 'aria-valuetext="85.0% used, 30 min left"' in low
    assert ">Running low</span>" in low
    assert ">Fine</span>" in fine
    assert ">No minutes</span>" in nothing
    assert "nothing was credited" in nothing


def test_a_viewer_of_the_table_cannot_read_markup_from_a_plan_or_a_name(engine: Engine) -> None:
    _fill(engine, "<b>&</b>")
    page = visit(engine, "search", email=hire(engine, "support"))

    assert not any("<b>&</b>" in row.proto.body for row in page.get("html"))


def test_an_empty_database_differs_from_a_search_without_results(engine: Engine) -> None:
    email = hire(engine, "support")

    nothing = words(visit(engine, "search", email=email))
    searched = words(visit(engine, "search", email=email, q="zzz"))

    assert "No workspaces yet. Your product creates them through the [API](/api/docs)" in nothing
    assert "Check the filters, or try fewer letters" in searched


@pytest.mark.parametrize(
    "page", ["overview", "conversion", "packages", "purchases", "liability", "retention"]
)
def test_numbers_of_an_empty_database_say_that_it_is_empty_and_what_fills_it(
    engine: Engine, page: str
) -> None:
    email = hire(engine, "viewer")

    assert "No workspaces yet" in words(visit(engine, page, email=email))
    _fill(engine, "Acme")
    assert "No workspaces yet" not in words(visit(engine, page, email=email))
