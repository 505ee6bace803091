"""The schedule on a server: units for systemd, lines for cron."""
