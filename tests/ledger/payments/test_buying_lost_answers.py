"""Lost answers and killed processes: one payment, one credit, whatever was known at the time."""

import os
import signal
import subprocess
import sys

import pytest

import ledger
from ledger.payments import buying
from ledger.payments.errors import EventForAnother, PaymentTooOld
from ledger.payments.reconcile import reconcile
from tests.commands import PATIENCE_SECONDS
from tests.shop import Shop


def reconciled(shop: Shop):
    since = shop.now.replace(year=shop.now.year - 1)
    until = shop.now.replace(year=shop.now.year + 1)
    return reconcile(shop.engine, shop.gateway, since=since, until=until, actor="test", at=shop.now)


def test_the_charge_was_made_and_the_answer_lost_one_payment_is_credited_once(shop: Shop):
    shop.buys_unanswered(key="cart-1")

    again = shop.buys(key="cart-1")
    shop.works()

    assert (again.status, shop.extra()) == ("paid", 60)
    assert len(list(shop.gateway.list_payments(created_gte=shop.now.replace(year=2025)))) == 1


def test_the_charge_was_made_the_answer_lost_and_nobody_asks_again_the_event_credits(shop: Shop):
    shop.buys_unanswered()

    shop.works()

    assert shop.extra() == 60


def test_a_payment_begun_a_day_ago_without_an_answer_is_not_sent_again(shop: Shop):
    shop.buys_unanswered(key="cart-1")

    with pytest.raises(PaymentTooOld):
        shop.later(days=2).buys(key="cart-1")


def test_a_payment_of_another_purchase_cannot_be_attached(shop: Shop):
    paid = shop.buys("small")
    waiting = shop.buys("small", None)
    shop.runs(
        "UPDATE extra_minutes_purchases SET payment_intent = NULL WHERE purchase_id = :id",
        id=waiting.purchase_id,
    )

    with pytest.raises(EventForAnother), ledger.writing(shop.engine) as db:
        buying.sync_purchase(
            db, shop.gateway, "acme", waiting.purchase_id, at=shop.now, payment_intent=paid.payment_intent
        )


def test_a_process_killed_between_charge_and_commit_loses_nothing(shop: Shop, tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(KILLED)
    url = shop.engine.url.render_as_string(hide_password=False)
    environment = os.environ | {"LEDGER_URL": url, "NOW": shop.now.isoformat()}

    killed = subprocess.run([sys.executable, script], env=environment, check=False, timeout=PATIENCE_SECONDS)

    assert killed.returncode == -signal.SIGKILL
    row = shop.rows("SELECT status, payment_intent FROM extra_minutes_purchases")
    assert row == [{"status": "requires_payment", "payment_intent": None}], (
        "our row knows nothing of the charge"
    )
    report = reconciled(shop)
    assert [(finding.kind, finding.repaired) for finding in report.findings] == [("paid_not_credited", True)]
    assert shop.extra() == 60
    shop.works()
    assert shop.extra() == 60


KILLED = """
import os, signal
from datetime import datetime
from pathlib import Path
import ledger
from ledger.payments import buying
from ledger.settings import Settings
from ledger.stripe_gateway import StripeGateway, build_gateway

now = datetime.fromisoformat(os.environ["NOW"])
engine = ledger.connect(os.environ["LEDGER_URL"])
gateway = build_gateway(Settings(data_dir=Path(".data")), engine=engine, clock=lambda: now)
charge = gateway.start_payment

def charge_and_die(*args, **named):
    charge(*args, **named)
    os.kill(os.getpid(), signal.SIGKILL)

gateway.start_payment = charge_and_die
buying.buy(engine, gateway, "acme", "small", payment_method="pm_card_visa", key="k", actor="test", at=now)
"""
