"""Errors of Stripe calls, and the only translation of the library's own errors."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from ledger.errors import LedgerError
from ledger.stripe_gateway.declines import explain_decline


class GatewayError(LedgerError):
    """The request to Stripe failed."""

    code = "gateway_error"


class PaymentDeclined(GatewayError):
    """The card was declined.

    Raised only when no payment with its `failure` can be returned.
    """

    code = "payment_declined"

    def __init__(self, reason: str, decline_code: str | None, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.decline_code = decline_code
        self.message = message


class GatewayUnavailable(GatewayError):
    """Stripe was unreachable, timed out or failed.

    With `outcome_unknown`, Stripe may have processed the request: retry with the same idempotency key.
    """

    code = "stripe_unavailable"

    def __init__(self, message: str, *, outcome_unknown: bool) -> None:
        super().__init__(message)
        self.outcome_unknown = outcome_unknown


class GatewayRefused(GatewayError):
    """Stripe refused the request: a parameter is invalid, or the object's state forbids it.

    `reason` is Stripe's error code (`charge_already_refunded`, `charge_disputed`, `amount_too_small` ...).
    """

    code = "stripe_refused"

    def __init__(self, message: str, *, reason: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.param = param

    @property
    def reports_a_state(self) -> bool:
        """Whether the payment changed at Stripe and must be read again."""
        return self.reason in STATE_REASONS


STATE_REASONS = (
    "payment_intent_unexpected_state",
    "charge_already_captured",
    "charge_already_refunded",
    "charge_disputed",
)
"""Stripe's codes that report a state, not a failure: read the payment again before responding."""


class UnknownAtStripe(GatewayRefused):
    """This object does not exist at Stripe for this key."""

    code = "unknown_at_stripe"


class GatewayKeyReused(GatewayRefused):
    """This idempotency key was already used at Stripe with different parameters. Nothing was done."""

    code = "stripe_key_reused"


class PermissionMissing(GatewayError):
    """The Stripe key is invalid or lacks a permission. The message names the permission."""

    code = "stripe_permission_missing"


class SimulationRefused(GatewayError):
    """Simulated payments need the built-in sandbox or a test key (`sk_test_`, `rk_test_`)."""

    code = "simulation_refused"


class BadSignature(GatewayError):
    """The webhook signature is invalid, or its timestamp is too old or in the future."""

    code = "bad_signature"


@contextmanager
def translated() -> Iterator[None]:
    """Raise the library's errors as errors of this module, without secrets."""
    try:
        yield
    except stripe.CardError as error:
        decline_code = error.error.decline_code if error.error else None
        reason = error.code or "card_declined"
        raise PaymentDeclined(reason, decline_code, explain_decline(reason, decline_code)) from None
    except stripe.IdempotencyError as error:
        raise GatewayKeyReused(message_of(error), reason="idempotency_error") from None
    except stripe.RateLimitError as error:
        raise GatewayUnavailable(message_of(error), outcome_unknown=False) from None
    except (stripe.PermissionError, stripe.AuthenticationError) as error:
        raise PermissionMissing(message_of(error)) from None
    except stripe.InvalidRequestError as error:
        kind = UnknownAtStripe if error.code == "resource_missing" else GatewayRefused
        raise kind(message_of(error), reason=error.code, param=error.param) from None
    except (stripe.APIConnectionError, stripe.APIError) as error:
        raise GatewayUnavailable(message_of(error), outcome_unknown=True) from None


def message_of(error: stripe.StripeError) -> str:
    """Return Stripe's message with its request id, for logs and staff."""
    sentence = error.user_message or "Stripe gave no reason"
    return f"{sentence} ({error.request_id})" if error.request_id else sentence
