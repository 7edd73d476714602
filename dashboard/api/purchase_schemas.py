"""What requests and answers about packages and purchases look like."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from typing_extensions import TypeAliasType

from dashboard.api.fields import Key, PackageCode, RequestBody, WorkspaceId
from dashboard.api.values import (
    A_TIME,
    AN_ID,
    Amount,
    Charged,
    Currency,
    Discount,
    FailureCode,
    FailureMessage,
    Id,
    PaymentIntent,
    PurchaseId,
    ResponseBody,
    Size,
    Tax,
)

PaymentMethod = Annotated[
    str,
    Field(
        max_length=255,
        pattern=r"^[A-Za-z0-9_]+$",
        description="A Stripe payment method; without it the browser pays with the client secret.",
        examples=["pm_card_visa"],
    ),
]
PurchaseStatus = TypeAliasType(
    "PurchaseStatus",
    Annotated[
        Literal[
            "requires_payment",
            "requires_action",
            "processing",
            "paid",
            "failed",
            "canceled",
            "quarantined",
            "partially_refunded",
            "refunded",
            "disputed",
        ],
        Field(
            description="State of the payment. `requires_payment` waits for the customer's browser, `requires_action` "
            "for the customer's bank, `processing` for Stripe. `failed` can be retried; `canceled` and `refunded` are "
            "final. `quarantined`: paid, but not as agreed; somebody looks at it."
        ),
    ],
)
HoldOutArm = TypeAliasType(
    "HoldOutArm",
    Annotated[
        Literal["control", "treatment"],
        Field(
            description="`control`: show no offer while the hold-out runs. A workspace never changes its arm."
        ),
    ],
)


class PurchaseRequest(RequestBody):
    """A purchase. Send the key here or as Idempotency-Key."""

    workspace_id: WorkspaceId
    package: PackageCode
    payment_method: PaymentMethod | None = None
    key: Key | None = None


class RetryPurchaseRequest(RequestBody):
    """Another attempt to pay. Send the key here or as Idempotency-Key."""

    payment_method: PaymentMethod | None = None
    key: Key | None = None


class PackageResponse(ResponseBody):
    """A package on sale: `minutes` for `amount_cents` of `currency`."""

    code: Annotated[str, Field(description="Code of the package.", examples=["small"])]
    name: Annotated[str, Field(description="Display name of the package.", examples=["Small"])]
    minutes: Size
    amount_cents: Amount
    currency: Currency


class HoldOutSideResponse(ResponseBody):
    """The hold-out that runs for this workspace, and its arm in it."""

    name: Annotated[str, Field(description="Name of the hold-out.", examples=["spring"])]
    arm: Annotated[HoldOutArm, Field(examples=["treatment"])]


class PriceTestSideResponse(ResponseBody):
    """The price test that runs, and the arm whose offer this is."""

    test: Annotated[str, Field(description="Name of the price test.", examples=["june"])]
    arm: Annotated[str, Field(description="Name of the arm.", examples=["lower"])]


class OfferResponse(ResponseBody):
    """What is on sale, smallest first. Nothing for a workspace that a running hold-out holds: `hold_out` says so."""

    items: Annotated[list[PackageResponse], Field(description="The packages.")]
    hold_out: HoldOutSideResponse | None
    price_test: PriceTestSideResponse | None


class PurchaseResponse(ResponseBody):
    """A purchase as it stands. Minutes are credited when the payment is confirmed, never by this answer."""

    purchase_id: PurchaseId
    status: Annotated[PurchaseStatus, Field(examples=["requires_payment"])]
    amount_cents: Amount
    currency: Currency
    minutes: Size
    payment_intent: PaymentIntent
    client_secret: Annotated[
        str | None,
        Field(description="For Stripe Elements in the customer's browser.", examples=["pi_3Qx1_secret_a1b2"]),
    ]
    failure_code: FailureCode
    failure_message: FailureMessage


class PurchaseRecordResponse(ResponseBody):
    """A purchase with its state, payment and refunds."""

    purchase_id: PurchaseId
    workspace_id: Id
    package: Annotated[str, Field(description="Code of the package.", examples=["small"])]
    status: Annotated[PurchaseStatus, Field(examples=["paid"])]
    minutes: Size
    amount_cents: Amount
    currency: Currency
    charged_cents: Charged
    tax_cents: Tax
    discount_cents: Discount
    refunded_cents: Annotated[int, Field(description="Refunded so far.", examples=[0])]
    taken_back_minutes: Annotated[
        int, Field(description="Minutes taken back for refunds and disputes.", examples=[0])
    ]
    shortfall_minutes: Annotated[
        int,
        Field(
            description="Minutes that could not be taken back because they were already used.", examples=[0]
        ),
    ]
    payment_intent: PaymentIntent
    failure_code: FailureCode
    failure_message: FailureMessage
    receipt_url: Annotated[
        str | None, Field(description="Stripe's receipt; null in the sandbox.", examples=[None])
    ]
    created_at: Annotated[datetime, Field(description="When the purchase was started.", examples=[A_TIME])]
    paid_at: Annotated[datetime | None, Field(description="When it was paid.", examples=[A_TIME])]


class PurchasesResponse(ResponseBody):
    """One page of purchases, newest first."""

    items: Annotated[list[PurchaseRecordResponse], Field(description="Newest first.")]
    next: Annotated[
        UUID | None,
        Field(description="Send it as `after` to get the next page; null on the last one.", examples=[AN_ID]),
    ]
