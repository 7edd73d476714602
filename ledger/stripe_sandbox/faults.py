"""Faults that the sandbox can produce on request."""

from typing import Literal, get_args

PaymentFault = Literal[
    "webhook_late",
    "webhook_duplicate",
    "webhook_out_of_order",
    "webhook_lost",
    "timeout_after_success",
    "rate_limited",
    "server_error",
    "refund_fails_later",
    "fee_late",
]
FAULTS: tuple[PaymentFault, ...] = get_args(PaymentFault)

DunningEnd = Literal["dunning_ends_unpaid", "dunning_ends_past_due"]
DUNNING_ENDS: tuple[DunningEnd, ...] = get_args(DunningEnd)
"""Stripe account settings for unpaid renewals: the subscription stays in this status and is not canceled."""

Fault = PaymentFault | DunningEnd

FAULTS_BEFORE: dict[Fault, tuple[int, str, str | None]] = {
    "rate_limited": (429, "Too many requests.", "rate_limit"),
    "server_error": (500, "An unknown error occurred.", None),
}
"""Faults that replace the response: status, message and code."""
