"""Simulate purchases with a test card, and what banks do afterwards. A copy buys in place of a live workspace."""

from collections.abc import Callable, Mapping
from uuid import UUID

from dashboard import installation
from dashboard.access import Operator
from dashboard.actions.acting import Acting, ActionResult, acting, needs
from dashboard.clock import present
from dashboard.installation import current
from dashboard.text import PURCHASE_STATES
from ledger.payments import Purchase, buying, checkout, get_purchase, simulation_copy, source_of
from ledger.stripe_gateway import Fault, Gateway

Move = Callable[[Gateway, Purchase], object]


def _close(gateway: Gateway, purchase: Purchase, *, won: bool) -> None:
    for dispute in gateway.fetch_payment(purchase.payment_intent or "").disputes:
        gateway.close_dispute(dispute.dispute, won=won)


def _fail_refund(gateway: Gateway, purchase: Purchase) -> None:
    for refund in gateway.fetch_payment(purchase.payment_intent or "").refunds:
        if refund.counts:
            gateway.fail_refund(refund.refund)


def _refund(gateway: Gateway, purchase: Purchase, *, cents: int) -> None:
    key = f"simulated:{purchase.purchase_id}:{purchase.bookings}:{cents}"
    gateway.refund(purchase.payment_intent or "", cents, idempotency_key=key)


MOVES: Mapping[str, tuple[str, Move]] = {
    "authenticate": (
        "The cardholder confirms the payment",
        lambda gateway, purchase: gateway.complete_authentication(purchase.payment_intent or ""),
    ),
    "refuse": (
        "The cardholder refuses the payment",
        lambda gateway, purchase: gateway.complete_authentication(
            purchase.payment_intent or "", succeed=False
        ),
    ),
    "pay_page": (
        "The customer pays on Stripe's page",
        lambda gateway, purchase: gateway.complete_checkout(purchase.checkout_session or ""),
    ),
    "dispute": (
        "The bank disputes the payment",
        lambda gateway, purchase: gateway.open_dispute(purchase.payment_intent or ""),
    ),
    "inquire": (
        "The bank opens an inquiry",
        lambda gateway, purchase: gateway.open_dispute(purchase.payment_intent or "", inquiry=True),
    ),
    "win": ("We win the dispute", lambda gateway, purchase: _close(gateway, purchase, won=True)),
    "lose": ("We lose the dispute", lambda gateway, purchase: _close(gateway, purchase, won=False)),
    "warn": (
        "The card network warns of fraud",
        lambda gateway, purchase: gateway.warn_of_fraud(purchase.payment_intent or ""),
    ),
    "refund_half": (
        "Half is refunded in Stripe",
        lambda gateway, purchase: _refund(gateway, purchase, cents=max(purchase.charged_cents // 2, 1)),
    ),
    "refund": (
        "Everything is refunded in Stripe",
        lambda gateway, purchase: _refund(gateway, purchase, cents=purchase.refundable_cents),
    ),
    "refund_fails": ("The refund fails later", _fail_refund),
}
"""What can happen to a payment afterwards: words, and how the sandbox makes it happen."""


@needs("simulate_purchases")
def simulate_purchase(
    operator: Operator,
    workspace_id: str,
    package: str,
    *,
    payment_method: str,
    fault: Fault | None,
    key: str,
) -> ActionResult:
    """Buy with a test card; `details` name the workspace that bought (the copy of a live one) and the purchase.

    Raises NotAllowed, SimulationRefused (no test mode here), UnknownPackage, GatewayUnavailable (a planned fault).
    """
    with acting(operator, key) as act:
        buyer, gateway = _buyer(act, workspace_id)
        gateway.require_test()
        if not act.seen("simulate_purchase"):
            intent = {"package": package, "payment_method": payment_method, "fault": fault}
            act.record("simulate_purchase", workspace_id=buyer, subject=package, after=intent)
    if fault:
        gateway.plan_fault(fault)
    purchase = buying.buy(
        installation.engine(),
        gateway,
        buyer,
        package,
        payment_method=payment_method,
        key=f"simulated:{key}",
        actor=operator.actor,
        at=present(),
    )
    return ActionResult(
        _summary(purchase), details={"workspace_id": buyer, "purchase_id": str(purchase.purchase_id)}
    )


@needs("simulate_purchases")
def simulate_checkout(
    operator: Operator, workspace_id: str, package: str, *, dashboard: str, key: str
) -> ActionResult:
    """Start a purchase on Stripe's own page, which returns to the Confirming page of `dashboard`.

    `details` name the workspace that bought, the purchase, and the address of Stripe's page. Raises as
    `simulate_purchase`.
    """
    with acting(operator, key) as act:
        buyer, gateway = _buyer(act, workspace_id)
        gateway.require_test()
        if not act.seen("simulate_purchase"):
            act.record(
                "simulate_purchase", workspace_id=buyer, subject=package, after={"on": "Stripe's page"}
            )
    purchase = checkout.start_checkout(
        installation.engine(),
        gateway,
        buyer,
        package,
        success_url=f"{dashboard}/confirming?purchase={{PURCHASE_ID}}",
        cancel_url=f"{dashboard}/purchase",
        key=f"simulated:{key}",
        actor=operator.actor,
        at=present(),
    )
    details = {"workspace_id": buyer, "purchase_id": str(purchase.purchase_id), "url": purchase.checkout_url}
    return ActionResult("Purchase started on Stripe's page.", details=details)


@needs("simulate_purchases")
def try_again(
    operator: Operator, workspace_id: str, purchase_id: UUID, *, payment_method: str, key: str
) -> ActionResult:
    """Retry a failed simulated payment of the same purchase. Raises NotAllowed, PurchaseNotFailed."""
    gateway = _audited(operator, workspace_id, purchase_id, f"try again with {payment_method}", key)
    purchase = buying.retry(
        installation.engine(),
        gateway,
        workspace_id,
        purchase_id,
        payment_method=payment_method,
        key=f"simulated:{key}",
        at=present(),
    )
    return ActionResult(_summary(purchase))


@needs("simulate_purchases")
def play(operator: Operator, workspace_id: str, purchase_id: UUID, move: str, *, key: str) -> ActionResult:
    """Simulate what the bank, the cardholder or the network does to a payment. Raises NotAllowed."""
    words, make_happen = MOVES[move]
    gateway = _audited(operator, workspace_id, purchase_id, words, key)
    with installation.reading() as db:
        purchase = get_purchase(db, workspace_id, purchase_id)
    make_happen(gateway, purchase)
    return ActionResult(words + ".")


@needs("simulate_purchases")
def confirm_purchase(operator: Operator, workspace_id: str, purchase_id: UUID) -> Purchase:
    """Sync one purchase with Stripe, as its events do, for a page that waits. Raises NotAllowed."""
    with installation.writing() as db:
        gateway = current().gateway_of(db, workspace_id)
        return buying.sync_purchase(
            db, gateway, workspace_id, purchase_id, actor=operator.actor, at=present()
        )


def _buyer(act: Acting, workspace_id: str) -> tuple[str, Gateway]:
    """Return who buys, with its gateway: the workspace, or its copy when its money is real or of another mode."""
    source = source_of(act.db, workspace_id)
    if source == "demo" or (source == installation.settings().mode and source != "live"):
        return workspace_id, current().gateway(source)
    simulating = "sandbox" if installation.settings().mode == "live" else installation.settings().mode
    actor = act.operator.actor
    twin = simulation_copy(act.db, workspace_id, source=simulating, actor=actor, at=act.at)
    return twin.workspace_id, current().gateway(simulating)


def _audited(operator: Operator, workspace_id: str, purchase_id: UUID, words: str, key: str) -> Gateway:
    """Write the audit line of a simulated payment and return its gateway, which must not be live."""
    with acting(operator, key) as act:
        gateway = current().gateway_of(act.db, workspace_id)
        gateway.require_test()
        if not act.seen("simulate"):
            subject = f"purchase {purchase_id}"
            act.record("simulate", workspace_id=workspace_id, subject=subject, after={"what": words})
    return gateway


def _summary(purchase: Purchase) -> str:
    if purchase.failure_message:
        return f"Not paid: {purchase.failure_message}"
    return f"Purchase started: {PURCHASE_STATES[purchase.status][1]}."
