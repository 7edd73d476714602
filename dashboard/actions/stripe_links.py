"""Linking Stripe to workspaces, and moving a company with live subscriptions in."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs
from dashboard.clock import present
from dashboard.installation import current
from dashboard.text import counted, decimal
from ledger.payments import (
    billing_portal_url,
    billing_start,
    link_lists,
    moving_in,
    old_system,
    open_portal,
    owners,
)


@needs("link_stripe")
def link_stripe(
    operator: Operator,
    workspace_id: str,
    *,
    customer_id: str | None,
    subscription_id: str | None,
    starts_at: datetime | None,
    key: str,
) -> ActionResult:
    """Link a customer or a subscription to a workspace; what waited for it is booked within seconds.

    Raises NotAllowed, UnknownWorkspace, LinkConflict.
    """
    ids = {"customer_id": customer_id, "subscription_id": subscription_id}
    with acting(operator, key) as act:
        if act.seen("link_stripe"):
            return ActionResult("Already done.", repeated=True)
        if starts_at is not None:
            billing_start.choose_billing_start(
                act.db, workspace_id, starts_at, actor=operator.actor, at=act.at
            )
        owners.link_stripe(act.db, workspace_id, **ids, actor=operator.actor, at=act.at)
        act.record("link_stripe", workspace_id=workspace_id, after=ids | {"starts_at": starts_at})
    return ActionResult("Linked. Payments waiting for this link are booked within seconds.")


@needs("link_stripe")
def create_billing_link(operator: Operator, workspace_id: str, *, address: str, key: str) -> ActionResult:
    """Return the address of Stripe's billing portal among the details.

    It leads back to the customer's page, read-only: staff who open it buy nothing in the customer's name.

    `address`: where this installation is reached. Raises NotAllowed, UnknownWorkspace, NoStripeCustomer, GatewayError.
    """
    with acting(operator, key) as act:
        if act.seen("billing_link"):
            return ActionResult("This link was already made.", repeated=True)
        gateway = current().gateway_of(act.db, workspace_id)
        token, _ = open_portal(act.db, workspace_id, read_only=True, actor=operator.actor, at=act.at)
        back = f"{address}/api/portal/{token}"
        url = billing_portal_url(installation.engine(), gateway, workspace_id, return_url=back)
        act.record("billing_link", workspace_id=workspace_id)
    return ActionResult("Billing link made.", details={"secret": url})


@needs("link_stripe")
def link_list(operator: Operator, rows: Sequence[link_lists.LinkRow], *, key: str) -> ActionResult:
    """Link every line of a list that can be linked. Raises NotAllowed."""
    with acting(operator, key) as act:
        if act.seen("link_list"):
            return ActionResult("Already done.", repeated=True)
        done = link_lists.apply_links(act.db, rows, actor=operator.actor, at=act.at)
        linked = sum(row.problem is None for row in done)
        act.record("link_list", after={"lines": len(done), "linked": linked})
    lines = counted(linked, "{n} line linked", "{n} lines linked")
    return ActionResult(f"{lines}, {decimal(len(done) - linked)} not linked.")


@needs("link_stripe")
def sync_subscriptions(operator: Operator, *, key: str) -> ActionResult:
    """Read every subscription of the account and book what is paid. Raises NotAllowed, GatewayError."""
    with acting(operator, key) as act:
        if act.seen("sync_subscriptions"):
            return ActionResult("Already done.", repeated=True)
        act.record("sync_subscriptions")
    synced = list(moving_in.sync_subscriptions(installation.engine(), current().gateway(), at=present()))
    return ActionResult(counted(len(synced), "{n} subscription synced.", "{n} subscriptions synced."))


@needs("link_stripe")
def save_old_balances(operator: Operator, minutes: Mapping[str, int], *, key: str) -> ActionResult:
    """Store what the old system says is left, for the comparison. Raises NotAllowed."""
    with acting(operator, key) as act:
        if act.seen("save_old_balances"):
            return ActionResult("Already done.", repeated=True)
        old_system.save_old_balances(act.db, minutes, actor=operator.actor, at=act.at)
        act.record("save_old_balances", after={"workspaces": len(minutes)})
    return ActionResult(counted(len(minutes), "{n} balance saved.", "{n} balances saved."))


@needs("link_stripe")
def compare_move_in(operator: Operator, *, key: str) -> ActionResult:
    """Compare the ledger with Stripe and the old system. Raises NotAllowed, GatewayError."""
    with acting(operator, key) as act:
        if act.seen("compare_move_in"):
            return ActionResult("Already done.", repeated=True)
        act.record("compare_move_in")
    gateway = current().gateway()
    report = moving_in.compare_move_in(installation.engine(), gateway, actor=operator.actor, at=present())
    differences = counted(len(report.differences), "{n} difference", "{n} differences")
    return ActionResult(f"Compared: {decimal(report.equal)} equal, {differences}.")


@needs("link_stripe")
def go_live(operator: Operator, comparison_id: int, *, key: str) -> ActionResult:
    """End the trial on the latest comparison, when it has no differences. Raises NotAllowed, StillDifferent."""
    with acting(operator, key) as act:
        if act.seen("go_live"):
            return ActionResult("Already done.", repeated=True)
        moving_in.require_live(act.db, comparison_id, actor=operator.actor)
        act.record("go_live", subject=str(comparison_id))
    return ActionResult(
        "Live. The daily comparison continues: a difference shows on this page and as a payment alert."
    )
