"""The lists and forms of what owners keep: one base view, and what it is made of."""
