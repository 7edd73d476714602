"""A running ledger with its worker, and what an outside developer generates from its document."""

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

from dashboard import installation
from ledger.schedules import WorkerContext
from ledger.worker import open_gateways, work
from tests.dashboard.api_server import Api, serving, use_database
from tests.databases import migrated_database
from tests.outside.__main__ import FOLDER, HERE, MISSING, environment, is_ready


def ran(*command: str | Path, cwd: Path = FOLDER) -> str:
    """Run a command of the installed packages to its end; return what it printed."""
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout + done.stderr


@pytest.fixture(scope="session")
def outside_engine() -> Iterator[Engine]:
    """A database that these tests share; each has a workspace of its own."""
    if not is_ready():
        pytest.skip(MISSING)
    with migrated_database() as engine:
        yield engine


@pytest.fixture(scope="session")
def ledger(outside_engine: Engine) -> Iterator[Api]:
    """The interface on a socket, and its worker."""
    use_database(outside_engine)
    gateways = open_gateways(outside_engine, installation.settings())
    stop = threading.Event()
    worker = threading.Thread(
        target=work, args=(WorkerContext(outside_engine, installation.settings(), gateways), stop)
    )
    worker.start()
    with serving() as url:
        yield Api(url, outside_engine).with_key()
    stop.set()
    worker.join()
    for gateway in gateways.values():
        gateway.close()
    use_database(None)


@pytest.fixture(scope="session")
def document(ledger: Api) -> Path:
    """The document, as the server sends it."""
    path = FOLDER / "openapi.json"
    path.write_text(json.dumps(requests.get(f"{ledger.url}/api/openapi.json", timeout=60).json()), "utf-8")
    return path


@pytest.fixture(scope="session")
def typescript(document: Path) -> Path:
    """The journey in TypeScript, compiled strictly against the generated types."""
    for name in ("journey.ts", "tsconfig.json"):
        shutil.copy(HERE / name, FOLDER)
    guide = (HERE.parents[1] / "docs" / "integrate.md").read_text("utf-8")
    (FOLDER / "guide.ts").write_text(
        "\n".join(re.findall(r"^```typescript\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE)), "utf-8"
    )
    ran("openapi-typescript", document, "--output", FOLDER / "ledger.d.ts")
    ran("tsc", "--project", FOLDER)
    return FOLDER / "built" / "journey.js"


@pytest.fixture(scope="session")
def python(document: Path) -> Path:
    """The journey in Python, beside the generated client."""
    client = FOLDER / "ledger_client"
    shutil.rmtree(client, ignore_errors=True)
    config = FOLDER / "client.yaml"
    config.write_text("package_name_override: ledger_client\npost_hooks: []\n", "utf-8")
    output = ran(
        "openapi-python-client",
        "generate",
        "--path",
        document,
        "--config",
        config,
        "--meta",
        "none",
        "--output-path",
        client,
        "--fail-on-warning",
    )
    assert "unsupported" not in output.lower(), output
    shutil.copy(HERE / "journey.py", FOLDER)
    return FOLDER / "journey.py"


def caller(ledger: Api) -> dict[str, str]:
    """Return the environment of a program that calls the ledger."""
    return (
        environment()
        | {"MINUTES_URL": ledger.url, "MINUTES_KEY": ledger.key, "PYTHONPATH": str(FOLDER)}
        | {name: os.environ[name] for name in ("HOME",) if name in os.environ}
    )
