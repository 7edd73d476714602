"""What can go wrong in the sandbox on purpose."""

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
"""Settings of a Stripe account for renewals that nobody pays: the subscription is not canceled, but stays so."""

Fault = PaymentFault | DunningEnd

FAULTS_BEFORE: dict[Fault, tuple[int, str, str | None]] = {
    "rate_limited": (429, "Too many requests.", "rate_limit"),
    "server_error": (500, "An unknown error occurred.", None),
}
"""Faults that answer in place of the request: status, message and code."""
