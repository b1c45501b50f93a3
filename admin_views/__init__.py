"""What staff see: the only package that knows Flask-Admin."""
