"""What is known of every address of a collection: SQLite, one file. It is the frontier of each crawl."""
