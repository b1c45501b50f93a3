"""Writers of files. Each takes columns and rows and gives the file in pieces."""
