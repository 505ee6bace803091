"""What a run says for itself: JSON, a page, and the lines at its end."""

from crawler.report.build import Ended, Report, build_report, exit_code, head_of
from crawler.report.text import as_text

__all__ = ["Ended", "Report", "as_text", "build_report", "exit_code", "head_of"]
