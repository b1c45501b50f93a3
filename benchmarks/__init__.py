"""How fast the product is beside the simplest possible page and beside other admin panels; started by `make bench`."""
