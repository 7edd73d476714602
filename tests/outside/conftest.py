"""A running ledger with its worker, and what an outside developer generates from its document."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from sqlalchemy import Engine

from dashboard import installation
from ledger.schedules import WorkerContext
from ledger.worker import open_gateways, work
from tests.dashboard.api_server import Api, serving, use_database
from tests.databases import migrated_database
from tests.outside.__main__ import FOLDER, HERE, MISSING, PROGRAMS, environment, is_ready, wanted

GUIDE = HERE.parents[1] / "docs" / "integrate.md"
MYPY = Path(sys.executable).with_name("mypy")


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


@pytest.fixture(autouse=True)
def its_installation(request: pytest.FixtureRequest) -> None:
    """Put the shared ledger in place again: tests of another folder may have run in this process in between."""
    if "ledger" in request.fixturenames:
        use_database(request.getfixturevalue("outside_engine"))


@pytest.fixture(scope="session")
def document(ledger: Api) -> Path:
    """The document, as the server sends it."""
    path = FOLDER / "openapi.json"
    path.write_text(json.dumps(requests.get(f"{ledger.url}/api/openapi.json", timeout=60).json()), "utf-8")
    return path


class Works:
    """What outside tools make of the document: all begun at once, two at a time, and not again for what they passed."""

    def __init__(self, document: Path, pool: ThreadPoolExecutor) -> None:
        self.document = document
        self.began = {
            each.__name__: pool.submit(self._unless_passed, each)
            for each in (typescript_built, python_generated, redocly_linted, spectral_linted, python_typed)
        }

    def _unless_passed(self, work: Callable[[Path], None]) -> None:
        if work is python_typed:
            self.began[python_generated.__name__].result()
        passed = FOLDER / f"{work.__name__}.passed"
        everything = digest_of(self.document)
        if not passed.exists() or passed.read_text("utf-8") != everything:
            passed.unlink(missing_ok=True)
            work(self.document)
            passed.write_text(everything, "utf-8")

    def wait_for(self, work: Callable[[Path], None]) -> None:
        """Wait until a work is done. Raises what it raised."""
        self.began[work.__name__].result()


def digest_of(document: Path) -> str:
    """Return everything that decides what tools make of the document, as a digest: it, the packages, our files."""
    files = [document, GUIDE, *sorted(path for path in HERE.iterdir() if path.is_file())]
    return hashlib.sha256(wanted().encode() + b"".join(path.read_bytes() for path in files)).hexdigest()


@pytest.fixture(scope="session")
def works(document: Path) -> Iterator[Works]:
    """Everything that is made of the document."""
    with ThreadPoolExecutor(2) as pool:
        yield Works(document, pool)
        pool.shutdown(cancel_futures=True)


def typescript_built(document: Path) -> None:
    """Compile the journey and the guide strictly against the generated types."""
    for name in ("journey.ts", "tsconfig.json"):
        shutil.copy(HERE / name, FOLDER)
    snippets = re.findall(r"^```typescript\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    (FOLDER / "guide.ts").write_text("\n".join(snippets), "utf-8")
    ran("openapi-typescript", document, "--output", FOLDER / "ledger.d.ts")
    ran("tsc", "--project", FOLDER)


def python_generated(document: Path) -> None:
    """Generate the Python client, without a warning."""
    client = FOLDER / "ledger_client"
    shutil.rmtree(client, ignore_errors=True)
    config = FOLDER / "client.yaml"
    config.write_text("package_name_override: ledger_client\npost_hooks: []\n", "utf-8")
    generate = ("openapi-python-client", "generate", "--path", document, "--config", config)
    output = ran(*generate, "--meta", "none", "--output-path", client, "--fail-on-warning")
    assert "unsupported" not in output.lower(), output
    shutil.copy(HERE / "journey.py", FOLDER)


def python_typed(_document: Path) -> None:
    """Check the generated client and the journey with strict types."""
    python = ("--python-executable", PROGRAMS / "python")
    ran(MYPY, "--strict", *python, "--cache-dir", FOLDER / "mypy_cache", "journey.py")


def redocly_linted(document: Path) -> None:
    """Lint the document with Redocly's rules."""
    ran("redocly", "lint", document, "--max-problems", "20")


def spectral_linted(document: Path) -> None:
    """Lint the document with Spectral's rules."""
    ruleset = FOLDER / "spectral.yaml"
    ruleset.write_text('extends: ["spectral:oas"]\n', "utf-8")
    ran("spectral", "lint", document, "--ruleset", ruleset, "--fail-severity", "error")


def caller(ledger: Api) -> dict[str, str]:
    """Return the environment of a program that calls the ledger."""
    return (
        environment()
        | {"MINUTES_URL": ledger.url, "MINUTES_KEY": ledger.key, "PYTHONPATH": str(FOLDER)}
        | {name: os.environ[name] for name in ("HOME",) if name in os.environ}
    )
