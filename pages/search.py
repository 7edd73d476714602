"""Find a workspace by anything a customer may quote."""

import streamlit as st

from dashboard.access import require
from dashboard.text import _

staff = require("view_workspaces")
st.title(_("Workspaces"))
