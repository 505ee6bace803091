"""``make bench``: what a crawl costs, beside a bare Scrapy and beside wget, in one run on one machine."""
