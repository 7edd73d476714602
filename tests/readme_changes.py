"""The changes that the README explains, each made in a copy of the repository, and the program that shows their effect."""

from collections.abc import Callable
from pathlib import Path

CHANGES: dict[str, Callable[[Path], None]] = {}
PAGE = '''"""A page of a newcomer."""

import streamlit as st

from dashboard.access import operator_or_nobody, require
from dashboard.actions.greetings import greet

require("view_metrics")
st.title("Greetings")
st.button("Greet", on_click=lambda: greet(operator_or_nobody(), key="first"))
'''
ACTION = '''"""What a newcomer lets staff do."""

from dashboard.access import Operator
from dashboard.actions.acting import ActionResult, acting, needs


@needs("view_metrics")
def greet(operator: Operator, *, key: str) -> ActionResult:
    """Record a greeting."""
    with acting(operator, key) as act:
        act.record("greet", subject="everybody")
    return ActionResult("Greeted.")
'''
CHANNEL = '''

def _carrier_pigeon(notice: Notice, target: Target, server: MailServer, at: datetime) -> str | None:
    """Send nothing, and say that it arrived."""
    return None


CHANNELS = {**CHANNELS, "pigeon": Channel("Carrier pigeon", bool, _carrier_pigeon, calls_out=False, signs=False)}
'''
HANDLER = '''

@handles("customer.created")
def _greet_the_customer(*_: object) -> HandlerResult:
    """Greet."""
    return HandlerResult(status="done", summary="greeted")
'''
REFUSAL = '''

class NeverGreeted(LedgerError):
    """Nobody has greeted this plan."""

    code = "never_greeted"
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


@change("a column of the Workspaces table")
def _column(copy: Path) -> None:
    columns = copy / "dashboard/screens/search_columns.py"
    edit(
        columns,
        '    WorkspaceColumn("State",',
        '    WorkspaceColumn("Source", "6rem", "4rem", lambda _, row: escape(row.source)),\n    WorkspaceColumn("State",',
    )


@change("the wording of an e-mail")
def _wording(copy: Path) -> None:
    edit(copy / "ledger/notify/alert_digests.py", '"limit_hit": "limit hit"', '"limit_hit": "out of minutes"')


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


@change("a type of Stripe event")
def _stripe_event(copy: Path) -> None:
    handlers = copy / "ledger/webhooks/handlers.py"
    handlers.write_text(handlers.read_text() + HANDLER)
    events = copy / "tests/stripe_events"
    event = (events / "charge.failed.json").read_text().replace('"charge.failed"', '"customer.created"')
    (events / "customer.created.json").write_text(event)


@change("a scheduled job")
def _schedule(copy: Path) -> None:
    line = '    Schedule("greetings", 60, _purge),\n'
    edit(copy / "ledger/schedules.py", "SCHEDULES = [\n", f"SCHEDULES = [\n{line}")


@change("what a role may do")
def _role(copy: Path) -> None:
    edit(
        copy / "dashboard/access.py",
        'frozenset({"view_metrics"})',
        'frozenset({"view_metrics", "view_health"})',
    )


@change("a refusal")
def _refusal(copy: Path) -> None:
    errors = copy / "ledger/errors.py"
    errors.write_text(errors.read_text() + REFUSAL)
    status = '    "never_greeted": 418,\n'
    edit(copy / "dashboard/server/problems.py", "STATUSES = {\n", f"STATUSES = {{\n{status}")
    edit(
        copy / "dashboard/api/metrics.py",
        '"unknown_metric", "unknown_plan"',
        '"unknown_metric", "never_greeted"',
    )
    edit(copy / "dashboard/api/plans.py", "import UnknownPlan", "import NeverGreeted as UnknownPlan")


@change("a setting")
def _setting(copy: Path) -> None:
    settings = copy / "ledger/settings.py"
    edit(
        settings,
        "    public_url: str | None = None\n",
        "    public_url: str | None = None\n    greeting: str | None = None\n",
    )
    read = '        public_url=_public_url(given.get("PUBLIC_URL")),\n'
    edit(settings, read, f'{read}        greeting=given.get("GREETING"),\n')


PROBE = """
import json, sys, time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from fastapi.testclient import TestClient
from stripe import WebhookSignature
import ledger
from dashboard.api import app
from ledger.desk import keys
from ledger.metrics.rollups import refresh_rollups
from ledger.minutes.attributes import set_attributes
from ledger.notify import alert_digests
from ledger.schedules import SCHEDULES
from ledger.settings import load_settings
from ledger.webhooks.inbox import list_events, open_gateway, work_inbox
from ledger.schedules import WorkerContext
from ledger.worker import list_schedules, run_schedule
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
listed = lambda **selection: [each["workspace_id"] for each in client.get("/api/workspaces", params=selection).json()["items"]]
seen["lists"] = {"plan": listed(plan="team"), "attribute": listed(attribute="fleet:large"), "search": listed(q="larg")}
overview = visit(engine, "overview", email="admin@example.com", about="conversion", about_tab="alerts")
seen["channels"] = [box.options for box in overview.selectbox if box.label == "Notify by"]
page = visit(engine, "greetings", email="admin@example.com")
seen["page"] = words(page)
page.button[[button.label for button in page.button].index("Greet")].click().run()
seen["errors"] = [str(each.message) for each in (*overview.exception, *page.exception)]
audit = visit(engine, "audit", email="admin@example.com")
seen["audit"] = words(audit) + "".join(frame.value.to_csv() for frame in audit.dataframe)
seen["workspaces"] = "".join(each.proto.body for each in visit(engine, "search", email="admin@example.com").get("html"))
hit = {"workspace_id": "acme", "kind": "limit_hit", "at": datetime(2026, 3, 2, 9, tzinfo=UTC)}
seen["mail"] = alert_digests._line("usage", hit)
page = visit(engine, "health", email=hire(engine, "viewer"))
seen["role"] = [title.value for title in page.title]
run_schedule(WorkerContext(engine, load_settings(), {}), next(each for each in SCHEDULES if each.name == "greetings"), at=now)
with ledger.reading(engine) as db:
    seen["schedules"] = [(run.name, run.error) for run in list_schedules(db)]
body = (Path("tests/stripe_events") / "customer.created.json").read_bytes()
signed = int(time.time())
proof = WebhookSignature._compute_signature(f"{signed}.{body.decode()}", load_settings().stripe_webhook_secrets[0])
signature = {"Stripe-Signature": f"t={signed},v1={proof}"}
seen["delivered"] = client.post("/api/webhooks/stripe", content=body, headers=signature).status_code
work_inbox(engine, {"sandbox": open_gateway(engine, load_settings(), "sandbox", clock=lambda: now)}, at=datetime.now(UTC))
with ledger.reading(engine) as db:
    seen["events"] = [(event.type, event.status, event.effect) for event in list_events(db)]
refused = client.get("/api/metrics/conversion", params=period | {"plan": "none"})
seen["refusal"] = (refused.status_code, refused.json()["code"])
seen["documented"] = client.get("/api/openapi.json").json()["paths"]["/api/metrics/{slug}"]["get"]["responses"]
seen["setting"] = load_settings().greeting
print("SEEN " + json.dumps(seen, default=str))
"""
