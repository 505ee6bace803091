"""What is told of a crawl that ended, to whom, and how it gets there: events → queue → webhook or mail."""
