"""Is everything in order? Alerts, both books compared, the worker, the installation, the proof."""

import streamlit as st

from dashboard import condition, forms
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_health")
st.title(_("Health"))
forms.report()

with reading() as db:
    condition.overview(db)
    condition.alerts(db, staff)
    condition.reconciliation(db, staff)
    condition.worker(db)
    condition.installation(db)
    condition.proof(db)
