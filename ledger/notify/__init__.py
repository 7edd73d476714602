"""Messages that leave the product: usage alerts, metric alerts, their endpoint and signature."""
