"""Working on the inbox: tried again, given up, replayed, taken over from dead workers, shared by live ones."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

import ledger
from ledger.minutes.verify import verify
from ledger.payments.errors import UnknownEvent
from ledger.stripe_gateway import GatewayUnavailable
from ledger.webhooks.inbox import TRIES, inbox_state, list_events, replay, work_inbox
from tests.shop import EVENTS, Shop

RAW = (EVENTS / "customer.updated.json").read_bytes()


def stored(shop: Shop):
    with ledger.reading(shop.engine) as db:
        return list_events(db)


def test_an_event_before_its_object_is_tried_again_with_longer_pauses_and_then_given_up(shop: Shop):
    received = shop.delivers("refund.created", payment_intent="pi_sbx_unknown", charge="ch_sbx_unknown")

    waits = []
    for _ in range(TRIES):
        shop.works()
        event = shop.event(received.event_id)
        if event["next_attempt_at"]:
            waits.append((event["next_attempt_at"] - shop.now).total_seconds())
            shop.now = event["next_attempt_at"]

    assert shop.event(received.event_id)["status"] == "dead"
    assert "unknown_at_stripe" in shop.event(received.event_id)["error"]
    assert len(waits) == TRIES - 1
    assert all(5 * 3**n <= wait <= 6 * 3**n for n, wait in enumerate(waits))


def test_a_dead_event_is_replayed_by_hand_and_by_resend_at_stripe(shop: Shop):
    purchase = shop.buys("small")
    shop.loses_events()
    body = {"payment_intent": purchase.payment_intent, "charge": "ch_sbx_x", "purchase": purchase.purchase_id}
    received = shop.delivers("payment_intent.succeeded", **body)
    shop.runs("UPDATE stripe_events SET status = 'dead', attempts = 8, next_attempt_at = NULL")

    assert shop.delivers("payment_intent.succeeded", **body).repeated
    shop.works()
    assert (shop.event(received.event_id)["status"], shop.extra()) == ("done", 60)
    with ledger.writing(shop.engine) as db:
        replay(db, received.event_id, at=shop.now)
    shop.works()

    assert (shop.event(received.event_id)["effect"], shop.extra()) == ("already up to date", 60)


def test_what_is_refused_or_unknown_cannot_be_replayed(shop: Shop):
    received = shop.receives(RAW.replace(b'"livemode": false', b'"livemode": true'))

    for event_id in (received.event_id, "evt_nobody"):
        with pytest.raises(UnknownEvent), ledger.writing(shop.engine) as db:
            replay(db, event_id, at=shop.now)


def test_an_event_whose_worker_died_is_taken_again_after_its_lease(shop: Shop):
    purchase = shop.buys("small")
    shop.runs(
        "UPDATE stripe_events SET status = 'processing', attempts = 1, next_attempt_at = :lease",
        lease=shop.now + timedelta(minutes=5),
    )
    assert (shop.works(), shop.extra()) == (0, 0)

    shop.later(minutes=5)
    shop.works()

    assert (shop.extra(), shop.purchase(purchase).status) == (60, "paid")


def test_four_workers_at_once_do_each_event_once(shop: Shop):
    for _ in range(6):
        shop.buys("small")

    with ThreadPoolExecutor(4) as pool:
        gateways = {"sandbox": shop.gateway}
        taken = list(pool.map(lambda _: work_inbox(shop.engine, gateways, at=shop.now, limit=6), range(4)))

    assert sum(taken) == len(stored(shop)) == 1 + 6 * 3
    assert {event.attempts for event in stored(shop)} == {1}
    assert shop.extra() == 360


def test_when_stripe_is_down_events_wait_and_are_never_given_up(shop: Shop):
    shop.buys("small")
    shop.runs("UPDATE stripe_events SET attempts = 50")

    class Down:
        """A gateway that cannot be reached."""

        livemode, source = False, "sandbox"

        def __getattr__(self, name):
            raise GatewayUnavailable("down", outcome_unknown=False)

    work_inbox(shop.engine, {"sandbox": Down()}, at=shop.now)

    assert {event.status for event in stored(shop)} == {"failed", "ignored"}
    with ledger.reading(shop.engine) as db:
        assert (inbox_state(db).failed, inbox_state(db).dead) == (2, 0)
    shop.later(hours=4)
    shop.works()
    assert shop.extra() == 60


def test_the_proof_waits_for_events_that_are_on_their_way_and_misses_those_that_are_lost(shop: Shop):
    shop.buys("small")
    with ledger.reading(shop.engine) as db:
        assert verify(db) == []

    shop.loses_events()

    with ledger.reading(shop.engine) as db:
        assert [finding.check for finding in verify(db)] == ["purchases"]


@pytest.mark.parametrize(("ahead", "minutes"), [("400 days", 60), ("3 hours", 0)])
def test_an_event_claimed_by_a_clock_far_ahead_is_due_and_one_that_pauses_is_not(
    shop: Shop, ahead: str, minutes: int
) -> None:
    shop.buys("small")
    shop.runs(
        "UPDATE stripe_events SET status = 'processing', attempts = 1, next_attempt_at = :now + CAST(:ahead AS interval)",
        now=shop.now,
        ahead=ahead,
    )

    shop.works()

    assert shop.extra() == minutes
