"""The interface described: as OpenAPI for programs, in Redoc for people. Nothing is loaded from elsewhere."""

import json
from functools import cache
from html import escape
from importlib.resources import files

import fastapi_offline
from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from dashboard.api import document
from dashboard.server.problems import KINDS

DOCS = "/api/docs"
VIEWER = f"{DOCS}/redoc.js"
router = APIRouter(prefix="/api", include_in_schema=False)
_ONE_DAY = {"Cache-Control": "public, max-age=86400"}
_POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
    'content="width=device-width, initial-scale=1"><title>{title}</title>'
    '<link rel="icon" href="data:,"><link rel="stylesheet" href="/api/docs/docs.css"></head><body>'
)


@router.get("")
@router.get("/")
async def index() -> Response:
    """Lead to the page for people."""
    return RedirectResponse(DOCS)


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    content = json.dumps(document.openapi(request.app), separators=(",", ":"))
    return Response(content, media_type="application/json")


@router.get("/docs")
async def docs() -> Response:
    """Return the page for people: Redoc over the OpenAPI document."""
    page = (
        f"{_HEAD.format(title='Minutes ledger: HTTP interface')}"
        '<noscript>This page needs JavaScript. The same for programs: <a href="/api/openapi.json">openapi.json</a>.'
        f'</noscript><redoc spec-url="/api/openapi.json" hide-download-button="false"></redoc>'
        f'<script src="{VIEWER}"></script></body></html>'
    )
    return HTMLResponse(page, headers=_POLICY)


@router.get("/docs/redoc.js")
async def viewer() -> Response:
    """Return Redoc, as its package brings it, without the one image that it loads from elsewhere."""
    return Response(_redoc(), media_type="text/javascript", headers=_ONE_DAY)


@router.get("/docs/docs.css")
async def style() -> Response:
    """Return the style of both pages."""
    return FileResponse(str(files("dashboard.api") / "docs.css"), media_type="text/css", headers=_ONE_DAY)


@router.get("/docs/errors")
async def errors() -> Response:
    """Return the list of all problem codes, one anchor each."""
    return HTMLResponse(_errors(), headers=_POLICY)


@cache
def _redoc() -> bytes:
    script = files(fastapi_offline) / "static" / "redoc.standalone.js"
    return script.read_bytes().replace(b"https://cdn.redoc.ly/redoc/logo-mini.svg", b"data:,")


@cache
def _errors() -> str:
    rows = "".join(
        f'<tr id="{code}"><td>{kind.status}<td><code>{code}</code><td>{escape(kind.title)}.'
        for code, kind in sorted(KINDS.items(), key=lambda each: (each[1].status, each[0]))
    )
    return (
        f"{_HEAD.format(title='Problem codes')}<main><h1>Problem codes</h1>"
        "<p>Every error of the HTTP interface is <code>application/problem+json</code>; its <code>type</code> leads "
        f'here. Back to <a href="{DOCS}">the interface</a>.</p>'
        f"<table><tr><th>status<th>code<th>meaning{rows}</table></main></body></html>"
    )
