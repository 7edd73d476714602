"""`python -m dashboard` from outside: what it refuses, what it serves, how it stops."""

import os
import signal
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import requests
import streamlit
from sqlalchemy import Engine
from streamlit import config

from dashboard.__main__ import CONFIG, arguments, flatten, main
from ledger.postgres.conf import free_port
from tests.browser.server import CHECKOUT, START_TOKEN, running, start, wait_until_served
from tests.commands import HEARS_HANGUPS, PATIENCE_SECONDS


def _say(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Start it as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7"])  # noqa: S104
def test_without_sign_in_it_refuses_to_listen_beyond_this_machine(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--host", host]) == 2
    assert "would be an administrator" in capsys.readouterr().err


def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it() -> None:
    said = _say(REPORT_TIMEZONE="Mars/Olympus")

    assert said.returncode == 2
    assert said.stderr.count("\n") == 1
    assert "REPORT_TIMEZONE" in said.stderr


def test_a_database_that_is_not_there_is_said_in_one_line() -> None:
    said = _say(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port(preferred=0)}/none")

    assert said.returncode == 2
    assert said.stderr.startswith("Cannot start: ")
    assert "Traceback" not in said.stderr


def test_a_port_that_is_taken_is_named_in_one_line_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    with socket.create_server(("127.0.0.1", 0)) as other:
        status = main(["--port", str(other.getsockname()[1])])

    printed = capsys.readouterr()
    assert status == 2
    assert "already in use; choose another port" in printed.err
    assert (printed.out, printed.err.count("\n")) == ("", 1)


@pytest.mark.parametrize("port", ["0", "-1", "65536", "8501.5", "http", ""])
def test_a_port_that_is_not_known_beforehand_is_refused_with_the_valid_range(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(["--port", port])

    assert ended.value.code == 2
    assert "--port: a port from 1 to 65535 is needed, as in 8501" in capsys.readouterr().err


def test_screens_and_interface_are_served_by_one_process_from_any_folder(engine: Engine) -> None:
    session = requests.Session()
    session.cookies.set("start_token", START_TOKEN)
    with running(engine) as url:
        locked = requests.get(f"{url}/overview", timeout=60)
        page = session.get(f"{url}/workspace?id=x", timeout=60)
        health = session.get(f"{url}/api/health", timeout=60)
        unknown = session.get(f"{url}/api/nothing", timeout=60)
        index = session.get(f"{url}/api", timeout=60)
        wrong = session.post(f"{url}/api", timeout=60)
        home = session.get(f"{url}/overview", timeout=60, allow_redirects=False)
        link = session.get(f"{url}/overview?plan=pro&rows=fees", timeout=60, allow_redirects=False)
        forwarded = session.get(f"{url}/", headers={"X-Forwarded-For": "1.2.3.4"}, timeout=60)

    assert (locked.status_code, page.status_code) == (403, 200)
    assert "content-security-policy" in page.headers
    assert health.json()["status"] == "ok"
    assert unknown.status_code == 404
    assert unknown.headers["content-type"].startswith("application/problem+json")
    assert index.url == f"{url}/api/docs"
    assert "HTTP interface" in index.text
    assert wrong.headers["content-type"].startswith("application/problem+json")
    assert home.headers["location"] == "/"
    assert link.headers["location"] == "/?plan=pro&rows=fees"
    assert forwarded.status_code == 403


@pytest.mark.parametrize(
    ("name", "through"),
    [
        (signal.SIGINT, ()),
        (signal.SIGTERM, ("sh", "-c", 'exec "$@" <&-', "sh")),
        (signal.SIGHUP, HEARS_HANGUPS),
    ],
    ids=["SIGINT", "SIGTERM without stdin", "SIGHUP"],
)
def test_every_signal_that_asks_it_to_stop_stops_it_cleanly(
    engine: Engine, name: signal.Signals, through: tuple[str, ...]
) -> None:
    port = free_port(preferred=0)
    process = start(engine, "--port", str(port), through=through)
    wait_until_served(process, port)

    process.send_signal(name)
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)

    assert process.returncode == 0
    assert said.splitlines()[-1] == "Stopped."
    assert "Traceback" not in said


def test_every_option_of_the_configuration_is_known_to_streamlit() -> None:
    options = dict(flatten(tomllib.loads((CONFIG / "config.toml").read_text("utf-8"))))

    assert set(options) <= set(config._config_options_template)
    assert (CHECKOUT / ".streamlit").resolve() == CONFIG.resolve()
    assert streamlit.__version__


def test_a_published_cookie_secret_stops_the_start_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copied = tmp_path / "secrets.toml"
    copied.write_text((CONFIG / "secrets.example.toml").read_text("utf-8"))

    status = main(["--secrets", str(copied)])

    printed = capsys.readouterr().err
    assert status == 2
    assert printed.startswith("Cannot start: cookie_secret of [auth] is still the text of the example")
    assert printed.count("\n") == 1
