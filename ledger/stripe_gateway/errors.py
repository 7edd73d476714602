"""Errors of calls to Stripe, and the one place that translates those of Stripe's library."""

from collections.abc import Iterator
from contextlib import contextmanager

import stripe

from ledger.errors import LedgerError
from ledger.stripe_gateway.declines import explain_decline


class GatewayError(LedgerError):
    """Stripe did not fulfil the request."""

    code = "gateway_error"


class PaymentDeclined(GatewayError):
    """The card was declined.

    Raised only where no payment can be returned with its `failure` instead.
    """

    code = "payment_declined"

    def __init__(self, reason: str, decline_code: str | None, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.decline_code = decline_code
        self.message = message


class GatewayUnavailable(GatewayError):
    """Stripe could not be reached, was too slow, or failed.

    With `outcome_unknown` Stripe may have processed the request: repeat it with the same idempotency key.
    """

    code = "stripe_unavailable"

    def __init__(self, message: str, *, outcome_unknown: bool) -> None:
        super().__init__(message)
        self.outcome_unknown = outcome_unknown


class GatewayRefused(GatewayError):
    """Stripe refused the request: a parameter is wrong, or the object's state forbids it.

    `reason` is Stripe's error code (`charge_already_refunded`, `charge_disputed`, `amount_too_small` ...).
    """

    code = "stripe_refused"

    def __init__(self, message: str, *, reason: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.param = param

    @property
    def reports_a_state(self) -> bool:
        """Whether the payment changed at Stripe, so that it must be read again."""
        return self.reason in STATE_REASONS


STATE_REASONS = (
    "payment_intent_unexpected_state",
    "charge_already_captured",
    "charge_already_refunded",
    "charge_disputed",
)
"""Stripe's codes for a state rather than a failure: read the payment again before answering."""


class UnknownAtStripe(GatewayRefused):
    """Stripe has no such object for this key."""

    code = "unknown_at_stripe"


class GatewayKeyReused(GatewayRefused):
    """This idempotency key was already used at Stripe with different parameters. Nothing was done."""

    code = "stripe_key_reused"


class PermissionMissing(GatewayError):
    """The Stripe key lacks a permission, or is not accepted at all. The message names the permission."""

    code = "stripe_permission_missing"


class SimulationRefused(GatewayError):
    """Simulated payments need the built-in sandbox or a test key (`sk_test_`, `rk_test_`)."""

    code = "simulation_refused"


class BadSignature(GatewayError):
    """The webhook body is not from Stripe, is too old, or comes from the future."""

    code = "bad_signature"


@contextmanager
def translated() -> Iterator[None]:
    """Raise errors of Stripe's library as errors of this module, without secrets."""
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
    """Stripe's sentence with its request id, for logs and staff."""
    sentence = error.user_message or "Stripe gave no reason"
    return f"{sentence} ({error.request_id})" if error.request_id else sentence
