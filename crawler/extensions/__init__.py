"""What listens to a crawl and writes. (The WARC recorder stands in ``warc/``.)"""
