"""Which crawl is due, and when: pure, the clock is handed in."""
