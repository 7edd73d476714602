"""Balances of the old system: a list is read whole or refused, and each balance stands beside ours."""

import pytest

import ledger
from ledger.payments.errors import InvalidBalances
from ledger.payments.old_system import old_balances, read_balances, save_old_balances
from tests.shop import Shop


def test_a_list_of_balances_is_read_whole() -> None:
    assert read_balances('\ufeffworkspace_id,minutes\nw1,275\nw2, "1,000"\n') == {"w1": 275, "w2": 1000}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("workspace,minutes\nw1,1", "header"),
        ("workspace_id,minutes\nw1,1\nw1,2", "Line 3 repeats a workspace"),
        ("workspace_id,minutes\n,5", "has no workspace"),
        ("workspace_id,minutes\nw1,-5", "'-5'"),
        ("workspace_id,minutes\nw1,1.5", "'1.5'"),
        ("workspace_id,minutes\nw1,", "''"),
        ("workspace_id,minutes\nw2,5\nw1, 1,000", "Line 3 has more cells"),
        ("", "header"),
    ],
)
def test_a_list_with_a_wrong_line_is_refused_and_names_it(text: str, named: str) -> None:
    with pytest.raises(InvalidBalances, match=named):
        read_balances(text)


def test_each_balance_stands_beside_ours_and_the_newest_one_counts(shop: Shop) -> None:
    with ledger.writing(shop.engine) as db:
        ledger.grant_minutes(db, "acme", 75, reason="gift", key="g", actor="ada", at=shop.now)
        save_old_balances(db, {"acme": 90, "nobody": 5}, actor="ada", at=shop.now)
        save_old_balances(db, {"acme": 75}, actor="ada", at=shop.now)
        result = {each["workspace_id"]: (each["difference"], each["cause"]) for each in old_balances(db)}

    assert result == {"acme": (0, ""), "nobody": (-5, "no such workspace")}
