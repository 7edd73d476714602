"""Words on the screen: translation, and showing the customers' own text as text, never as markup."""

import re
import tomllib
from functools import cache
from pathlib import Path

import streamlit as st

from ledger.errors import LedgerError

LOCALES = Path(__file__).parent / "locales"
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@cache
def catalogue(language: str) -> dict[str, str]:
    """The sentences of one language by their English text; empty for English and unknown languages."""
    file = LOCALES / f"{language}.toml"
    return tomllib.loads(file.read_text("utf-8")) if language.isalpha() and file.exists() else {}


def _(english: str) -> str:
    """The sentence in the language of `?lang=`, English where there is no translation."""
    return catalogue(st.query_params.get("lang", "en")).get(english, english)


def plain(text: str) -> str:
    """Text that st.markdown, titles and labels show letter by letter, whatever markup it contains."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula: a leading `=`, `+`, `-` or `@` gets an apostrophe."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def problem(error: LedgerError) -> str:
    """One sentence for staff about what the ledger refused, safe to show as Markdown."""
    return plain(str(error))


def minutes(number: int) -> str:
    """`1,234 min`, with a real minus sign."""
    return f"{number:,} min".replace("-", "−")


def signed(number: int) -> str:
    """`+60` or `−5`: a change of minutes."""
    return f"{number:+,}".replace("-", "−")
