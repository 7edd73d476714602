"""`docs/integrate.md` runs as it stands: every snippet, in its order, against a server with its worker."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard import installation
from ledger.database import writing
from ledger.experiments.holdouts import start_hold_out
from ledger.schedules import WorkerContext
from ledger.worker import open_gateways, work
from tests.dashboard.api_server import Api
from tests.receiver import add_receiver, receiving, sends

GUIDE = Path(__file__).parents[3] / "docs" / "integrate.md"
KNOWN = {"text", "bash", "python", "html", "typescript"}


def snippets(language: str) -> list[str]:
    """The snippets of one language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def reader(api: Api) -> Iterator[dict[str, str]]:
    """What a reader has set, while the worker runs beside the server."""
    gateways = open_gateways(api.engine, installation.settings())
    stop = threading.Event()
    worker = threading.Thread(
        target=work, args=(WorkerContext(api.engine, installation.settings(), gateways), stop)
    )
    worker.start()
    yield {"MINUTES_URL": api.url, "MINUTES_KEY": api.key}
    stop.set()
    worker.join()
    for gateway in gateways.values():
        gateway.close()


def test_every_snippet_is_of_a_language_that_is_run_or_named_here() -> None:
    languages = set(re.findall(r"^```(\w+)$", GUIDE.read_text("utf-8"), re.MULTILINE))

    assert languages == KNOWN
    assert len(snippets("bash")) == 9
    assert len(snippets("python")) == 8
    assert len(snippets("typescript")) == 1


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_the_curl_snippets_run(reader: dict[str, str]) -> None:
    script = "set -e\n" + "\necho\n".join(snippets("bash"))

    ran = subprocess.run(
        ["bash", "-c", script], env=os.environ | reader, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert '"total_minutes":177' in ran.stdout
    assert '"client_secret":"pi_' in ran.stdout
    assert ran.stdout.count('{"items":[]}') == 2  # no arms and no hold-outs yet


def test_the_python_snippets_run(reader: dict[str, str], monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    for name, value in reader.items():
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {}

    for snippet in snippets("python"):
        exec(compile(snippet, "integrate.md", "exec"), names)  # noqa: S102 - that is the point

    assert set(arms_of_customers(names, api)) == {names["workspace_id"], names["old_id"]}
    assert events_received(names, api) == [
        "acme has used 80% of its minutes, 40 are left",
        "acme needed more than the 40 minutes that are left",
    ]


def arms_of_customers(names: dict[str, Any], api: Api) -> dict[str, str]:
    """What the guide's reader of arms makes of a hold-out."""
    hold_out = {"source": "sandbox", "share_percent": 50, "hits_needed": 195, "reason": "r", "actor": "t"}
    with writing(api.engine) as db:
        start_hold_out(db, "spring", starts_at=datetime.now(UTC), **hold_out)
    return names["arms"]("spring")


def events_received(names: dict[str, Any], api: Api) -> list[str]:
    """What the guide's receiver makes of events as the ledger sends them."""
    with receiving() as receiver:
        endpoint = add_receiver(api.engine, receiver, datetime.now(UTC), "usage.threshold", "usage.limit_hit")
        acme = {"workspace_id": api.workspace()}
        api.post("/usage/track-minute", acme | {"minutes": 160, "key": "a"})
        api.post("/usage/track-minute", acme | {"minutes": 100, "key": "b", "require_full": True})
        sends(api.engine, datetime.now(UTC))
    return [
        names["on_event"](body, headers, endpoint.secret).replace(acme["workspace_id"], "acme")
        for headers, body in receiver.received
    ]
