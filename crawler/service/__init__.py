"""Crawls run when they are due. What was done stands in a file: a killed schedule goes on from there."""
