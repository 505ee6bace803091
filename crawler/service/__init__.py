"""Crawls run when they are due: by a schedule of our own, or by systemd or cron."""
