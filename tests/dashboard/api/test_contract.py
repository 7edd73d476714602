"""The OpenAPI document is attacked from outside, with data that fit it and data that do not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dashboard.api_server import Api, use_database
from tests.depth import rounds

CONFIG = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.slow
def test_every_route_keeps_its_contract_and_never_fails(api: Api, tmp_path: Path) -> None:
    use_database(api.engine, stripe_webhook_secrets=("whsec_of_this_test",))
    acme = {"workspace_id": "acme", "name": "Acme", "owner_email": "owner@acme.example"}
    api.post("/workspaces", acme | {"plan": "starter", "billing_cycle": "monthly"})
    routes = sum(map(len, api.get("/openapi.json").json()["paths"].values()))
    attack = [
        str(Path(sys.executable).with_name("schemathesis")),
        "--config-file",
        str(CONFIG),
        "run",
        "--no-color",
        f"--max-examples={rounds(6, deep=100)}",
    ]
    target = [f"{api.url}/api/openapi.json", "--header", f"Authorization: Bearer {api.key}"]

    ran = subprocess.run(
        [*attack, *target],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "120"},
    )

    assert ran.returncode == 0, ran.stdout[-20_000:] + ran.stderr[-2_000:]
    assert f"{routes} selected / {routes} total" in ran.stdout
