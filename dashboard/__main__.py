"""`python -m dashboard`: set up what is missing, then serve the screens and the HTTP API in one process."""

import argparse
import gc
import importlib
import os
import pkgutil
import signal
import socket
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from dashboard.server.guards import is_loopback
from dashboard.server.sign_in_settings import read_auth
from ledger.command_line import stop_on_hangup
from ledger.errors import LedgerError
from ledger.logs import configure
from ledger.postgres import EmbeddedError
from ledger.settings import Settings, SettingsError, load_settings

CONFIG = Path(__file__).parent.parent / "streamlit_config"
LAST_STANDARD_STREAM = 2
LAST_PORT = 65_535


def flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield nested tables as Streamlit's dotted option names: `[theme.dark] x` is `theme.dark.x`."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def arguments(argv: list[str]) -> argparse.Namespace:
    """Return the parsed command line."""
    parser = argparse.ArgumentParser(prog="python -m dashboard", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8501, help="port to listen on (default 8501)")
    parser.add_argument("--no-demo", action="store_true", help="leave an empty database empty")
    parser.add_argument("--secrets", type=Path, default=CONFIG / "secrets.toml", help="file with [auth]")
    return parser.parse_args(argv)


def _port(text: str) -> int:
    """Return a port from text. Raise ArgumentTypeError for 0, which would mean any port."""
    try:
        port = int(text)
    except ValueError:
        port = 0
    if not 1 <= port <= LAST_PORT:
        raise argparse.ArgumentTypeError(f"a port from 1 to {LAST_PORT} is needed, as in 8501, not {text!r}")
    return port


def say(line: str) -> None:
    """Print one line of progress."""
    print(line, flush=True)


def closed_port(host: str, port: int) -> str | None:
    """Return why a port cannot be used, or None. Called before the database starts, so that a start fails early."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return None
    except OSError as error:
        return os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)


def fill_standard_streams() -> None:
    """Open the null device for a closed stdin, stdout or stderr: the event loop would get its number, and abort."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= LAST_STANDARD_STREAM:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)


def main(argv: list[str] | None = None) -> int:
    """Start everything and serve until stopped; return the exit status."""
    fill_standard_streams()
    options = arguments(sys.argv[1:] if argv is None else argv)
    try:
        settings = load_settings()
        auth = read_auth(options.secrets)
    except (SettingsError, tomllib.TOMLDecodeError) as error:
        print(f"Cannot start: {error}", file=sys.stderr)
        return 2
    if auth is None and not is_loopback(options.host):
        print(
            f"Cannot start: without sign-in, everyone who can reach {options.host} would be an administrator. "
            "Listen on 127.0.0.1, or configure sign-in (streamlit_config/secrets.example.toml).",
            file=sys.stderr,
        )
        return 2
    if (reason := closed_port(options.host, options.port)) is not None:
        print(
            f"Cannot start: port {options.port} of {options.host}: {reason}; choose another port.",
            file=sys.stderr,
        )
        return 2
    configure(settings.log_format)
    # One way to stop, whenever it comes: while the demo data are made as well as while serving.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    stop_on_hangup()
    try:
        serve(options, settings, auth)
    except KeyboardInterrupt:
        pass
    except (LedgerError, EmbeddedError, OperationalError) as error:
        print(f"Cannot start: {str(error).splitlines()[0]}", file=sys.stderr)
        return 2
    say("Stopped.")
    return 0


def serve(options: argparse.Namespace, settings: Settings, auth: dict[str, Any] | None) -> None:
    """Prepare the database and serve until SIGINT or SIGTERM; the embedded server stops with us."""
    from dashboard.clock import present
    from dashboard.installation import Installation, open_copy, use_installation
    from dashboard.server import preparing
    from dashboard.server.start_token import Lock, address, new_token
    from ledger.worker import open_gateways

    say("Starting the database ...")
    with preparing.database(settings) as engine:
        preparing.migrate(engine, say)
        if not options.no_demo:
            preparing.fill_when_empty(engine, settings, say, at=present())
        gateways = open_gateways(engine, settings)
        # Demo workspaces buy in the sandbox; the screens, the API and the worker share its connections.
        shared = {**gateways, "demo": gateways["sandbox"]}
        use_installation(Installation(engine, settings, shared, open_copy(settings)))
        lock = Lock(settings.start_token or new_token(), _open_while_demo(engine))
        app = application(preparing.worker(engine, settings, gateways), settings, auth, lock)
        gc.collect()
        gc.freeze()  # Streamlit collects after every script run; what is loaded now is never scanned again.
        url = f"http://{shown(options.host)}:{options.port}"
        is_locked = auth is None and not lock.is_open()
        say(f"Serving {address(url, lock.token) if is_locked else url} (stop with Ctrl-C)")
        try:
            listen(app, options.host, options.port, behind_proxy=auth is not None)
        finally:
            for gateway in gateways.values():
                gateway.close()


def _open_while_demo(engine: Engine) -> Callable[[], bool]:
    """Return the check whether everybody on this machine may enter: a demo from the start that holds nothing else."""
    from dashboard.server.preparing import holds_only_demo

    began_as_demo = holds_only_demo(engine)
    return lambda: began_as_demo and holds_only_demo(engine)


def application(work: Any, settings: Settings, auth: dict[str, Any] | None, lock: Any) -> Any:
    """Return the loaded application: options read, modules imported, API and screens joined."""
    from streamlit.web import bootstrap

    options = tomllib.loads((CONFIG / "config.toml").read_text("utf-8"))
    bootstrap.load_config_options(dict(flatten(options)))
    load_modules()
    from dashboard import asgi
    from dashboard.api import app as api
    from dashboard.navigation import ENTRIES
    from dashboard.server.request_log import ScreenRequests

    screens = asgi.build(api, work, auth=auth, public_url=settings.public_url, lock=lock)
    return ScreenRequests(screens, pages={entry.file for entry in ENTRIES})


def load_modules() -> None:
    """Import what pages will import: before the collector is frozen, not on somebody's first click."""
    import dashboard

    for module in pkgutil.walk_packages(dashboard.__path__, "dashboard."):
        if module.name not in {"dashboard.app", "dashboard.__main__"}:
            importlib.import_module(module.name)


def shown(host: str) -> str:
    """Return the host as written in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def listen(app: Any, host: str, port: int, *, behind_proxy: bool) -> None:
    """Answer requests until SIGINT or SIGTERM.

    Uvicorn binds the socket itself: Streamlit's own server leaves Nagle's algorithm on, and every answer on a
    connection that stays open would be 40 ms late.
    """
    import uvicorn

    from dashboard.server.slow_clients import HeadersInTime

    uvicorn.run(
        app,
        http=HeadersInTime,
        host=host,
        port=port,
        ws="websockets-sansio",
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=5,
        server_header=False,
        proxy_headers=behind_proxy,
    )


if __name__ == "__main__":
    sys.exit(main())
