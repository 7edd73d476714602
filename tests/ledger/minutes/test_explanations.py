"""Why a balance is what it is: the stories of the lots add up to the balance, now and as of any day."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

import ledger
from ledger.minutes.explanations import explain_lots, list_payment_events, list_usage_alerts, usage_days
from ledger.notify.webhook_endpoints import create_endpoint
from tests.stories import Story


def test_granted_minus_used_minus_voided_is_what_remains(db: Connection) -> None:
    acme = Story(db)
    acme.plan()
    grant = acme.later(days=1).gets(60)
    acme.later(days=1).uses(230)
    ledger.void_minutes(
        db,
        acme.workspace_id,
        grant.lot_id,
        10,
        reason="too much",
        key="v",
        actor="sam",
        at=acme.later(hours=1).now,
    )

    plan, extra = explain_lots(db, acme.workspace_id, at=acme.now)

    assert (plan.credited_by, plan.minutes, plan.used, plan.remaining) == ("allocation", 200, 200, 0)
    assert (extra.credited_by, extra.minutes, extra.used, extra.voided, extra.remaining) == (
        "grant",
        60,
        30,
        10,
        20,
    )
    assert extra.reason == "goodwill"


@settings(max_examples=25)
@given(steps=st.lists(st.tuples(st.sampled_from(["use", "grant", "plan"]), st.integers(1, 150)), max_size=12))
def test_the_stories_add_up_to_the_balance_as_of_every_moment(
    db: Connection, steps: list[tuple[str, int]]
) -> None:
    acme = Story(db)
    moments = [acme.now]
    for kind, minutes in steps:
        acme.later(hours=7)
        if kind == "use":
            acme.uses(minutes)
        elif kind == "grant":
            acme.gets(minutes)
        else:
            acme.plan()
        moments.append(acme.now)

    for moment in moments:
        stories = explain_lots(db, acme.workspace_id, at=moment)
        balance = ledger.get_balance(db, acme.workspace_id, at=moment)
        assert sum(story.remaining for story in stories) == balance.total_minutes


def test_uses_are_summed_by_day_of_the_time_zone_with_the_minutes_that_were_missing(db: Connection) -> None:
    acme = Story(db)
    acme.plan()
    late = acme.now.replace(hour=23, minute=30)
    ledger.track_minutes(db, acme.workspace_id, 250, key="late", at=late)
    until = late + timedelta(days=2)

    [utc] = usage_days(db, acme.workspace_id, since=acme.now, until=until, zone="UTC")
    [berlin] = usage_days(db, acme.workspace_id, since=acme.now, until=until, zone="Europe/Berlin")

    assert (utc.plan_minutes, utc.extra_minutes, utc.unmet_minutes, utc.uses) == (200, 0, 50, 1)
    assert (utc.day, berlin.day) == (late.date(), late.date() + timedelta(days=1))


def test_what_was_crossed_is_listed_with_its_delivery(db: Connection) -> None:
    acme = Story(db)
    other = Story(db)
    other.plan()
    create_endpoint(db, "https://x.example/hook", ["usage.threshold"], actor="ada", at=acme.now)
    acme.plan()
    acme.uses(200)

    crossed = {usage_alert.kind for usage_alert in list_usage_alerts(db, acme.workspace_id)}

    assert {"used_80", "used_90", "used_100", "limit_hit"} <= crossed
    assert {each.kind: each.delivery for each in list_usage_alerts(db, acme.workspace_id)} == {
        "used_80": "pending",
        "used_90": "pending",
        "used_100": "pending",
        "limit_hit": "off",
    }
    assert list_usage_alerts(db, other.workspace_id) == []
    assert list_payment_events(db, acme.workspace_id) == []
