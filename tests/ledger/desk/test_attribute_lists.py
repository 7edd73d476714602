"""Lists of attributes: checked line by line against what is known, and set as a whole."""

import pytest

import ledger
from ledger.desk.attribute_lists import apply_list, check_list
from ledger.errors import InvalidAttribute
from ledger.minutes.attributes import get_attributes, set_attributes


@pytest.fixture
def three(db, now):
    """Three workspaces; two of them are known a little."""
    for name in ("acme", "best", "core"):
        ledger.create_workspace(db, name, name=name, owner_email="o@example.com", actor="t", at=now)
    set_attributes(db, "acme", {"country": "DE", "seats": 25}, actor="t", at=now)
    set_attributes(db, "best", {"country": "DE"}, actor="t", at=now)
    return db


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_list_sets_removes_and_leaves_alone(three, now, separator):
    text = "Workspace ID,Country,seats,channel\nacme,FR,none,\n\nbest,,7,Partner\ncore,DE,,\n"

    rows = check_list(three, "\ufeff" + text.replace(",", separator))

    assert [(row.line, row.workspace_id, row.changes, row.problem) for row in rows] == [
        (2, "acme", {"country": "FR", "seats": None}, ""),
        (4, "best", {"seats": 7, "channel": "Partner"}, ""),
        (5, "core", {"country": "DE"}, ""),
    ]
    assert apply_list(three, rows, actor="t", at=now) == 3
    assert [get_attributes(three, name) for name in ("acme", "best", "core")] == [
        {"country": "FR"},
        {"channel": "Partner", "country": "DE", "seats": 7},
        {"country": "DE"},
    ]


def test_the_same_list_again_changes_nothing(three, now):
    text = "workspace_id,country,code\nacme,FR,007\nbest,DE,1.50\n"
    apply_list(three, check_list(three, text), actor="t", at=now)

    again = check_list(three, text)

    assert [row.changes for row in again] == [{}, {}]
    assert apply_list(three, again, actor="t", at=now) == 0
    assert get_attributes(three, "acme")["code"] == "007"
    assert get_attributes(three, "best")["code"] == 1.5


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("nobody,DE", "no such workspace"),
        ("best,DE,more", "more cells"),
        ("acme,FR", "twice"),
        (f"best,{'x' * 201}", "200 characters"),
    ],
)
def test_a_line_with_a_problem_says_which_and_changes_nothing(three, now, line, problem):
    rows = check_list(three, f"workspace_id,country\nacme,IT\n{line}\n")

    assert [problem in row.problem for row in rows] == [False, True]
    assert apply_list(three, rows, actor="t", at=now) == 1
    assert (get_attributes(three, "acme")["country"], get_attributes(three, "best")) == (
        "IT",
        {"country": "DE"},
    )


@pytest.mark.parametrize(
    "heading",
    ["name,country", "workspace_id", "workspace_id,plan", "workspace_id,Seats!", "workspace_id,seats,Seats"],
)
def test_a_heading_that_names_no_attribute_is_refused(three, heading):
    with pytest.raises(InvalidAttribute):
        check_list(three, f"{heading}\nacme,1\n")


def test_an_empty_text_is_an_empty_list(three):
    assert check_list(three, " \n") == []


def test_a_list_has_a_limited_number_of_rows(three, monkeypatch):
    monkeypatch.setattr("ledger.desk.attribute_lists.ROWS_AT_MOST", 2)

    assert len(check_list(three, "workspace_id,seats\nacme,1\nbest,2\n")) == 2
    with pytest.raises(InvalidAttribute, match="at most 2"):
        check_list(three, "workspace_id,seats\nacme,1\nbest,2\ncore,3\n")
