"""Rows made again from the archive alone: WARC files in, JSON Lines out, no network and no clock.

One file is read by itself (``scan`` → ``answers`` → ``candidates``), on as many processors as there are; then
``versions`` says, over all files in the order of time, which candidates become rows, and ``shards`` writes
them, one file of rows for a file of records. ``run`` holds it together.
"""
