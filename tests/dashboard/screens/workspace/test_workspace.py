"""The parts of the Workspace page: the answer adds up, pictures show what they say, old customers stay readable."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection

import ledger
from dashboard.clock import present
from dashboard.screens.workspace import pictures
from dashboard.screens.workspace.answer import LISTED, answer
from dashboard.screens.workspace.headline import days_of_cover, state, subscription
from ledger.minutes.explanations import LotStory, current_hit, explain_lots
from tests.stories import Story


def _stories(acme: Story) -> list[LotStory]:
    return explain_lots(acme.db, acme.workspace_id, at=acme.now)


def _answer(acme: Story) -> str:
    balance = ledger.get_balance(acme.db, acme.workspace_id, at=acme.now)
    return answer(balance, _stories(acme), acme.now)


def test_the_answer_says_what_came_in_what_went_out_and_that_it_adds_up(db: Connection) -> None:
    acme = Story(db)
    acme.plan()
    acme.later(days=1).gets(60, "grant")
    acme.later(days=1).uses(210)
    acme.later(days=1).voids("grant", 20)

    said = _answer(acme)

    assert "you have 30 minutes left: 0 plan minutes and 30 extra minutes." in said
    assert "200 minutes with your plan. 200 used on Feb 2, 2026. 0 left." in said
    assert "60 minutes as a grant. 10 used on Feb 2, 2026. 20 were taken back unused. 30 left." in said
    assert "In total: 260 credited − 210 used − 20 taken back = 30 left." in said


def test_a_long_history_is_summed_up_and_still_adds_up(db: Connection) -> None:
    acme = Story(db)
    for _ in range(LISTED + 5):
        acme.later(days=1).gets(10)
    acme.uses(55)

    said = _answer(acme)

    assert "5 earlier credits until Feb 5, 2026: 50 minutes, of which 0 are left." in said
    assert said.count("minutes as a grant") == LISTED
    assert "In total: 170 credited − 55 used = 115 left." in said


def test_use_that_was_reported_late_is_explained(db: Connection) -> None:
    acme = Story(db)
    acme.plan()
    early = acme.now + timedelta(hours=1)
    acme.later(days=2).gets(50)
    acme.uses(230, at=early)
    balance = ledger.get_balance(db, acme.workspace_id, at=early)

    said = answer(balance, explain_lots(db, acme.workspace_id, at=early), early)

    assert (balance.total_minutes, balance.drawn_later) == (0, 30)
    assert "= " in said


def test_the_waterfall_ends_at_the_balance_and_merges_what_is_old(db: Connection) -> None:
    acme = Story(db)
    for _ in range(pictures.WATERFALL_LOTS + 3):
        acme.later(days=1).gets(10)
    acme.uses(35)

    [bars] = pictures.waterfall(_stories(acme)).data

    assert bars.x[0] == "3 earlier lots"
    assert list(bars.y[-2:]) == [-35, 75]
    assert sum(bars.y[:-1]) == bars.y[-1]


def test_a_package_is_named_by_its_letters_on_the_waterfall(db: Connection) -> None:
    acme = Story(db)
    acme.buys("small")
    named = [replace(story, package_name="Big_pack* <b>&</b>") for story in _stories(acme)]

    [bars] = pictures.waterfall(named).data

    assert bars.x[0].startswith("Big_pack* &lt;b&gt;&amp;&lt;/b&gt; · ")


def test_the_balance_chart_ends_at_the_present_balance(db: Connection) -> None:
    acme = Story(db)
    acme.plan()
    acme.later(days=1).uses(50)
    acme.later(days=1).uses(10, at=acme.now - timedelta(days=1, hours=12))

    [plan] = pictures.balance_over_time(ledger.list_entries(db, acme.workspace_id)).data

    assert list(plan.y) == [200, 150, 140]
    acme.gets(60)
    plan, extra = pictures.balance_over_time(ledger.list_entries(db, acme.workspace_id)).data
    assert list(extra.y) == [0, 0, 0, 60]
    assert list(plan.x) == sorted(plan.x)


@pytest.mark.parametrize(("used", "cover"), [(0, "–"), (100, "30"), (200, "0")])
def test_days_of_cover_follow_the_pace_and_are_unknown_without_one(
    db: Connection, used: int, cover: str
) -> None:
    acme = Story(db, now=present() - timedelta(days=10))
    acme.plan()
    if used:
        acme.later(days=1).uses(used)

    balance = ledger.get_balance(db, acme.workspace_id)

    assert days_of_cover(db, balance) == cover
    assert subscription(db, balance) == "Starter, monthly"


@pytest.mark.parametrize(
    ("used", "unmet", "extra", "cover", "said", "tone"),
    [
        (0, 0, 0, "–", "**200 min left**, 0.0% used.", "good"),
        (159, 0, 0, "8", "**41 min left**, 79.5% used, about 8 days at the current pace.", "good"),
        (
            160,
            0,
            0,
            "1",
            "**Running low**: 40 min left, 80.0% used, about 1 day at the current pace.",
            "attention",
        ),
        (200, 0, 0, "0", "**Blocked since Jan 31, 2026**: nothing is left. Next reset Feb 28, 2026.", "bad"),
        (
            201,
            1,
            0,
            "0",
            "**Blocked since Jan 31, 2026**, requested 1 more minute. Next reset Feb 28, 2026.",
            "bad",
        ),
        (
            210,
            0,
            60,
            "5",
            "**Running low**: 50 min left, 80.7% used, about 5 days at the current pace.",
            "attention",
        ),
        (
            210,
            0,
            300,
            "9",
            "**290 min left**, 42.0% used, about 9 days at the current pace; extra minutes are in use.",
            "good",
        ),
    ],
)
def test_the_state_of_a_workspace_is_one_sentence(
    db: Connection, used: int, unmet: int, extra: int, cover: str, said: str, tone: str
) -> None:
    acme = Story(db)
    acme.plan()
    if extra:
        acme.gets(extra)
    if used:
        acme.uses(used)
    balance = ledger.get_balance(db, acme.workspace_id)
    hit = current_hit(db, acme.workspace_id, epoch=balance.epoch)

    sentence, actual = state(balance, hit, cover)

    assert (hit.unmet_minutes if hit else 0) == unmet
    assert actual == tone
    assert sentence == said


def test_a_workspace_without_credits_or_emptied_by_hand_is_not_called_blocked(db: Connection) -> None:
    acme = Story(db)
    assert (
        state(ledger.get_balance(db, acme.workspace_id), None, "–")[0]
        == "**No minutes yet**: nothing was credited."
    )
    acme.gets(60, "gift")
    acme.voids("gift", 60)
    assert "Blocked" not in state(ledger.get_balance(db, acme.workspace_id), None, "–")[0]
