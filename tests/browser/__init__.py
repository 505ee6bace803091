"""What a person sees, in Debian's Chromium: the explorer, replayed pages, players that are not ours."""
