"""Opening a page as a member of staff would, without a browser: through the entry script, signed in by OIDC claims."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.installation import Installation, close, open_copy, use_installation
from ledger.database import writing
from ledger.desk import staff
from ledger.settings import load_settings
from tests import component_search  # noqa: F401 - a program that visits pages searches for components once
from tests.commands import PATIENCE_SECONDS

ENTRY = Path(__file__).parents[2] / "dashboard" / "app.py"
ISSUER = "https://login.example.com"
AUTH = {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "x" * 32}
ROLES = ("viewer", "support", "pricing", "admin")


def use(engine: Engine) -> None:
    """Make the dashboard of this process use a test's database."""
    close()
    settings = load_settings()
    use_installation(Installation(engine, settings, copy=open_copy(settings)))


def hire(engine: Engine, role: str, name: str = "") -> str:
    """Let a person in under a role; gives their e-mail address."""
    email = f"{name or role}@example.com"
    with writing(engine) as connection:
        staff.add_staff(connection, email, role=role, actor="test", at=datetime.now(UTC))
    return email


def claims(email: str) -> dict[str, object]:
    """What the identity provider says about a signed-in person."""
    return {
        "is_logged_in": True,
        "iss": ISSUER,
        "sub": f"sub of {email}",
        "email": email,
        "email_verified": True,
        "iat": int(datetime.now(UTC).timestamp()),
    }


def visit(engine: Engine, page: str, /, *, email: str | None, **query: str) -> AppTest:
    """The page as this person sees it; `email` None: signed out. `page` is its file name without `.py`."""
    use(engine)
    app = AppTest.from_file(str(ENTRY), default_timeout=PATIENCE_SECONDS)
    app.secrets = {"auth": AUTH}
    app.user = {"is_logged_in": False}  # the way in knows every page and costs nothing to draw
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    if email:
        app.user = claims(email)
        app.switch_page(f"../pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        app.run()
    return app


def labels(frame: Any, column: str) -> list[str]:
    """Return the coloured labels of a column of states, one a line."""
    return [label for cell in frame[column] for label in cell]


def words(app: AppTest) -> str:
    """Everything the page says in titles, texts, labels and alerts, as a reader sees it."""
    kinds = (
        "title",
        "header",
        "subheader",
        "markdown",
        "caption",
        "error",
        "info",
        "success",
        "warning",
        "metric",
        "toast",
    )
    said = "\n".join(
        f"{getattr(element, 'label', '')} {getattr(element, 'value', '')}"
        for kind in kinds
        for element in app.get(kind)
    )
    return re.sub(r"\\([^\w\s])", r"\1", said)


def main_chart(app: AppTest) -> str:
    """Return what a page draws in its main chart, as the browser gets it; its key names the period."""
    return str(
        next(drawn.proto.spec for drawn in app.get("plotly_chart") if drawn.key.startswith("main_chart"))
    )
