"""`GET /metrics`: who may read it, and that it is what Prometheus reads."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import requests
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from dashboard.api import app
from dashboard.api.figures import FIGURES, serve_figures
from ledger.database import query, writing
from tests.dashboard.api_server import Api, serving

LINE = re.compile(r'(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"\})? -?[0-9.e+-]+)')


def served() -> Starlette:
    """The route beside the interface, as the dashboard has it."""
    return Starlette(routes=[Mount("/api", app=app), Route("/metrics", serve_figures)])


def test_this_machine_and_a_key_with_the_scope_read_figures_and_others_do_not(api: Api) -> None:
    forwarded = {"X-Forwarded-For": "203.0.113.7"}
    with serving(served()) as url:

        def status(**headers: str) -> int:
            return requests.get(f"{url}/metrics", headers=headers, timeout=60).status_code

        answers = [
            status(),
            status(**forwarded),
            status(**forwarded, Authorization=f"Bearer {api.with_key('operations:read').key}"),
            status(Authorization=f"Bearer {api.with_key('balance:read').key}"),
        ]
        posted = requests.post(f"{url}/metrics", timeout=60)

    assert answers == [200, 401, 200, 403]
    assert posted.status_code == 405


def test_every_line_is_one_that_prometheus_reads_and_requests_are_counted(api: Api) -> None:
    def counted(text: str) -> int:
        return int(re.search(r'^minutes_http_requests_total\{status="404"\} (\d+)$', text, re.MULTILINE)[1])

    with serving(served()) as url:
        api.get("/nothing")
        before = requests.get(f"{url}/metrics", timeout=60)
        api.get("/nothing")
        after = requests.get(f"{url}/metrics", timeout=60)

    assert before.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert all(LINE.fullmatch(line) for line in after.text.splitlines())
    assert counted(after.text) == counted(before.text) + 1
    assert all(f"minutes_{name} " in after.text for name in FIGURES)
    assert 'minutes_http_request_seconds_bucket{le="+Inf"}' in after.text


def test_the_last_drill_and_the_last_that_passed_are_figures(api: Api) -> None:
    def figures() -> list[float]:
        text = requests.get(f"{url}/metrics", timeout=60).text
        names = ("failed", "age_seconds")
        return [float(re.search(rf"^minutes_restore_drill_{n} (\S+)$", text, re.MULTILINE)[1]) for n in names]

    def add(hours_ago: float, error: str | None) -> None:
        row = {"actor": "a", "host": "h", "seconds": 1.0, "findings": 0, "root_no": None, "error": error}
        with writing(api.engine) as db:
            db.execute(query("add_drill"), row | {"at": datetime.now(UTC) - timedelta(hours=hours_ago)})

    with serving(served()) as url:
        none = figures()
        add(30, None)
        passed = figures()
        add(6, "x")
        failed = figures()

    assert none == [0, -1]
    assert passed == [0, pytest.approx(30 * 3600, abs=1800)]
    assert failed == [1, pytest.approx(30 * 3600, abs=1800)]
