"""Other admin panels on the same tables, as their documentation would have them."""
