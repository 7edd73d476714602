"""Where Stripe sends its events: proven by signature, stored as they came, worked on later."""

from fastapi import APIRouter

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
