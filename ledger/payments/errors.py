"""Errors of purchases, refunds, the catalogue and Stripe events."""

from ledger.errors import LedgerError, NotFound


class UnknownPurchase(NotFound):
    """No purchase has this id."""

    code = "unknown_purchase"


class PurchaseNotFailed(LedgerError):
    """Only a failed payment can be tried again."""

    code = "purchase_not_failed"


class WrongSource(LedgerError):
    """This workspace uses another payment mode."""

    code = "wrong_source"


class PaymentTooOld(LedgerError):
    """This payment was started too long ago to send it again safely. Start a new purchase."""

    code = "payment_too_old"


class NotRefundable(LedgerError):
    """This purchase can't be refunded."""

    code = "not_refundable"


class RefundExceedsPayment(LedgerError):
    """A refund can't exceed the amount paid and not yet refunded."""

    code = "refund_exceeds_payment"


class InvalidCatalogue(LedgerError):
    """This can't be added to the catalogue."""

    code = "invalid_catalogue"

    def __init__(self, detail: str = "", *, what: str = "") -> None:
        """Store `what` is wrong: the code, the arm, the name, the price, the arms or the end of a test."""
        super().__init__(detail)
        self.what = what


class CatalogueConflict(LedgerError):
    """This conflicts with the catalogue at that time."""

    code = "catalogue_conflict"


class InvalidTopUp(LedgerError):
    """These auto top-up settings can't work."""

    code = "invalid_top_up"


class UnknownPriceTest(NotFound):
    """No price test with this name runs at that time."""

    code = "unknown_price_test"


class UnknownTopUp(NotFound):
    """Auto top-up is not set up for this workspace."""

    code = "unknown_top_up"


class PortalIsReadOnly(LedgerError):
    """This is a preview. You can't buy or change anything here."""

    code = "portal_is_read_only"


class UnknownPortalLink(NotFound):
    """This link has expired. Go back and open the page again."""

    code = "unknown_portal_link"


class NoStripeCustomer(LedgerError):
    """This workspace has no customer at Stripe."""

    code = "no_stripe_customer"


class NoSavedCard(LedgerError):
    """No card is saved. Pay on the payment page; the card is saved there for the next time."""

    code = "no_saved_card"


class UnknownEvent(NotFound):
    """No event in the inbox has this id."""

    code = "unknown_event"


class NotKnownYet(LedgerError):
    """This event refers to something that is not in the ledger yet."""

    code = "not_known_yet"

    def __init__(
        self,
        detail: str = "",
        *,
        subscription: str | None = None,
        customer: str | None = None,
        named: str | None = None,
        paid: bool = False,
    ) -> None:
        """Store the subscription without a workspace, the objects that could identify one, and whether it is paid."""
        super().__init__(detail)
        self.subscription = subscription
        self.customer = customer
        self.paid = paid
        self.waits_for = tuple(each for each in (subscription, customer, named) if each)


class InvalidBalances(LedgerError):
    """This list of balances can't be read."""

    code = "invalid_balances"


class StillDifferent(LedgerError):
    """The latest comparison still shows differences."""

    code = "still_different"


class LinkConflict(LedgerError):
    """This Stripe customer or subscription can't be linked to this workspace."""

    code = "link_conflict"

    def __init__(self, detail: str = "", *, what: str = "") -> None:
        """Store `what` can't be linked: the customer or the subscription."""
        super().__init__(detail)
        self.what = what


class EventForAnother(LedgerError):
    """The object at Stripe belongs to another purchase."""

    code = "event_for_another"


class NoWebhookSecret(LedgerError):
    """No webhook secret is configured, so events can't be verified."""

    code = "no_webhook_secret"
