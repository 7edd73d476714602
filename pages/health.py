"""Is everything in order? Alerts, both books compared, the worker, the installation, the proof."""

import streamlit as st

from dashboard import forms, health
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_health")
st.title(_("Health"))
forms.report()

with reading() as db:
    health.overview(db)
    health.alerts(db, staff)
    health.reconciliation(db, staff)
    health.worker(db)
    health.installation(db)
    health.proof(db)
