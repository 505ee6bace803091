"""The archive's bytes: caught at the socket, written as WARC/1.1, found and read again."""
