"""The parts of libraries that no documentation promises, each checked by hand against one version.

An upgrade of one of these packages makes a test fail here: look at what is listed, then change the version. What is not
listed may not be imported.
"""

import ast
import re
from functools import cache
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.house import CHECKOUT, nodes_of, sources


class PrivateApi(NamedTuple):
    """One name that a library may move without a word."""

    module: str
    names: tuple[str, ...]
    package: str
    checked: str
    used_in: str
    reason: str


PRIVATE = [
    PrivateApi(
        "streamlit.web.server.starlette.starlette_app_utils",
        ("decode_xsrf_token_string",),
        "streamlit",
        "1.67.0",
        "dashboard/access.py",
        "a browser is recognised by the token of its cookie, whose mask changes on every visit",
    ),
    PrivateApi(
        "streamlit.web.bootstrap",
        ("run",),
        "streamlit",
        "1.67.0",
        "dashboard/__main__.py",
        "options are loaded as the command `streamlit run` loads them",
    ),
    PrivateApi(
        "streamlit.path_security",
        ("is_unsafe_path_pattern",),
        "streamlit",
        "1.67.0",
        "dashboard/server/guards.py",
        "paths are judged as the server itself judges them",
    ),
    PrivateApi(
        "uvicorn.protocols.http.httptools_impl",
        ("HttpToolsProtocol", "STATUS_LINE"),
        "uvicorn",
        "0.54.0",
        "dashboard/server/slow_clients.py",
        "a client that sends its headers slowly, or without end, is closed",
    ),
    PrivateApi(
        "stripe._util",
        ("logger", "STRIPE_LOG"),
        "stripe",
        "16.1.0",
        "ledger/stripe_gateway/client.py",
        "the library logs no request bodies, whatever the environment says",
    ),
    PrivateApi(
        "sqlalchemy.engine.interfaces",
        ("ExceptionContext",),
        "sqlalchemy",
        "2.1.9",
        "ledger/database.py",
        "the type of what an error handler receives",
    ),
    PrivateApi(
        "psycopg.types.array",
        ("ListBinaryDumper",),
        "psycopg",
        "3.3.9",
        "ledger/database.py",
        "lists travel in binary",
    ),
]


class PrivateWord(NamedTuple):
    """A word of a library that is not imported but written in our files: a cookie, a logger, a part of its page."""

    kind: str
    word: str
    stands_in: str
    used_in: str
    reason: str


STREAMLIT_CHECKED = "1.67.0"
WORDS = [
    PrivateWord(
        "cookie",
        "_streamlit_user",
        "web/server/server_util.py",
        "dashboard/server/returning.py",
        "who came back is known before the page is drawn",
    ),
    PrivateWord(
        "cookie",
        "_streamlit_xsrf",
        "web/server/starlette/starlette_server_config.py",
        "dashboard/access.py",
        "one browser of the demo stays one person over reloads",
    ),
    PrivateWord(
        "file",
        "index.html",
        "web/server/starlette/starlette_static_routes.py",
        "dashboard/server/guards.py",
        "the content security policy names the inline script of Streamlit's page",
    ),
    PrivateWord(
        "logger",
        "streamlit.runtime.caching.cache_data_api",
        "runtime/caching/cache_data_api.py",
        "dashboard/schedules.py",
        "its warnings outside a session are silenced",
    ),
]
"""The words of Streamlit that our Python holds; those of its page (`data-testid`) are read from the style sheet."""

TEST_ID = re.compile(r'data-testid="(\w+)"')
WORD = re.compile(r"\bst\w+")
STYLE = "dashboard/style.css"
PUBLIC = {
    "streamlit",
    "uvicorn",
    "stripe",
    "stripe.params",
    "psycopg",
    "psycopg.errors",
    "sqlalchemy",
    "sqlalchemy.engine",
    "sqlalchemy.exc",
    "sqlalchemy.pool",
    "sqlalchemy.event",
}
WATCHED = {each.module.partition(".")[0] for each in PRIVATE}


@cache
def imported_modules(path: Path) -> frozenset[str]:
    """Name the modules that a file imports from, a private module of a package included."""
    named: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            hidden = {alias.name for alias in node.names if alias.name.startswith("_")}
            submodules = {alias.name for alias in node.names if f"{node.module}.{alias.name}" in LISTED}
            named |= {f"{node.module}.{name}" for name in hidden | submodules} or {node.module}
    return frozenset(named)


LISTED = {each.module for each in PRIVATE}


@pytest.mark.parametrize("api", PRIVATE, ids=lambda api: api.module)
def test_a_private_name_is_where_it_was_in_the_version_that_was_checked(api: PrivateApi) -> None:
    module = import_module(api.module)

    assert [name for name in api.names if not hasattr(module, name)] == []
    assert version(api.package) == api.checked


@pytest.mark.parametrize("api", PRIVATE, ids=lambda api: api.module)
def test_a_private_name_is_used_where_the_list_says(api: PrivateApi) -> None:
    users = [
        str(path) for path in sources("ledger", "dashboard", "pages") if api.module in imported_modules(path)
    ]

    assert users == [api.used_in]


def test_no_other_private_part_of_these_libraries_is_imported() -> None:
    strays = [
        (path, module)
        for path in sources("ledger", "dashboard", "pages")
        for module in imported_modules(path)
        if module.partition(".")[0] in WATCHED and module not in PUBLIC | LISTED
    ]

    assert strays == []


@pytest.mark.parametrize("each", WORDS, ids=lambda each: each.word)
def test_a_word_of_streamlit_stands_where_it_did_in_the_version_that_was_checked(each: PrivateWord) -> None:
    source = files("streamlit") / each.stands_in

    assert version("streamlit") == STREAMLIT_CHECKED
    assert source.is_file()
    assert each.kind == "logger" or each.word in source.read_text("utf-8")
    assert each.word in (CHECKOUT / each.used_in).read_text()


def test_the_logger_is_the_one_that_the_module_writes_to() -> None:
    (named,) = [each for each in WORDS if each.kind == "logger"]

    assert import_module(named.word)._LOGGER.name == named.word


def test_the_page_of_streamlit_has_the_inline_script_that_the_policy_names() -> None:
    page = (files("streamlit") / "static" / "index.html").read_text("utf-8")

    assert re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page)


@pytest.mark.parametrize("test_id", sorted(set(TEST_ID.findall((CHECKOUT / STYLE).read_text()))))
def test_a_part_of_the_page_that_the_style_names_is_in_streamlits_scripts(test_id: str) -> None:
    assert test_id in words_of_scripts()


def test_no_other_word_of_streamlits_page_is_used_in_python() -> None:
    words = re.compile(r"[\"'](_streamlit_\w+|streamlit\.runtime\.[\w.]+)[\"']")
    used = {
        (str(path), word)
        for path in sources("ledger", "dashboard", "pages")
        for word in words.findall((CHECKOUT / path).read_text())
    }

    assert used == {(each.used_in, each.word) for each in WORDS if each.kind != "file"}


@cache
def words_of_scripts() -> frozenset[str]:
    """Return every word of the scripts of Streamlit's page that begins as its parts do."""
    folder = Path(str(files("streamlit") / "static" / "static" / "js"))
    scripts = (path.read_text("utf-8", "replace") for path in folder.glob("*.js"))
    return frozenset(word for script in scripts for word in WORD.findall(script))
