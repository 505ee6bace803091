"""The wire: what a hostile server sends, what the archive says it sent, and that both are the same bytes."""
