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
from standardwebhooks import Webhook

from dashboard import installation
from ledger.database import writing
from ledger.experiments.holdouts import start_hold_out
from ledger.notify import outbox
from ledger.notify.endpoint import new_secret
from ledger.worker import open_gateways, work
from tests.dashboard.api_server import Api

GUIDE = Path(__file__).parents[3] / "docs" / "integrate.md"
KNOWN = {"text", "bash", "python", "html"}


def snippets(language: str) -> list[str]:
    """The snippets of one language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


@pytest.fixture
def reader(api: Api) -> Iterator[dict[str, str]]:
    """What a reader has set, while the worker runs beside the server."""
    gateways = open_gateways(api.engine, installation.settings())
    stop = threading.Event()
    worker = threading.Thread(target=work, args=(api.engine, gateways, stop))
    worker.start()
    yield {"MINUTES_URL": api.url, "MINUTES_KEY": api.key}
    stop.set()
    worker.join()
    for gateway in gateways.values():
        gateway.close()


def test_every_snippet_is_of_a_language_that_is_run_or_named_here() -> None:
    languages = set(re.findall(r"^```(\w+)$", GUIDE.read_text("utf-8"), re.MULTILINE))

    assert languages == KNOWN
    assert len(snippets("bash")) == 7
    assert len(snippets("python")) == 5


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

    assert told_of_a_warning(names) == "acme has used 80 % of its minutes"
    assert set(told_of_arms(names, api)) == {names["workspace_id"]}


def told_of_arms(names: dict[str, Any], api: Api) -> dict[str, str]:
    """What the guide's reader of arms makes of a hold-out."""
    asked = {"source": "sandbox", "share_percent": 50, "hits_needed": 195, "reason": "r", "actor": "t"}
    with writing(api.engine) as db:
        start_hold_out(db, "spring", starts_at=datetime.now(UTC), **asked)
    return names["arms"]("spring")


def told_of_a_warning(names: dict[str, Any]) -> str:
    """What the guide's receiver makes of a warning as the ledger sends it."""
    at, secret = datetime.now(UTC), new_secret()
    usage_alert = outbox.OutgoingAlert(
        workspace_id="acme",
        epoch=1,
        kind="used_80",
        entry_no=2,
        at=at,
        recorded_at=at,
        unmet_minutes=0,
        delivery="pending",
        attempts=1,
        next_attempt_at=at,
        delivered_at=None,
        last_error=None,
    )
    body = outbox.message(usage_alert)
    headers = {
        "webhook-id": usage_alert.message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(usage_alert.message_id, at, body),
    }
    return names["warning"](body, headers, secret)
