"""The question of the lab in the address, so that a link, a reload and the browser's Back show it again."""

import base64
import binascii
import json
import zlib

import streamlit as st

from dashboard import url
from dashboard.screens.pricing import controls, facts
from ledger.pricing import PricingRefused, Question, Snapshot, question_of

PARAMETER = "ask"
LONGEST = 4000  # characters; a question with ten packages has about 500


def encoded(question: Question) -> str:
    """Return a question as a short code for the address."""
    plain = json.dumps(question.as_json(), separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(zlib.compress(plain, 9)).decode().rstrip("=")


def decoded(code: str) -> Question:
    """Return the question of a code. Raise PricingRefused for one that is none."""
    try:
        packed = base64.urlsafe_b64decode(code[:LONGEST] + "=" * (-len(code) % 4))
        text = zlib.decompressobj().decompress(packed, 100_000)
        return question_of(json.loads(text))
    except (binascii.Error, zlib.error, ValueError, TypeError, AttributeError) as error:
        raise PricingRefused("This link holds no pricing question.") from error


def open_address(taken: Snapshot) -> None:
    """Put the question of the address into the controls when it is another than theirs."""
    code = st.query_params.get(PARAMETER, "")
    if code == st.session_state.get("pr_ask", ""):
        return
    st.session_state["pr_ask"] = code
    try:
        controls.load(decoded(code) if code else facts.today(taken))
    except PricingRefused:
        st.session_state["pr_ask"] = ""
        url.drop_unknown(PARAMETER, "Question")


def write(taken: Snapshot, question: Question) -> None:
    """Write the question of the controls into the address; today's tariff needs none."""
    code = "" if question == facts.today(taken) else encoded(question)
    if code != st.session_state.get("pr_ask", ""):
        st.session_state["pr_ask"] = code
        if code:
            st.query_params[PARAMETER] = code
        else:
            st.query_params.pop(PARAMETER, None)
