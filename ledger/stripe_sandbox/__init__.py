"""A small Stripe in our own database. The gateway uses it when no Stripe key is set."""

from ledger.stripe_sandbox.sandbox import Sandbox
from ledger.stripe_sandbox.transport import SandboxHTTPClient

__all__ = ["Sandbox", "SandboxHTTPClient"]
