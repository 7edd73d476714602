"""`python -m ledger stripe ...` and `reconcile`: what operators do about Stripe without a screen."""

from __future__ import annotations

import csv
import json
import sys
from argparse import Namespace
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from ledger.database import reading, writing
from ledger.money import amount_text
from ledger.payments import link_lists, moving_in, old_system, owners, price_mapping
from ledger.payments.billing_start import choose_billing_start
from ledger.payments.reconcile import reconcile
from ledger.settings import Settings
from ledger.stripe_gateway import Gateway
from ledger.worker import open_gateways

ACTOR = "command-line"
DONE, HAS_FINDINGS = 0, 1


def compare_books(engine: Engine, settings: Settings, arguments: Namespace, now: datetime) -> int:
    """Compare Stripe's books with ours, repair what is safe, and print what differed."""
    for gateway in open_gateways(engine, settings).values():
        since = now - timedelta(days=arguments.days)
        report = reconcile(engine, gateway, since=since, until=now, actor=ACTOR, at=now)
        print(
            f"{report.source}: {report.checked_payments} payments, {report.checked_purchases} purchases "
            f"and {report.checked_invoices} invoices compared,"
            f" {len(report.findings)} differences, {report.repaired} repaired"
        )
        for finding in report.findings:
            state = "repaired" if finding.repaired else finding.proposal
            about = finding.purchase_id or finding.payment_intent
            print(f"  {finding.kind} {finding.workspace_id} {about}: {finding.detail} ({state})")
    return DONE


def stripe(engine: Engine, settings: Settings, arguments: Namespace, now: datetime) -> int:
    """Run one command about Stripe; returns the exit status."""
    gateway = open_gateways(engine, settings)[settings.mode]
    return ACTIONS[arguments.action](engine, gateway, arguments, now)


def _prices(engine: Engine, gateway: Gateway, arguments: Namespace, _: datetime) -> int:
    with reading(engine) as db:
        choices = price_mapping.list_price_choices(db, gateway)
    if arguments.json:
        print(json.dumps([asdict(each) for each in choices], indent=1))
        return DONE
    for each in choices:
        stands_for = f"{each.plan} {each.billing_cycle}" if each.plan else "-"
        amount = "-" if each.amount_cents is None else str(each.amount_cents)
        every = f"every {each.interval_count} {each.interval}"
        print(
            each.price_id,
            amount,
            each.currency,
            every,
            "not a plan" if each.is_other else stands_for,
            each.product_name,
            sep="\t",
        )
    print(f"{sum(each.is_open for each in choices)} of {len(choices)} prices are not mapped")
    return DONE


def _map_price(engine: Engine, gateway: Gateway, arguments: Namespace, now: datetime) -> int:
    with writing(engine) as db:
        if arguments.not_a_plan:
            price_mapping.mark_as_other(db, gateway, arguments.price_id, actor=ACTOR, at=now)
            print(f"{arguments.price_id} is not a plan: its lines give nothing")
            return DONE
        made = price_mapping.map_price(
            db,
            gateway,
            arguments.price_id,
            plan=arguments.plan,
            billing_cycle=arguments.cycle,
            actor=ACTOR,
            at=now,
        )
    print(
        f"{made.price_id} stands for {made.plan} {made.billing_cycle}: {made.minutes} minutes a paid period"
    )
    return DONE


def _link(engine: Engine, _: Gateway, arguments: Namespace, now: datetime) -> int:
    with writing(engine) as db:
        if arguments.starts_at:
            choose_billing_start(db, arguments.workspace_id, arguments.starts_at, actor=ACTOR, at=now)
        ids = {"customer_id": arguments.customer, "subscription_id": arguments.subscription}
        link = owners.link_stripe(db, arguments.workspace_id, **ids, actor=ACTOR, at=now)
    print(f"{link.workspace_id}: {', '.join((*link.customers, *link.subscriptions))}")
    return DONE


def _links(engine: Engine, _: Gateway, arguments: Namespace, now: datetime) -> int:
    """Link the lines of a list; nothing is linked while one of them is refused, unless those are skipped."""
    rows = link_lists.read_links(Path(arguments.file).read_text("utf-8-sig"))
    with writing(engine) as db:
        done = link_lists.apply_links(db, rows, actor=ACTOR, at=now)
        refused = [row for row in done if row.problem]
        applied = not arguments.dry_run and (not refused or arguments.skip_refused)
        if not applied:
            db.rollback()
    for row in refused:
        print(f"line {row.line}: {row.workspace_id}: {row.problem}", file=sys.stderr)
    good = len(done) - len(refused)
    print(
        f"{good} lines {'linked' if applied else 'can be linked; nothing was changed'}, {len(refused)} refused"
    )
    return HAS_FINDINGS if refused and not applied else DONE


def _sync(engine: Engine, gateway: Gateway, arguments: Namespace, now: datetime) -> int:
    if not arguments.dry_run:
        count = 0
        for subscription, summary in moving_in.sync_subscriptions(engine, gateway, at=now):
            count += 1
            print(f"{subscription}: {summary}", flush=True)
        print(f"{count} subscriptions read")
        return DONE
    minutes = 0
    with reading(engine) as db:
        for each in moving_in.preview_subscriptions(db, gateway, at=now):
            minutes += each.new_minutes
            print(
                f"{each.subscription} {each.workspace_id or '-'}: {each.new_invoices} invoices, "
                f"{each.new_minutes:+} minutes: {each.cause}"
            )
    print(f"{minutes} minutes would be booked; nothing was changed")
    return DONE


def _compare(engine: Engine, gateway: Gateway, arguments: Namespace, now: datetime) -> int:
    if arguments.old_balances:
        text = Path(arguments.old_balances).read_text("utf-8-sig")
        with writing(engine) as db:
            old_system.save_old_balances(db, old_system.read_balances(text), actor=ACTOR, at=now)
    report = moving_in.compare_move_in(engine, gateway, actor=ACTOR, at=now)
    written: Any = csv.writer(sys.stdout)
    for each in report.differences:
        about = each.get("subscription") or "balance"
        written.writerow((each["workspace_id"], about, each["cause"]))
    money = " and ".join(
        amount_text(cents, currency) for currency, cents in report.unexplained_by_currency.items()
    )
    print(
        f"{report.equal} equal, {report.open} to resolve, {report.unexplained_minutes} minutes and "
        f"{money or '0 cents'} unexplained"
    )
    return DONE if report.may_go_live else HAS_FINDINGS


ACTIONS = {
    "prices": _prices,
    "map-price": _map_price,
    "link": _link,
    "links": _links,
    "sync": _sync,
    "compare": _compare,
}
"""Action -> what does it; `ledger.command_line` has their arguments."""
