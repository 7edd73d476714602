"""The navigation: each page once, under an address of its own, for those who may."""

from dashboard.access import PERMISSIONS, ROLES
from dashboard.navigation import ENTRIES, HOME, PAGES, address, existing, question


def test_every_entry_is_one_page_with_a_known_permission() -> None:
    assert len({entry.file for entry in ENTRIES}) == len(ENTRIES)
    assert {entry.permission for entry in ENTRIES} <= set(PERMISSIONS)
    assert HOME in {entry.file for entry in existing()}


def test_every_role_may_open_the_start_page() -> None:
    home = next(entry for entry in ENTRIES if entry.file == HOME)

    assert all(home.permission in granted for granted in ROLES.values())


def test_an_address_leads_to_the_file() -> None:
    assert (PAGES.parent / "dashboard" / address("search")).resolve() == PAGES / "search.py"


def test_every_page_says_which_question_it_answers() -> None:
    questions = [question(entry.file) for entry in ENTRIES]

    assert questions[0] == "Is the feature working?"
    assert len(set(questions)) == len(ENTRIES)
