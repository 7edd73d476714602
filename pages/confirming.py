"""Back from Stripe's payment page: "confirming" until Stripe itself says that the money has arrived."""

import streamlit as st

from dashboard.access import require
from dashboard.screens import purchase

require("simulate_purchases")
st.title("Confirming your purchase")
purchase.returned()
