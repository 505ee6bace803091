"""Persian text and dates: pure functions, str in, value out."""
