"""Every purchase, whatever became of it."""

import streamlit as st

from dashboard import filters, sales
from dashboard.access import require
from dashboard.db import reading
from dashboard.text import _

staff = require("view_metrics")
st.title(_("Purchases"))

with reading() as db:
    chosen = filters.bar(db)
    sales.purchases(db, chosen)
