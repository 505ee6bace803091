"""What is known of a site: one TOML file a site, checked when it is loaded."""

from crawler.sites.site import Site, SiteError, load

__all__ = ["Site", "SiteError", "load"]
