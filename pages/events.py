"""What Stripe told us: every event, what it did, why it failed, and running it again."""

import streamlit as st

from dashboard import forms, webhook_inbox
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_events")
st.title(_("Events"))
forms.report()

with reading() as db:
    webhook_inbox.summary(db)
    text, status = webhook_inbox.fields()
    event = webhook_inbox.table(db, text, status)
    if event:
        webhook_inbox.detail(db, staff, event)
