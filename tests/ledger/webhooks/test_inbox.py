"""The inbox: only proven events, each once, worked on until done or given up, and purged of personal data."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

import ledger
from ledger.payments.errors import NoWebhookSecret
from ledger.settings import Secret
from ledger.stripe_gateway import BadSignature
from ledger.stripe_gateway.signatures import sign
from ledger.webhooks.inbox import list_events, pause_after, poll_events, purge_events, receive
from tests.shop import EVENTS, NEVER_STORED, SETTINGS, WEBHOOK_SECRET, Shop

RAW = (EVENTS / "customer.updated.json").read_bytes()


def stored(shop: Shop):
    with ledger.reading(shop.engine) as db:
        return list_events(db)


def test_a_signed_event_is_stored_as_pending_and_nothing_else_happens(shop: Shop):
    received = shop.receives(RAW)

    assert (received.status, received.repeated) == ("pending", False)
    (event,) = stored(shop)
    assert (event.type, event.attempts, event.delivered_by) == ("customer.updated", 0, "webhook")


def test_the_same_event_is_stored_once_however_often_it_comes(shop: Shop):
    with ThreadPoolExecutor(8) as pool:
        received = list(pool.map(lambda _: shop.receives(RAW), range(8)))

    assert sorted(each.repeated for each in received) == [False] + [True] * 7
    assert [event.deliveries for event in stored(shop)] == [8]


@pytest.mark.parametrize(
    ("body", "header"),
    [
        (RAW, None),
        (RAW, ""),
        (RAW, "t=1,v1=00"),
        (RAW, "nonsense"),
        (RAW, "v0"),
        (RAW + b" ", "signed"),
        (json.dumps(json.loads(RAW)).encode(), "signed"),
        (b"not json", "signed itself"),
        (b'{"id": "evt_1"}', "signed itself"),
    ],
)
def test_forged_changed_and_reserialised_bodies_are_refused_and_not_stored(shop: Shop, body, header):
    if header == "signed":
        header = sign(RAW, WEBHOOK_SECRET, shop.now)
    elif header == "signed itself":
        header = sign(body, WEBHOOK_SECRET, shop.now)

    with pytest.raises(BadSignature):
        receive(shop.engine, body, header, SETTINGS, shop.now)
    assert stored(shop) == []


@pytest.mark.parametrize(
    "change",
    [
        {"id": "evt_\x00"},
        {"id": "evt_\ud800"},
        {"id": 5},
        {"type": "a\x00b"},
        {"type": None},
        {"api_version": {"year": 2025}},
        {"api_version": "\ud800"},
        {"created": 10**18},
        {"created": 1e300},
        {"data": {"object": {"id": "cus_\x00"}}},
        {"deep": json.loads("[" * 60 + "]" * 60)},
    ],
)
def test_a_signed_body_that_is_no_event_of_stripe_is_refused_as_one(shop: Shop, change):
    raw = json.dumps(json.loads(RAW) | change).encode()

    with pytest.raises(BadSignature, match="not a snapshot event"):
        shop.receives(raw)
    assert stored(shop) == []


def test_a_signed_body_that_never_ends_is_refused(shop: Shop):
    with pytest.raises(BadSignature, match="not a snapshot event"):
        shop.receives(b"[" * 100_000)

    assert stored(shop) == []


@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_expired_and_future_signatures_are_refused(shop: Shop, seconds):
    with pytest.raises(BadSignature):
        shop.receives(RAW, signed=shop.now + timedelta(seconds=seconds))

    assert stored(shop) == []


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_signatures_of_five_minutes_either_way_are_taken(shop: Shop, seconds):
    assert shop.receives(RAW, signed=shop.now + timedelta(seconds=seconds)).status == "pending"


def test_a_signature_by_another_secret_is_refused(shop: Shop):
    with pytest.raises(BadSignature):
        shop.receives(RAW, secret="whsec_of_somebody_else")


def test_while_a_secret_is_replaced_both_are_taken(shop: Shop):
    shop.settings = replace(SETTINGS, stripe_webhook_secrets=(Secret("whsec_new"), Secret(WEBHOOK_SECRET)))

    assert not shop.receives(RAW).repeated
    assert shop.receives(RAW, secret="whsec_new").repeated


def test_without_a_configured_secret_nothing_can_be_proven(shop: Shop):
    for secrets in ((), (Secret(""),)):
        shop.settings = replace(SETTINGS, stripe_webhook_secrets=secrets)
        with pytest.raises(NoWebhookSecret):
            shop.receives(RAW, secret="whsec_any")


@pytest.mark.parametrize(
    "change",
    [
        ('"livemode": false', '"livemode": true'),
        ('"object": "event"', '"object": "event", "account": "acct_1"'),
    ],
)
def test_events_of_live_mode_or_of_other_accounts_are_stored_as_refused_without_effect(shop: Shop, change):
    purchase = shop.buys("small")
    shop.loses_events()
    body = (EVENTS / "payment_intent.succeeded.json").read_text().replace(*change)
    body = body.replace("{payment_intent}", purchase.payment_intent)

    received = shop.receives(body.encode())
    shop.works()

    assert received.status == "refused"
    assert shop.event(received.event_id)["status"] == "refused"
    assert shop.extra() == 0


def test_the_poller_brings_what_no_delivery_brought_into_the_same_inbox_once(shop: Shop):
    shop.gateway.plan_fault("webhook_lost", times=2)  # of the new customer, and of the payment
    purchase = shop.buys("small")
    assert stored(shop) == []

    new = poll_events(shop.engine, shop.gateway, at=shop.now)
    again = poll_events(shop.engine, shop.gateway, at=shop.now)
    shop.works()

    assert (new, again) == (2, 0)
    assert {event.delivered_by for event in stored(shop)} == {"poller"}
    assert (shop.purchase(purchase).status, shop.extra()) == ("paid", 60)


def test_a_first_poll_by_a_clock_that_is_ahead_skips_nothing_that_comes_afterwards(shop: Shop):
    assert poll_events(shop.engine, shop.gateway, at=shop.now + timedelta(days=400)) == 0
    shop.gateway.plan_fault("webhook_lost", times=2)
    shop.buys("small")

    assert poll_events(shop.engine, shop.gateway, at=shop.now) == 2


def test_bodies_are_purged_after_their_time_ids_and_hash_stay(shop: Shop):
    shop.bought("small")
    shop.delivers("refund.created", payment_intent="pi_sbx_unknown", charge="ch_sbx_unknown")
    later = shop.now + timedelta(days=91)

    with ledger.writing(shop.engine) as db:
        purged = purge_events(db, at=later)

    rows = shop.rows("SELECT raw, sha256, status, purged_at FROM stripe_events")
    assert purged == 4
    assert [row["raw"] is None for row in rows if row["status"] != "pending"] == [True] * 4
    assert [row["raw"] is None for row in rows if row["status"] == "pending"] == [False], (
        "work needs its body"
    )
    assert all(len(row["sha256"]) == 64 for row in rows)


def test_events_are_filtered_by_id_object_workspace_type_and_state(shop: Shop):
    purchase = shop.bought("small")
    event = next(each for each in stored(shop) if each.type == "charge.succeeded")

    with ledger.reading(shop.engine) as db:
        result = {
            text: [each.type for each in list_events(db, text)]
            for text in (event.event_id, purchase.charge, "acme", "payment_intent.", "nothing like this")
        }
        done = list_events(db, status="done")

    assert result[event.event_id] == result[purchase.charge] == ["charge.succeeded"]
    assert len(result["acme"]) == len(done) == 2
    assert set(result["payment_intent."]) == {"payment_intent.created", "payment_intent.succeeded"}
    assert result["nothing like this"] == []


def test_pages_of_events_follow_each_other_without_gaps(shop: Shop):
    for _ in range(3):
        shop.bought("small")

    with ledger.reading(shop.engine) as db:
        everything = [event.event_id for event in list_events(db)]
        first = [event.event_id for event in list_events(db, limit=4)]
        rest = [event.event_id for event in list_events(db, before=first[-1])]

    assert first + rest == everything


def test_pauses_differ_by_event_so_that_a_herd_spreads():
    pauses = {pause_after(3, f"evt_{n}") for n in range(50)}

    assert len(pauses) > 25
    assert all(timedelta(seconds=45) <= pause <= timedelta(seconds=54) for pause in pauses)


def test_logs_never_show_secrets(shop: Shop, caplog):
    caplog.set_level("DEBUG")

    shop.buys("small", None)
    shop.delivers("charge.failed", payment_intent="pi_sbx_unknown", charge="ch_sbx_unknown")
    shop.delivers("refund.created", payment_intent="pi_sbx_unknown", charge="ch_sbx_unknown")
    shop.works()

    assert "failed" in caplog.text
    for trace in (*NEVER_STORED, WEBHOOK_SECRET):
        assert trace not in caplog.text
