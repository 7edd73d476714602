"""Commands about Stripe: prices are mapped, customers linked, subscriptions synced and compared without a screen."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

import ledger
from ledger.__main__ import main
from ledger.database import connect
from ledger.settings import settings_of_process
from tests.commands import url_of_engine
from tests.shop import Shop, open_shop
from tests.subscriber import priced, subscribes


@pytest.fixture
def shop(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Shop]:
    """Acme and a sandbox that keep the time of the machine, and commands on the same database."""
    monkeypatch.setenv("DATABASE_URL", url_of_engine(engine))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings_of_process.cache_clear()
    with open_shop(engine, datetime.now(UTC)) as opened:
        yield opened
    settings_of_process.cache_clear()


def says(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command; its exit status and what it printed."""
    status = main(["stripe", *words])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def test_prices_are_listed_mapped_and_marked(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    starter, storage = priced(shop, 1900), priced(shop, 500, name="Storage")

    assert "2 of 2 prices are not mapped" in says(capsys, "prices")[1]
    assert says(capsys, "map-price", starter, "--plan", "starter")[:2] == (
        0,
        f"{starter} stands for starter monthly: 200 minutes a paid period\n",
    )
    assert says(capsys, "map-price", storage, "--not-a-plan")[0] == 0
    listed = {each["price_id"]: each for each in json.loads(says(capsys, "prices", "--json")[1])}
    assert (listed[starter]["plan"], listed[storage]["is_other"]) == ("starter", True)
    assert "0 of 2 prices are not mapped" in says(capsys, "prices")[1]
    status, _, problem = says(capsys, "map-price", starter, "--plan", "pro")
    assert (status, "catalogue_conflict" in problem) == (2, True)


def test_a_list_is_linked_only_when_every_line_is_right_or_the_others_are_skipped(
    shop: Shop, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    shop.signs_up("other")
    file = tmp_path / "links.csv"
    file.write_text("workspace_id,customer_id\nacme,cus_1\nother,cus_2\nnobody,cus_3\n")

    dry = says(capsys, "links", str(file), "--dry-run")
    refused = says(capsys, "links", str(file))
    assert dry[0] == refused[0] == 1
    assert "line 4: nobody" in refused[2]
    assert shop.rows("SELECT * FROM payment_objects") == []

    assert says(capsys, "links", str(file), "--skip-refused")[:2] == (0, "2 lines linked, 1 refused\n")
    assert says(capsys, "link", "acme", "--subscription", "sub_1")[1] == "acme: cus_1, sub_1\n"
    assert says(capsys, "link", "other", "--customer", "cus_1")[0] == 2


def test_a_company_moves_in_by_commands(
    shop: Shop, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    starter = priced(shop, 1900)
    customer = subscribes(shop, starter, workspace_id=None).customer or ""
    shop.loses_events()
    assert "names no workspace" in says(capsys, "compare")[1]

    says(capsys, "map-price", starter, "--plan", "starter")
    says(capsys, "link", "acme", "--customer", customer)
    dry = says(capsys, "sync", "--dry-run")
    assert "+200 minutes" in dry[1]
    assert "200 minutes would be booked; nothing was changed" in dry[1]
    with ledger.reading(shop.engine) as db:
        assert ledger.get_balance(db, "acme").plan_minutes == 0

    assert "1 subscriptions read" in says(capsys, "sync")[1]
    old = tmp_path / "old.csv"
    old.write_text("workspace_id,minutes\nacme,190\n")
    assert says(capsys, "compare", "--old-balances", str(old))[0] == 1
    old.write_text("workspace_id,minutes\nacme,200\n")
    assert says(capsys, "compare", "--old-balances", str(old))[:2] == (
        0,
        "2 equal, 0 to resolve, 0 minutes and 0 cents unexplained\n",
    )
    engine = connect(url_of_engine(shop.engine))
    with ledger.reading(engine) as db:
        assert (ledger.get_balance(db, "acme").plan_minutes, ledger.verify(db)) == (200, [])
    engine.dispose()
