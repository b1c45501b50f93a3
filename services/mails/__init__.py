"""Mails of orders: what they say, how they are put together, and how they reach whoever they are for."""
