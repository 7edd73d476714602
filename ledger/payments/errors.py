"""Every refusal about money: purchases, refunds, the catalogue and events of Stripe."""

from ledger.errors import LedgerError, NotFound


class UnknownPurchase(NotFound):
    """There is no purchase of this id."""

    code = "unknown_purchase"


class PurchaseNotFailed(LedgerError):
    """Only a failed payment can be tried again."""

    code = "purchase_not_failed"


class WrongSource(LedgerError):
    """This workspace does not buy through this payment mode."""

    code = "wrong_source"


class PaymentTooOld(LedgerError):
    """This payment was begun too long ago to be asked for again safely; begin a new purchase."""

    code = "payment_too_old"


class NotRefundable(LedgerError):
    """This purchase cannot be refunded."""

    code = "not_refundable"


class RefundExceedsPayment(LedgerError):
    """A refund is at most what was paid and not yet refunded."""

    code = "refund_exceeds_payment"


class InvalidCatalogue(LedgerError):
    """This cannot be sold."""

    code = "invalid_catalogue"


class CatalogueConflict(LedgerError):
    """This does not fit what is on offer in that time."""

    code = "catalogue_conflict"


class InvalidTopUp(LedgerError):
    """These auto top-up settings cannot work."""

    code = "invalid_top_up"


class UnknownPriceTest(NotFound):
    """No price test of this name runs at that time."""

    code = "unknown_price_test"


class UnknownTopUp(NotFound):
    """Auto top-up was never set up for this workspace."""

    code = "unknown_top_up"


class PortalIsReadOnly(LedgerError):
    """This is a preview: nothing can be bought or changed here."""

    code = "portal_is_read_only"


class UnknownPortalLink(NotFound):
    """This address has expired. Open the page again from where you came."""

    code = "unknown_portal_link"


class UnknownEvent(NotFound):
    """The inbox has no event of this id."""

    code = "unknown_event"


class NotKnownYet(LedgerError):
    """The event speaks of something that is not in our books (yet)."""

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
        """Keep which subscription names no workspace, what would name one, and whether it is paid."""
        super().__init__(detail)
        self.subscription = subscription
        self.customer = customer
        self.paid = paid
        self.waits_for = tuple(each for each in (subscription, customer, named) if each)


class InvalidBalances(LedgerError):
    """This list of balances cannot be read."""

    code = "invalid_balances"


class StillDifferent(LedgerError):
    """The latest comparison still has differences."""

    code = "still_different"


class LinkConflict(LedgerError):
    """This customer or subscription of Stripe cannot be linked to this workspace."""

    code = "link_conflict"


class EventForAnother(LedgerError):
    """The object at Stripe belongs to another purchase."""

    code = "event_for_another"


class NoWebhookSecret(LedgerError):
    """No webhook secret is configured: nobody could prove an event."""

    code = "no_webhook_secret"
