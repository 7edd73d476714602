"""Refusals about money: each has a code of its own and a sentence for people."""

import pytest

from ledger.errors import LedgerError
from ledger.payments import errors

ERRORS = [
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, LedgerError) and error.__module__ == errors.__name__
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_refusal_says_in_a_sentence_what_is_wrong(error):
    assert error.meaning()[0].isupper()
    assert error.meaning().endswith(".")


def test_every_refusal_has_a_code_of_its_own():
    codes = [error.code for error in ERRORS]

    assert len(set(codes)) == len(codes)
    assert LedgerError.code not in codes
