"""The archive looked at again: what an address said at a time, and pages put so that they show it."""
