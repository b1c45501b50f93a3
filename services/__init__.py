"""What may happen: one verb, one function. Nothing here knows of the web."""
