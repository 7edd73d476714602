"""Lists of links are read and checked line by line; what cannot be linked says why, the rest is linked."""

import pytest

import ledger
from ledger.payments import link_lists
from ledger.payments.link_lists import apply_links, read_links
from ledger.payments.owners import stripe_link
from tests.shop import Shop

LIST = """workspace_id, customer_id, subscription_id, starts_at
acme, cus_1, , 2026-03-01T00:00:00Z
acme, , sub_1,
nobody, cus_2, ,
acme, oops, ,
acme, cus_3, , yesterday
acme, cus_4, , 2026-03-01T00:00:00
"""


def test_good_lines_are_linked_and_bad_ones_say_why(shop: Shop):
    with ledger.writing(shop.engine) as db:
        done = apply_links(db, read_links(LIST), actor="ada", at=shop.now)

    assert [(row.line, row.problem is None) for row in done] == [
        (2, True),
        (3, True),
        (4, False),
        (5, False),
        (6, False),
        (7, False),
    ]
    with ledger.reading(shop.engine) as db:
        link = stripe_link(db, "acme")
    assert (link.customers, link.subscriptions, link.starts_at) == (("cus_1",), ("sub_1",), shop.now)


def test_the_same_list_again_changes_nothing(shop: Shop):
    for _ in range(2):
        with ledger.writing(shop.engine) as db:
            done = apply_links(db, read_links(LIST), actor="ada", at=shop.now)

    assert [row.problem is None for row in done] == [True, True, False, False, False, False]


def test_a_list_without_the_right_header_is_refused_as_a_whole():
    (row,) = read_links("id;customer\nacme;cus_1\n")

    assert "workspace_id" in (row.problem or "")
    assert read_links("workspace_id\n") == []


@pytest.mark.parametrize(("at_most", "problems"), [(6, 2), (5, 1)])
def test_a_list_that_is_too_long_is_refused_and_not_cut(monkeypatch, at_most: int, problems: int):
    monkeypatch.setattr(link_lists, "LINES_AT_MOST", at_most)

    rows = read_links(LIST)

    assert (len(rows), sum(row.problem is not None for row in rows)) == ((6, 2) if problems == 2 else (1, 1))
