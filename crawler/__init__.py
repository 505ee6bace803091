"""Ostan: an archival crawler for the province sections of a Persian news site."""

VERSION = "0.1.0"
