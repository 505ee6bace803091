"""What the archive says of an address at a time."""
