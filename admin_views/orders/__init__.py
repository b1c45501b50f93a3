"""The orders: their list and the page of each."""
