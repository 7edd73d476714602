"""Has the money arrived? "Confirming" until Stripe itself reports the payment."""

from dashboard.access import require
from dashboard.kit import template
from dashboard.screens import purchase

require("simulate_purchases")
with template.head("Confirming your purchase"):
    pass
purchase.returned()
