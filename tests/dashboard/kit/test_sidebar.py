"""The sidebar: the pages a role may see, with the filters of the metric pages, and a count of what waits."""

from sqlalchemy import Engine
from streamlit.testing.v1 import AppTest

from dashboard.navigation import ENTRIES
from tests.pages.visits import hire, visit


def links(app: AppTest) -> dict[str, str]:
    """Return the query of each link by the page's address."""
    return {link.proto.page: link.proto.query_string for link in app.sidebar.get("page_link")}


def test_a_role_sees_the_pages_that_it_may_open(engine: Engine) -> None:
    seen = links(visit(engine, "overview", email=hire(engine, "viewer")))

    assert set(seen) == {
        e.file if e.file != "overview" else "" for e in ENTRIES if e.permission == "view_metrics"
    }


def test_links_between_metric_pages_carry_the_filters_and_others_do_not(engine: Engine) -> None:
    seen = links(visit(engine, "overview", email=hire(engine, "admin"), period="30d", chart="revenue-net"))

    assert seen["packages"] == "period=30d"
    assert seen["definitions"] == seen["health"] == ""
