"""A client for tests of the site itself."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

from . import Site


class Client:
    """One connection; follows nothing, decodes nothing that it is not asked to."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._line = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=20)

    def get(self, path: str, method: str = "GET", **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        self._line.request(method, path, headers=names)
        answer = self._line.getresponse()
        return answer, answer.read()

    def text(self, path: str) -> str:
        answer, body = self.get(path)
        assert answer.status == 200, path
        return body.decode()

    def close(self) -> None:
        self._line.close()
