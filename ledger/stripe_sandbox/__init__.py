"""A small Stripe in our own database: what the gateway talks to when there is no key."""

from ledger.stripe_sandbox.sandbox import Sandbox
from ledger.stripe_sandbox.transport import SandboxHTTPClient

__all__ = ["Sandbox", "SandboxHTTPClient"]
