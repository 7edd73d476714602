"""The files of docs/go_live.md: nginx serves through the block, systemd accepts the unit."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ledger.postgres.conf import free_port
from tests.dashboard.api_server import Api
from tests.databases import CHECKOUT

PAGE = (CHECKOUT / "docs" / "go_live.md").read_text("utf-8")
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def block(language: str) -> str:
    """Return the block of one language."""
    (output,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(output)


def certified(folder: Path) -> None:
    """Make a certificate of this machine."""
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    make = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
    ]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*make, "-addext", names, *files], check=True, capture_output=True)


def configured(folder: Path, port: int, behind: str) -> Path:
    """Write the block of the page as a whole configuration: only its addresses and certificate are others."""
    server = block("nginx")
    for written, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("http://127.0.0.1:8501", behind),
        ("/etc/ssl/minutes", str(folder)),
    ):
        assert written in server
        server = server.replace(written, here)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{name}_temp_path {folder / name};\n" for name in kinds)
    path = folder / "nginx.conf"
    path.write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{server}}}\n"
    )
    return path


@pytest.fixture
def proxied(ledger: Api, tmp_path: Path) -> Iterator[Api]:
    """The interface behind nginx."""
    if NGINX is None:
        pytest.skip("nginx is not installed here (Debian: apt-get install nginx-light)")
    port = free_port(preferred=0)
    certified(tmp_path)
    config = configured(tmp_path, port, ledger.url)
    with subprocess.Popen([NGINX, "-c", str(config), "-e", str(tmp_path / "error.log")]) as process:
        yield Api(f"https://localhost:{port}", ledger.engine, ledger.key)
        process.terminate()


def asks(proxied: Api, tmp_path: Path, method: str, path: str, **more: object) -> requests.Response:
    headers = {"Authorization": f"Bearer {proxied.key}", "Request-Id": "from-outside"}
    for _ in range(100):
        try:
            return requests.request(
                method,
                f"{proxied.url}{path}",
                headers=headers,
                verify=tmp_path / "fullchain.pem",
                timeout=30,
                **more,
            )  # type: ignore[arg-type]
        except requests.ConnectionError:
            time.sleep(0.1)
    raise TimeoutError(path)


def test_nginx_serves_the_interface_through_the_block(proxied: Api, tmp_path: Path) -> None:
    made = {"workspace_id": "acme", "name": "Acme", "owner_email": "o@acme.example"}

    health = asks(proxied, tmp_path, "GET", "/api/health")
    created = asks(proxied, tmp_path, "POST", "/api/workspaces", json=made)
    figures = asks(proxied, tmp_path, "GET", "/metrics")

    assert (health.status_code, created.status_code, figures.status_code) == (200, 201, 404)
    assert created.headers["Request-Id"] == "from-outside"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed here")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = tmp_path / "minutes.service"
    unit.write_text(
        block("ini").replace("/opt/minutes/.venv/bin/python", shutil.which("python3") or "/bin/true")
    )

    output = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )

    assert "minutes.service" not in output.stderr, output.stderr
