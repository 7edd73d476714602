"""The numbers of the dashboard over HTTP."""

from fastapi import APIRouter

from dashboard.api.auth import GuardedRoute

router = APIRouter(prefix="/api/metrics", tags=["metrics"], route_class=GuardedRoute)
