"""Releases: the rows of a collection, sorted, typed, checked and described, for people who want the data.

The way of a row: ``rows_in`` (one pass over the files; what sorting needs goes into a ``catalogue`` on disk)
→ ``near`` (which articles tell the same story) → ``shards`` (lines are copied by their addresses) → ``duck``
(Parquet) → ``manifest`` and what describes it → ``check`` (all of it is opened again) → ``latest``.
``upload`` takes it to a ``storage`` elsewhere.
"""
