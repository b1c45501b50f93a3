"""Files that leave the product, written row by row."""
