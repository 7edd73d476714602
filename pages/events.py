"""What Stripe told us: every event, what it did, why it failed, and running it again."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens import events

staff = require("view_events")
st.title("Events")
forms.report()

with reading() as db:
    events.summary(db)
    text, status = events.fields()
    event = events.table(db, text, status)
    if event:
        events.detail(db, staff, event)
