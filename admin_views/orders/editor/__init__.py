"""The order editor: one form for a new order and an existing one."""
