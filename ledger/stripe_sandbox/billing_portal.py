"""Stripe's billing portal: its configurations, and the sessions that send a customer to it."""

from ledger.stripe_sandbox.answers import Json, RequestRefused
from ledger.stripe_sandbox.transaction import Transaction

KIND = "billing_portal.configuration"
NOT_CONFIGURED = (
    "No configuration provided and your test mode default configuration has not been created. Provide a configuration "
    "or create your default by saving your customer portal settings in test mode at "
    "https://dashboard.stripe.com/test/settings/billing/portal."
)


def configure(tx: Transaction, params: Json) -> Json:
    """Create a configuration, which is never the default."""
    return _configuration(tx, params, is_default=False)


def save_settings(tx: Transaction, _params: Json) -> Json:
    """Save the portal's settings on Stripe's own page, which makes the default configuration."""
    return _configuration(tx, {"features": {"payment_method_update": {"enabled": True}}}, is_default=True)


def create(tx: Transaction, params: Json) -> Json:
    """Create a session. Refuse it without a configuration, as Stripe does; the `url` leads back to the caller."""
    if not params.get("customer"):
        raise RequestRefused(400, "Missing required param: customer.", "parameter_missing", "customer")
    tx.load("customer", params["customer"])
    configuration = _chosen(tx, params)
    return_url = params.get("return_url") or configuration["default_return_url"]
    session = tx.add(
        "bps",
        "billing_portal.session",
        configuration=configuration["id"],
        customer=params["customer"],
        flow=None,
        locale=None,
        on_behalf_of=None,
        return_url=return_url,
    )
    page = return_url or "https://billing.stripe.com/p/session"
    session["url"] = f"{page}{'&' if '?' in page else '?'}sandbox_billing={session['id']}"
    return session


def _configuration(tx: Transaction, params: Json, *, is_default: bool) -> Json:
    return tx.add(
        "bpc",
        KIND,
        active=True,
        application=None,
        business_profile=params.get("business_profile") or {},
        default_return_url=params.get("default_return_url"),
        features=params["features"],
        is_default=is_default,
        login_page={"enabled": False, "url": None},
        metadata=params.get("metadata") or {},
        name=params.get("name"),
        updated=tx.now,
    )


def _chosen(tx: Transaction, params: Json) -> Json:
    """Return the configuration of a session: the one it names, else the default of the account."""
    if params.get("configuration"):
        return tx.load(KIND, params["configuration"])
    default = tx.find(KIND, {"is_default": True, "active": True}, limit=1)
    if not default:
        raise RequestRefused(400, NOT_CONFIGURED, None, None)
    return default[0]
