"""The command that makes a demo company."""

import signal

import pytest
from sqlalchemy import Engine

from tests.commands import PATIENCE_SECONDS, run, run_process, started, url_of_engine
from tests.databases import empty_database


@pytest.fixture
def url(engine: Engine) -> str:
    """A migrated database of this test's own."""
    return url_of_engine(engine)


def test_a_demo_company_is_made_in_an_empty_database_with_a_progress_bar() -> None:
    words = ["demo", "--workspaces", "5", "--months", "1", "--until", "2026-03-01", "--seed", "3"]
    with empty_database() as url:
        output = run_process(*words, database_url=url)
        proof = run("verify", database_url=url)

    assert output.returncode == 0, output.stderr
    assert output.stdout == "demo company: 5 workspaces, 2026-02-01 to 2026-03-01, seed 3\n"
    assert "Demo company: 100%" in output.stderr
    assert proof.stdout.splitlines()[-1] == "0 findings"


def test_an_interrupted_demo_says_how_to_go_on(url: str) -> None:
    words = ["demo", "--workspaces", "400", "--months", "12", "--until", "2026-03-01"]
    with started(*words, database_url=url) as telling:
        assert telling.stderr is not None
        while "%" not in telling.stderr.read(1):
            continue

        telling.send_signal(signal.SIGINT)

        _, rest = telling.communicate(timeout=PATIENCE_SECONDS)
        assert telling.returncode == 130
        assert "the same command continues" in rest


def test_a_live_installation_gets_no_demo_company(url: str) -> None:
    output = run("demo", database_url=url, STRIPE_API_KEY="sk_live_" + "0" * 24)

    assert output.returncode == 2
    assert output.stderr.count("\n") == 1
    assert "never made in a live installation" in output.stderr
