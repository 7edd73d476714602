"""Events from Stripe: inbox and handlers."""
