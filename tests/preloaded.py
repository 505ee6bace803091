"""What is done once for all forked commands: a report's page is compiled, a fifth of a short crawl."""

from __future__ import annotations

from crawler.report.page import _environment

_environment().get_template("page.html")
