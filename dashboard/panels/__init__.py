"""Parts that several pages share and that act: annotations, closed months, metric alerts, saved views."""
