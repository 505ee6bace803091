"""The local web page: what was captured, found by day and by word, read in every version, and replayed."""
