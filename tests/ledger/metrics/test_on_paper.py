"""Every metric on paper: one company whose March is worked out by hand, for the whole and for each of two plans.

Ten live workspaces, all on annual plans from 1 January: Starter with 2,400 minutes (A, C, E, F, G, H, J) and Pro with
3,600 (B, D, I). March is [1 March, 1 April) UTC, read on 1 August. A `-` behind a moment is its last microsecond before.
Purchases of March: A small, medium, large; B klein (in euros), small; C medium, small; I small.
"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

import ledger
from ledger.experiments.holdouts import start_hold_out
from ledger.metrics import METRICS, measure, row_totals
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.credits import take_back
from ledger.minutes.workspaces import cancel_plan
from ledger.payments.purchases import place_purchase
from tests.databases import migrated_database
from tests.mini_ledger import pay, refund

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
AS_OF = datetime(2026, 8, 1, tzinfo=UTC)
MARCH = {"start": datetime(2026, 3, 1, tzinfo=UTC), "end": datetime(2026, 4, 1, tzinfo=UTC), "as_of": AS_OF}
PLANS = {"A": "starter", "B": "pro", "C": "starter", "D": "pro", "E": "starter"}
PLANS |= {"F": "starter", "G": "starter", "H": "starter", "I": "pro", "J": "starter"}
STORY = """
02-20 10:00  H uses 2400
03-01 00:00- C uses 2500
03-01 00:00- H buys small
03-01 00:00  A uses 2500
03-05 10:00  B uses 2880
03-05 11:00  B buys klein
03-07 10:00  C buys medium
03-07 11:00  C buys small
03-10 10:00  B uses 870
03-15 00:00- A buys small
03-15 10:00  D uses 1000
03-15 10:00  H uses 60
03-16 10:00  A uses 70
03-20 10:00  C loses small
03-20 10:00  E uses 2400
03-20 10:00  F uses 2400
03-20 10:00  G uses 2400
03-20 10:00  I uses 3600
03-20 10:00  J uses 2400
03-21 10:00  I tops-up small
03-24 10:00  B buys small
03-25 10:00  G leaves
03-30 10:00  A buys medium
03-31 12:00  B returns 333
03-31 23:00  J uses 7
04-01 00:00- A buys large
04-01 00:00  A returns 3499
04-01 00:00  C loses medium
04-01 00:00  D uses 2700
04-01 00:00  D buys small
04-01 00:00  J uses 9
04-03 10:00- E upgrades pro
04-03 10:00  F upgrades pro
04-15 10:00  I returns 999
04-29 10:00  E buys small
06-05 10:00  C buys small
"""
FEES = {("A", "small"): (59, "usd"), ("I", "small"): (49, "usd"), ("D", "small"): (61, "usd")}
FEES |= {("B", "klein"): (40, "eur")}
DISPUTES = {"small": ("03-10 10:00", 1500), "medium": ("03-31 12:00", 700)}
EVENTS = (  # received, seconds after it happened, about, delivered by, live
    ("03-01 00:00-", 100, "A", "webhook", True),
    ("03-01 00:00", 2, "A", "webhook", True),
    ("03-15 00:00", 4, "B", "webhook", True),
    ("04-01 00:00-", 9, "A", "webhook", True),
    ("04-01 00:00", 200, "B", "webhook", True),
    ("03-15 00:00", 300, "A", "poller", True),
    ("03-15 00:00", 400, None, "webhook", False),
)


def moment(written):
    """`03-05 10:00` of 2026; with `-` behind it, one microsecond earlier."""
    at = datetime.strptime(f"2026-{written.rstrip('-')}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    return at - timedelta(microseconds=written.endswith("-"))


def joins(db, workspace_id, plan, source):
    about = {"name": workspace_id, "owner_email": "o@example.com", "actor": "test", "at": BEGIN}
    ledger.create_workspace(db, workspace_id, source=source, **about)
    ledger.update_plan_allocation(db, workspace_id, plan, "annual", key="start", actor="test", at=BEGIN)


def buys(db, workspace_id, package, at, *, actor="owner", mode="live"):
    bought = place_purchase(db, workspace_id, package, mode=mode, key=f"buy {at}", actor=actor, at=at)
    pay(db, workspace_id, bought.purchase_id, at=at)
    fee_cents, currency = FEES.get((workspace_id, package), (None, None))
    db.execute(
        text(
            "UPDATE extra_minutes_purchases SET fee_cents = :fee, fee_currency = :currency WHERE purchase_id = :p"
        ),
        {"fee": fee_cents, "currency": currency, "p": bought.purchase_id},
    )


def loses(db, workspace_id, package, at):
    """A dispute about the only purchase of a package, opened earlier, is lost and its minutes go."""
    opened_at, fee_cents = DISPUTES[package]
    row = db.execute(
        text(
            "UPDATE extra_minutes_purchases SET dispute_status = 'lost' WHERE workspace_id = :w AND package = :package "
            "RETURNING purchase_id, lot_id, minutes, amount_cents"
        ),
        {"w": workspace_id, "package": package},
    ).one()
    about = {"key": f"lost {package}", "actor": "stripe", "at": at, "reason": "dispute lost"}
    take_back(db, workspace_id, row.lot_id, row.minutes, kind="dispute", **about)
    db.execute(
        text(
            "INSERT INTO disputes (workspace_id, dispute_id, purchase_id, amount_cents, currency, status, fee_cents, "
            "opened_at, closed_at) VALUES (:w, :d, :p, :cents, 'usd', 'lost', :fee, :opened_at, :at)"
        ),
        {"w": workspace_id, "d": f"dp_{package}", "p": row.purchase_id, "cents": row.amount_cents}
        | {"fee": fee_cents, "opened_at": moment(opened_at), "at": at},
    )


def happens(db, workspace_id, verb, noun, at):
    if verb == "uses":
        ledger.track_minutes(db, workspace_id, int(noun), key=f"use {at}", at=at)
    elif verb in ("buys", "tops-up"):
        buys(db, workspace_id, noun, at, actor="owner" if verb == "buys" else "auto top-up")
    elif verb == "returns":
        refund(db, workspace_id, at=at, cents=int(noun))
    elif verb == "loses":
        loses(db, workspace_id, noun, at)
    elif verb == "upgrades":
        ledger.update_plan_allocation(db, workspace_id, noun, "annual", key="up", actor="test", at=at)
    else:
        cancel_plan(db, workspace_id, key="leave", actor="owner", at=at)


def receives(db):
    for number, (received, seconds, workspace_id, delivered_by, livemode) in enumerate(EVENTS):
        at = moment(received)
        db.execute(
            text(
                "INSERT INTO stripe_events (event_id, type, livemode, source, created, received_at, delivered_by, "
                "sha256, status, workspace_id) VALUES (:id, 'charge.updated', :livemode, :source, :created, :at, :by, "
                "'x', 'done', :w)"
            ),
            {"id": f"evt_{number}", "livemode": livemode, "source": "live" if livemode else "stripe_test"}
            | {"created": at - timedelta(seconds=seconds), "at": at, "by": delivered_by, "w": workspace_id},
        )


def holds_out(db):
    """Test mode: thirty of each arm hit the limit on 2 March; six who see the offer leave in time, of the others fifteen."""
    hit_at = moment("03-02 10:00")
    about = {"share_percent": 50, "hits_needed": 30, "reason": "worth it?", "actor": "ada"}
    start_hold_out(db, "spring", source="stripe_test", starts_at=moment("03-02 10:00"), **about)
    for arm, leaving in (("treatment", 6), ("control", 15)):
        names = db.scalars(
            text(
                "SELECT 'T' || n FROM generate_series(1, 200) n "
                "WHERE hold_out_arm('T' || n, 'spring', 50) = :arm ORDER BY n LIMIT 30"
            ),
            {"arm": arm},
        ).all()
        for number, name in enumerate(names):
            joins(db, name, ("starter", "pro")[number % 2], "stripe_test")
            ledger.track_minutes(db, name, 3600, key="all", at=hit_at)
            left_at = hit_at + timedelta(days=90) - timedelta(microseconds=number < leaving)
            cancel_plan(db, name, key="leave", actor="owner", at=left_at)


@pytest.fixture(scope="module")
def company():
    """The company, its customers in test mode, and a rehearsal in the sandbox that no live number may hold."""
    with migrated_database() as engine, engine.connect() as db, db.begin() as transaction:
        db.exec_driver_sql(
            "INSERT INTO extra_minutes_packages (code, version, arm, name, minutes, amount_cents, currency, "
            "valid_from, created_by) VALUES ('klein', 1, 'standard', 'Klein', 100, 1000, 'eur', '2026-01-01', 'test')"
        )
        for workspace_id, plan in PLANS.items():
            joins(db, workspace_id, plan, "live")
        for line in STORY.strip().splitlines():
            workspace_id, verb, *noun = line[12:].split()
            happens(db, workspace_id, verb, noun[0] if noun else "", moment(line[:12].strip()))
        receives(db)
        joins(db, "X", "pro", "sandbox")
        ledger.track_minutes(db, "X", 9_999, key="all", at=moment("03-12 10:00"))
        buys(db, "X", "jumbo", moment("03-13 10:00"), mode="sandbox")
        holds_out(db)
        refresh_rollups(db, at=AS_OF)
        yield db
        transaction.rollback()


# Slug and currency: the working, then the number of all, of Starter and of Pro.
PAPER = {
    ("alert-to-purchase", None): (
        "10 warnings: A twice, B twice, E F G H I J; bought: A's first (last instant), B's first, I. Day 14 is too late",
        *(30.0, 14.3, 66.7),
    ),
    ("arppu", "usd"): ("A 999 + 1999, B 999 - 333; C and I got all back: 3664 / 2", 1832, 2998, 666),
    ("arppu", "eur"): ("B 1000", 1000, None, 1000),
    ("average-package-minutes", None): ("60 150 300 150 60 | 100 60 60: 940 / 8", 117.5, 144, 73.3333),
    ("average-package-minutes-net", None): ("60 150 | 100 60 (a third of it back): 370 / 4", 92.5, 105, 80),
    ("average-package-revenue", "usd"): ("9495 / 5 and 1998 / 2", 1641.8571, 1899, 999),
    ("average-package-revenue", "eur"): ("B 1000", 1000, None, 1000),
    ("average-package-revenue-net", "usd"): ("999 + 1999 | 666: 3664 / 3", 1221.3333, 1499, 666),
    ("average-package-revenue-net", "eur"): ("B 1000", 1000, None, 1000),
    ("bought-before-limit", None): ("B's klein of 8; its small came after its hit", 12.5, 0, 33.3),
    ("conversion", None): (
        "A (last instant of day 14) and I of A B E F G H I J; C hit just before March, D just after",
        *(25.0, 16.7, 50.0),
    ),
    ("conversion-first-hit", None): ("as conversion without H, which first hit in February", 28.6, 20, 50),
    ("conversion-net", None): ("A alone: I got everything back", 12.5, 16.7, 0),
    ("conversion-per-hit", None): ("9 hits, A's second (bought on day 14) for nothing", 22.2, 14.3, 50),
    ("conversion-top-up", None): ("I's purchase was a top-up", 12.5, 0, 50),
    ("days-of-cover", None): (
        "left x 59 days / use of both months: A 450/2570, B 40/3750, C 150/2500, D 2600/1000, I 60/3600, E F G H J 0: "
        "the middle of ten is half of B's 0.6293; Starter's middle is 0, Pro's is I",
        *(0.3147, 0, 0.9833),
    ),
    ("disputes-lost", "usd"): ("C's small; its medium is lost in the first instant of April", 999, 999, 0),
    ("disputes-lost", "eur"): ("none", 0, 0, 0),
    ("fees", "usd"): ("59 + 49 for payments, 1500 + 700 for disputes opened; D's is April's", 2308, 2259, 49),
    ("fees", "eur"): ("B's klein", 40, 0, 40),
    ("incidence", None): ("day 1 I, day 14 A and B of A B E F G I J; G left on day 5: 3 / 7", 42.9, 20, 100),
    ("liability-minutes", None): (
        "A 150 + 300, C 150 | B 40, I 60; April's returns are still owed",
        *(700, 600, 100),
    ),
    ("liability-money", "usd"): ("1999 + 3499 + 1999 | 40/60 of 999, 999", 9162, 7497, 1665),
    ("liability-money", "eur"): ("used up", 0, 0, 0),
    ("liability-moves-minutes", None): ("sold 940, used A 60 H 60 B 100, back C 60 B 20", 640, 540, 100),
    ("liability-moves-money", "usd"): ("sold 11493, used 999 + 999, back 999 + 333", 8163, 6498, 1665),
    ("liability-moves-money", "eur"): ("sold 1000, used 1000", 0, 0, 0),
    ("median-package-minutes", None): ("60 60 60 60 100 150 150 300: between 60 and 100", 80, 150, 60),
    ("price-per-minute", "usd"): ("9495 / 720 and 1998 / 120", 13.6821, 13.1875, 16.65),
    ("price-per-minute", "eur"): ("1000 / 100", 10, None, 10),
    ("recognised-money", "usd"): ("used 999 + 999, back 999 + 333, of which repaid 999 + 333", 1998, 1998, 0),
    ("recognised-money", "eur"): ("B used its 100 minutes", 1000, 0, 1000),
    ("refund-rate", None): ("A's large, C's both, I's of 8; B's went back in part", 50, 60, 33.3),
    ("refunds", "usd"): ("B 333; A's 3499 is of April's first instant", 333, 0, 333),
    ("refunds", "eur"): ("none", 0, 0, 0),
    ("repeat-rate", None): ("A and B of A B C I; C again the same day and on day 90", 50, 50, 50),
    ("retention-effect", None): (
        "24 of 30 stayed 90 days, of those held out 15: 80 - 50; a plan has 15 in an arm, 30 are needed",
        *(30, None, None),
    ),
    ("revenue-gross", "usd"): ("999 1999 3499 1999 999 | 999 999; neither H's nor D's", 11493, 9495, 1998),
    ("revenue-gross", "eur"): ("B 1000", 1000, 0, 1000),
    ("revenue-net", "usd"): ("11493 - 333 - 999", 10161, 8496, 1665),
    ("revenue-net", "eur"): ("B 1000", 1000, 0, 1000),
    ("revenue-per-hitter", "usd"): ("A 2998, E 999, F G J 0 | B 666, I 0: 4663 / 7", 666.1429, 799.4, 333),
    ("revenue-per-hitter", "eur"): ("B bought before its hit", 0, 0, 0),
    ("time-to-purchase", None): ("4 of 7 with E on day 40; Starter stays at 2 of 5", 40, None, 1),
    ("unmet-minutes", None): (
        "A 100 + 10, J 7 | B 50; C's of February, D's and J's 9 of April",
        *(167, 117, 50),
    ),
    ("upgrade-after-hit", None): ("E in the last instant of day 14, F on day 14: 1 of 7", 14.3, 20, 0),
    ("use-by-age", None): ("A's small 60, B's klein 100; H's is February's", 160, 60, 100),
    ("webhook-lag", None): ("2 4 9 seconds; outside March, polled and test mode left out", 4, 5.5, 4),
}
SOURCES = {"retention-effect": "stripe_test"}
COUNTED = [case for case in PAPER if METRICS[case[0]].estimate in ("ratio", "mean", "slow-mean", "sum")]


def test_every_metric_is_worked_out_on_paper_in_both_currencies_where_it_is_money():
    in_cents = {slug for slug, metric in METRICS.items() if metric.unit == "cents"}
    wanted = {(slug, currency) for slug in in_cents for currency in ("usd", "eur")}

    assert set(PAPER) == wanted | {(slug, None) for slug in METRICS if slug not in in_cents}


@pytest.mark.parametrize(("slug", "currency"), PAPER)
def test_a_metric_is_what_paper_says_for_the_whole_and_for_each_plan(company, slug, currency):
    _working, *on_paper = PAPER[slug, currency]
    selection = {**MARCH, "source": SOURCES.get(slug, "live"), "currency": currency}

    measured = [measure(company, slug, **selection, plan=plan).value for plan in (None, "starter", "pro")]

    assert measured == [None if value is None else pytest.approx(value, abs=1e-4) for value in on_paper]


@pytest.mark.parametrize(("slug", "currency"), COUNTED)
def test_the_rows_behind_a_metric_add_up_to_what_paper_says(company, slug, currency):
    """Daily sums begin and end with days, so that only rows show what belongs to the first and the last instant."""
    _working, *on_paper = PAPER[slug, currency]
    estimate = METRICS[slug].estimate

    for plan, value in zip((None, "starter", "pro"), on_paper, strict=True):
        behind = row_totals(company, slug, **MARCH, source="live", currency=currency, plan=plan)
        divisor = {"sum": 1, "ratio": behind.weight / 100}.get(estimate, behind.weight)
        added_up = float(behind.value) / divisor if divisor else None
        assert added_up == (None if value is None else pytest.approx(value, abs=0.051))
