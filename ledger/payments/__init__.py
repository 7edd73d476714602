"""Money: purchases, refunds, subscriptions, catalogue, reconciliation with Stripe."""
