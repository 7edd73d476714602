"""The files of one embedded server, and its three logins: owner, application and reader, each with a password file."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psycopg

from ledger.postgres.programs import Programs
from ledger.roles import make_logins

DATABASE = OWNER = "minutes"  # the owner may create databases and roles, but is no superuser
SUPERUSER = "postgres"  # signs in nowhere: nothing of ours needs it
Login = Literal["owner", "app", "reader"]


@dataclass(frozen=True)
class Server:
    """The files of one embedded server."""

    data_dir: Path
    programs: Programs

    @property
    def folder(self) -> Path:
        """PostgreSQL's own data."""
        return self.data_dir / "postgres"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data_dir / "postgres.log"

    @property
    def password_file(self) -> Path:
        """The owner's password, readable by the server's account alone."""
        return self.password_of("owner")

    def password_of(self, login: Login) -> Path:
        """Return the file with the password of a login."""
        return self.data_dir / ("postgres.password" if login == "owner" else f"postgres.{login}.password")

    def url(self, login: Login, port: int) -> str:
        """Return the URL of the running server for one of its logins."""
        name = OWNER if login == "owner" else f"{DATABASE}_{login}"
        password = self.password_of(login).read_text().strip()
        return f"postgresql+psycopg://{name}:{password}@127.0.0.1:{port}/{DATABASE}"

    @property
    def lock_file(self) -> Path:
        """PostgreSQL's own note about the running server: pid, port and state among others."""
        return self.folder / "postmaster.pid"


def add_logins(server: Server, port: int) -> None:
    """Make the logins of the application and of the reader, where there are none."""
    if server.password_of("reader").exists():
        return
    with psycopg.connect(server.url("owner", port).replace("+psycopg", ""), autocommit=True) as raw:
        made = make_logins(raw)
    write_secret(server.password_of("app"), made.application[1])
    write_secret(server.password_of("reader"), made.reader[1])


def write_secret(path: Path, secret: str) -> None:
    """Write a secret to a file that only this account reads."""
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(secret + "\n")
