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
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


@pytest.fixture
def proxied(ledger: Api, tmp_path: Path) -> Iterator[Api]:
    """The interface behind nginx, with the block of the page: only its addresses and certificate are others."""
    if NGINX is None:
        pytest.skip("nginx is not installed here (Debian: apt-get install nginx-light)")
    port, certificate, key = free_port(preferred=0), tmp_path / "fullchain.pem", tmp_path / "privkey.pem"
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
    subprocess.run(
        [*make, "-addext", names, "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    server = block("nginx")
    for written, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("http://127.0.0.1:8501", ledger.url),
        ("/etc/ssl/minutes", str(tmp_path)),
    ):
        assert written in server
        server = server.replace(written, here)
    temporary = "".join(
        f"{name}_temp_path {tmp_path / name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = tmp_path / "nginx.conf"
    config.write_text(
        f"daemon off;\npid {tmp_path}/pid;\nerror_log {tmp_path}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{server}}}\n"
    )
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

    found = subprocess.run(
        ["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False
    )

    assert "minutes.service" not in found.stderr, found.stderr
