"""The walk. No selector, no cleaning, no file here."""
