"""Each change that the README explains is made in a copy of the repository, and shows on a page or over HTTP."""

import filecmp
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands import PATIENCE_SECONDS
from tests.databases import CHECKOUT, empty_database
from tests.handbook import QUOTED

ROOMS = ("ledger", "dashboard", "pages", "tests", "streamlit_config")
CHANGES: dict[str, Callable[[Path], None]] = {}
PAGE = '''"""A page of a newcomer."""

import streamlit as st

from dashboard.access import require
from dashboard.actions.greetings import greet

operator = require("view_metrics")
st.title("Greetings")
st.button("Greet", on_click=greet, args=(operator,), kwargs={"key": "first"})
'''
ACTION = '''"""What a newcomer lets staff do."""

from dashboard.access import Operator
from dashboard.actions.acting import Done, acting, needs


@needs("view_metrics")
def greet(operator: Operator, *, key: str) -> Done:
    """Record a greeting."""
    with acting(operator, key) as act:
        act.record("greet", subject="everybody")
    return Done("Greeted.")
'''
CHANNEL = '''

def _carrier_pigeon(notice: Notice, target: Target, server: MailServer, at: datetime) -> str | None:
    """Send nothing, and say that it arrived."""
    return None


CHANNELS = {**CHANNELS, "pigeon": Channel("Carrier pigeon", bool, _carrier_pigeon, calls_out=False, signs=False)}
'''
PLAN = """INSERT INTO plans (plan, name, minutes) VALUES ('team', 'Team', 500);
"""


def change(row: str) -> Callable[[Callable[[Path], None]], Callable[[Path], None]]:
    """Register what makes the change of one row of the table."""

    def register(make: Callable[[Path], None]) -> Callable[[Path], None]:
        CHANGES[row] = make
        return make

    return register


def edit(file: Path, old: str, new: str) -> None:
    """Replace one piece of a file, which has to be there."""
    text = file.read_text()
    assert text.count(old) == 1, f"{file} holds {text.count(old)} times {old!r}"
    file.write_text(text.replace(old, new))


@change("a metric")
def _metric(copy: Path) -> None:
    metrics = copy / "ledger/sql/metrics"
    body = (metrics / "unmet-minutes.sql").read_text().replace("Unmet minutes", "Turned away minutes")
    (metrics / "turned-away-minutes.sql").write_text(body)
    edit(
        copy / "dashboard/screens/overview.py", '"unmet-minutes",', '"unmet-minutes", "turned-away-minutes",'
    )


@change("a page")
def _page(copy: Path) -> None:
    (copy / "pages/greetings.py").write_text(PAGE)
    entry = '    NavigationEntry("greetings", "Greetings", "waving_hand", "Who says hello?", "view_metrics", METRICS),\n'
    edit(copy / "dashboard/navigation.py", "ENTRIES = [\n", f"ENTRIES = [\n{entry}")


@change("what staff may do")
def _action(copy: Path) -> None:
    (copy / "dashboard/actions/greetings.py").write_text(ACTION)


@change("a plan")
def _plan(copy: Path) -> None:
    migrations = copy / "ledger/sql/migrations"
    number = len(list(migrations.glob("*.sql"))) + 1
    (migrations / f"{number:04}_team.sql").write_text(PLAN)


@change("the order in which minutes are used")
def _order(copy: Path) -> None:
    edit(
        copy / "ledger/sql/functions/lots/burn_order.sql",
        "WHEN 'plan' THEN 0 ELSE 1000000000000000000 END",
        "WHEN 'plan' THEN 1000000000000000000 ELSE 0 END",
    )


@change("a channel of alerts")
def _channel(copy: Path) -> None:
    channels = copy / "ledger/notify/channels.py"
    channels.write_text(channels.read_text() + CHANNEL)


PROBE = """
import json, sys
from datetime import UTC, datetime, timedelta
from fastapi.testclient import TestClient
import ledger
from dashboard.api import app
from ledger.desk import keys
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.attributes import set_attributes
from tests.pages.visits import hire, use, visit, words

engine = ledger.connect(sys.argv[1])
ledger.migrate(engine)
now, admin = datetime.now(UTC), hire(engine, "admin")
with ledger.writing(engine) as db:
    key = keys.create_key(db, name="t", scopes=keys.SCOPES, actor="t", at=now).text
use(engine)
client = TestClient(app, headers={"Authorization": f"Bearer {key}"})
seen = {"where": ledger.__file__}

def sign_up(name, plan):
    return client.post("/api/workspaces", json={"workspace_id": name, "name": name, "owner_email": "a@b.example",
        "plan": plan, "billing_cycle": "monthly"})

seen["plan"] = sign_up("team", "team").json()
seen["plans"] = [each["plan"] for each in client.get("/api/plans").json()["items"]]
sign_up("acme", "starter")
with ledger.writing(engine) as db:
    ledger.grant_minutes(db, "acme", 60, reason="gift", key="g", actor="t", at=now)
def use_minutes(minutes, key):
    return client.post("/api/usage/track-minute", json={"workspace_id": "acme", "minutes": minutes, "key": key}).json()
seen["uses"] = [use_minutes(50, "one"), use_minutes(30, "two")]
batch = [{"workspace_id": "team", "minutes": 20, "key": "b"}, {"workspace_id": "acme", "minutes": 200, "key": "c"}]
seen["batch"] = client.post("/api/usage/track-minutes", json={"uses": batch}).json()["results"]
with ledger.reading(engine) as db:
    seen["verify"] = [str(each) for each in ledger.verify(db)]
with ledger.writing(engine) as db:
    seen["attributes"] = set_attributes(db, "acme", {"fleet": "large"}, actor="t", at=now)
    refresh_rollups(db, at=datetime.now(UTC))
period = {"start": (now - timedelta(days=2)).isoformat(), "end": (now + timedelta(days=1)).isoformat(), "source": "sandbox"}
seen["metric"] = client.get("/api/metrics/turned-away-minutes", params=period).json()
seen["by"] = client.get("/api/metrics/unmet-minutes", params=period | {"by": "fleet"}).text
seen["overview"] = words(visit(engine, "overview", email="admin@example.com"))
narrowed = visit(engine, "overview", email="admin@example.com", **{"attribute.fleet": "large", "plan": "team"})
seen["chips"] = sorted(button.label for button in narrowed.button if str(button.key).startswith("chip_"))
listed = lambda **wish: [each["workspace_id"] for each in client.get("/api/workspaces", params=wish).json()["items"]]
seen["lists"] = {"plan": listed(plan="team"), "attribute": listed(attribute="fleet:large"), "search": listed(q="larg")}
overview = visit(engine, "overview", email="admin@example.com", about="conversion", about_tab="alerts")
seen["channels"] = [box.options for box in overview.selectbox if box.label == "Notify by"]
page = visit(engine, "greetings", email="admin@example.com")
seen["page"] = words(page)
page.button[[button.label for button in page.button].index("Greet")].click().run()
seen["errors"] = [str(each.message) for each in (*overview.exception, *page.exception)]
audit = visit(engine, "audit", email="admin@example.com")
seen["audit"] = words(audit) + "".join(frame.value.to_csv() for frame in audit.dataframe)
print("SEEN " + json.dumps(seen, default=str))
"""


def copied(folder: Path) -> Path:
    """Copy the rooms into a folder; return it."""
    for room in ROOMS:
        shutil.copytree(CHECKOUT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which every change has been made."""
    copy = copied(tmp_path_factory.mktemp("changed") / "repository")
    for make in CHANGES.values():
        make(copy)
    return copy


@pytest.fixture(scope="module")
def seen(copy: Path) -> Iterator[dict[str, Any]]:
    """What the changed product shows."""
    with empty_database() as url:
        ran = subprocess.run(
            [sys.executable, "-c", PROBE, url],
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy), "DATABASE_URL": url},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        shown = re.search(r"^SEEN (.*)$", ran.stdout, re.MULTILINE)
        assert shown, ran.stdout + ran.stderr
        yield json.loads(shown[1])


def rows() -> dict[str, set[str]]:
    """Return the paths that the README names for each change."""
    table = (CHECKOUT / "README.md").read_text().partition("## Where do I change X?")[2].partition("\n## ")[0]
    lines = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("| ")][1:]
    return {line[0].strip(): set(QUOTED.findall(line[1])) for line in lines}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rooms in which one change at a time is made and taken back."""
    return copied(tmp_path_factory.mktemp("scratch"))


@pytest.mark.parametrize("row", CHANGES)
def test_a_change_touches_what_the_readme_names_and_nothing_else(row: str, scratch: Path) -> None:
    named = rows()[row]

    CHANGES[row](scratch)

    touched = changed_files(scratch)
    for path in touched:
        take_back(scratch, path)
    assert touched
    assert [path for path in touched if path not in named and f"{Path(path).parent}/" not in named] == []
    assert changed_files(scratch) == set()


def changed_files(copy: Path) -> set[str]:
    """Return the files of a copy that the repository does not hold, or holds differently."""
    return {
        str(path.relative_to(copy))
        for path in copy.rglob("*.*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and (
            not (original := CHECKOUT / path.relative_to(copy)).exists()
            or not filecmp.cmp(original, path)  # what has the same size and time is not read
        )
    }


def take_back(copy: Path, path: str) -> None:
    """Make one file of a copy what it is in the repository."""
    (copy / path).unlink()
    if (CHECKOUT / path).exists():
        shutil.copy2(CHECKOUT / path, copy / path)


def test_the_copy_was_tried_and_not_the_repository(seen: dict[str, Any], copy: Path) -> None:
    assert Path(seen["where"]).is_relative_to(copy)
    assert seen["errors"] == []


def test_a_new_metric_answers_over_http_and_has_its_card(seen: dict[str, Any]) -> None:
    assert seen["metric"]["slug"] == "turned-away-minutes"
    assert "Turned away minutes" in seen["overview"]


def test_a_new_page_opens(seen: dict[str, Any]) -> None:
    assert "Greetings" in seen["page"]


def test_a_new_action_of_staff_is_audited(seen: dict[str, Any]) -> None:
    assert "greet" in seen["audit"].lower()


def test_a_new_plan_is_sold_over_http(seen: dict[str, Any]) -> None:
    assert "team" in seen["plans"]
    assert seen["plan"]["balance"]["total_minutes"] == 500
    assert seen["lists"]["plan"] == ["team"]


def test_another_order_of_use_is_obeyed_by_single_uses_and_batches_and_proven(seen: dict[str, Any]) -> None:
    drawn = [(use["from_plan"], use["from_extra"]) for use in (*seen["uses"], *seen["batch"])]

    assert drawn == [(0, 50), (20, 10), (20, 0), (180, 0)]
    assert seen["verify"] == []


def test_a_new_channel_can_be_chosen(seen: dict[str, Any]) -> None:
    assert ["Carrier pigeon" in options for options in seen["channels"]] == [True]


def test_a_new_attribute_needs_no_file_at_all(seen: dict[str, Any]) -> None:
    assert seen["attributes"] == {"fleet": "large"}
    assert "large" in seen["by"]
    assert seen["chips"] == ["Fleet: large", "Team"]
    assert (seen["lists"]["attribute"], seen["lists"]["search"]) == (["acme"], ["acme"])
