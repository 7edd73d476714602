"""What needs no key: health, the OpenAPI document, the page for people. And the metrics, which need one."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import create_engine, text
from starlette.applications import Starlette
from starlette.routing import Mount

from dashboard.api import app, health
from ledger.database import connect, writing
from ledger.metrics import METRICS
from ledger.notify.events import send_events
from ledger.notify.webhook_endpoints import create_endpoint
from tests.dashboard.api_server import Api, serving, use_database
from tests.databases import as_owner, empty_database


def test_a_healthy_server_says_so_without_a_key(api: Api) -> None:
    health = requests.get(f"{api.url}/api/health", timeout=60)
    ready = requests.get(f"{api.url}/api/ready", timeout=60)

    assert (health.status_code, health.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (
        200,
        {"status": "ready", "database": "ok", "migrations": "ok", "worker_lag_seconds": 0.0},
    )


def test_a_server_without_its_database_lives_but_is_not_ready(api: Api) -> None:
    use_database(create_engine("postgresql+psycopg://nobody@127.0.0.1:9/nothing"))

    health = api.get("/health")
    ready = api.get("/ready")
    balance = api.get("/extra-minutes/balance", workspace_id="acme")

    assert (health.status_code, ready.status_code, ready.json()["database"]) == (200, 503, "unreachable")
    assert (balance.status_code, balance.json()["code"]) == (503, "unavailable")
    assert "retry-after" in balance.headers


def test_a_full_disk_is_reported_and_what_was_refused_is_booked_once_when_there_is_room(
    api: Api, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use_database(api.engine, folder=tmp_path)
    acme, use = api.workspace("starter"), {"minutes": 20, "key": "a"}
    with api.engine.begin() as db, as_owner(db):
        db.execute(
            text("CREATE FUNCTION room() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE disk_full; END'")
        )
        db.execute(text("ALTER TABLE entries ADD CONSTRAINT there_is_room CHECK (room()) NOT VALID"))
    with monkeypatch.context() as full:
        full.setattr(health, "BYTES_TO_WRITE", 1 << 62)
        ready = api.get("/ready")
        refused = api.post("/usage/track-minute", use | {"workspace_id": acme})
        read = api.get("/extra-minutes/balance", workspace_id=acme)
    with api.engine.begin() as db, as_owner(db):
        db.execute(text("ALTER TABLE entries DROP CONSTRAINT there_is_room"))

    booked = [api.post("/usage/track-minute", use | {"workspace_id": acme}).json() for _ in range(2)]

    assert (ready.status_code, ready.json()["database"]) == (503, "full")
    assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
    assert "disk of the ledger is full" in refused.json()["detail"]
    assert read.json()["plan_minutes"] == 200
    assert [each["repeated"] for each in booked] == [False, True]
    assert api.get("/ready").json()["status"] == "ready"


def test_a_worker_that_is_behind_is_reported(api: Api) -> None:
    acme = api.workspace("starter")
    with writing(api.engine) as db:
        create_endpoint(
            db, "http://127.0.0.1:9/nobody", ["usage.threshold"], actor="ada", at=datetime.now(UTC)
        )
    api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 160, "key": "a"})
    api.post("/usage/track-minute", {"workspace_id": acme, "minutes": 20, "key": "b"})

    ready = api.get("/ready").json()
    send_events(api.engine, at=datetime.now(UTC))
    waiting = api.get("/ready").json()

    assert ready["status"] == "ready"
    assert 0 < ready["worker_lag_seconds"] < 60
    assert waiting["worker_lag_seconds"] == 0  # the first is tried again later, the second waits for it


@pytest.mark.parametrize(
    ("minutes", "database"), [(4, "ok"), (-4, "ok"), (6, "clocks_differ"), (-6, "clocks_differ")]
)
def test_a_clock_that_is_minutes_wrong_is_not_ready(
    api: Api, monkeypatch: pytest.MonkeyPatch, minutes: int, database: str
) -> None:
    monkeypatch.setattr(health, "present", lambda: datetime.now(UTC) + timedelta(minutes=minutes))

    ready = api.get("/ready")

    assert ready.json()["database"] == database
    assert ready.status_code == (200 if database == "ok" else 503)


def test_a_server_whose_database_was_never_migrated_says_so(api: Api) -> None:
    with empty_database() as url:
        bare = connect(url)
        use_database(bare)

        ready = api.get("/ready")

        bare.dispose()

    assert (ready.status_code, ready.json()["database"], ready.json()["migrations"]) == (503, "ok", "missing")


def test_the_paths_are_the_same_alone_and_mounted(api: Api) -> None:
    with serving(Starlette(routes=[Mount("/api", app=app)])) as url:
        mounted = [
            requests.get(f"{url}/api{path}", timeout=60) for path in ("/health", "/nothing", "/openapi.json")
        ]

    alone = [api.get(path) for path in ("/health", "/nothing", "/openapi.json")]
    assert [(each.status_code, each.json()) for each in mounted] == [
        (each.status_code, each.json()) for each in alone
    ]
    assert "/api/usage/track-minute" in alone[2].json()["paths"]


def test_every_metric_is_defined_and_measured(api: Api) -> None:
    api.workspace("starter")
    defined = [each["slug"] for each in api.get("/metrics").json()["items"]]

    answers = {slug: api.get(f"/metrics/{slug}") for slug in defined}

    assert set(defined) == set(METRICS)
    assert {answer.status_code for answer in answers.values()} == {200}
    assert {answer.json()["source"] for answer in answers.values()} == {"sandbox"}
    wanted = {"slug", "value", "unit", "n", "low", "high", "as_of", "definition_version", "pending"}
    assert all(wanted <= set(answer.json()) for answer in answers.values())


def test_an_unknown_metric_is_not_found(api: Api) -> None:
    answer = api.get("/metrics/happiness")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_metric")
