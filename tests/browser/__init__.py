"""What a person sees: the explorer and replayed pages in Debian's Chromium."""
