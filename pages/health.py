"""Is everything in order? Alerts, both books compared, the worker, the installation, the proof."""

import streamlit as st

from dashboard.access import require
from dashboard.installation import reading
from dashboard.kit import forms
from dashboard.screens import health

staff = require("view_health")
st.title("Health")
forms.report()

with reading() as db:
    health.overview(db)
    health.alerts(db, staff)
    health.reconciliation(db, staff)
    health.worker(db)
    health.show_installation(db)
    health.proof(db)
