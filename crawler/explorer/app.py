"""The explorer's addresses: pages, and the same as JSON under ``/api``. All is read, nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

from jinja2 import TemplateError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from crawler.explorer import keeping, views
from crawler.explorer.ranges import is_held
from crawler.explorer.render import STATIC, page
from crawler.explorer.security import REPORT_POLICY, Guard, origins, own_policy
from crawler.explorer.shelf import NotReady, NotThere, Shelf
from crawler.explorer.views import Question, Told
from crawler.report.page import as_page


class View(NamedTuple):
    """``path``: of the page. ``template`` None: JSON only. ``named``: as the API names it, if not so."""

    path: str
    template: str | None
    tell: Callable[[Question], Told]
    named: str = ""

    @property
    def api(self) -> str:
        return f"/api{self.named or self.path}"


VIEWS = (
    View("/", "collections.html", views.collections, "/collections"),
    View("/{collection}/", "coverage.html", views.coverage, "/{collection}/coverage"),
    View("/{collection}/search", "search.html", views.search),
    View("/{collection}/articles/{id}", "article.html", views.article),
    View("/{collection}/captures", "captures.html", views.captures),
    View("/{collection}/runs", "runs.html", keeping.runs),
    View("/{collection}/runs/{run}", None, keeping.run),
    View("/{collection}/downloads", "downloads.html", keeping.downloads),
    View("/{collection}/replay/{stamp}/{url:path}", "replay.html", views.replay),
)


def explorer_app(shelf: Shelf, replay_port: int) -> ASGIApp:
    """An ASGI application. ``replay_port``: where replay_app is reached under the same name."""
    site = _Site(shelf, replay_port)
    routes = [
        *(Route(view.api, site.json_of(view)) for view in VIEWS),
        Route("/api", site.api),
        Mount("/static", StaticFiles(directory=STATIC)),
        Route("/{collection}/runs/{run}", site.report),
        Route("/{collection}/files/{name:path}", site.file),
        Route("/{collection}/records/{file}/{offset}", site.record),
        Route("/{collection}/replay", site.find_replay),
        *(Route(view.path, site.page_of(view)) for view in VIEWS if view.template),
        Route("/{collection}", _with_slash),
    ]
    app = Starlette(routes=routes, exception_handlers={404: site.not_found})
    return Guard(app)


class _Site:
    def __init__(self, shelf: Shelf, replay_port: int) -> None:
        self._shelf, self._replay_port = shelf, replay_port

    def page_of(self, view: View) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            try:
                told = view.tell(self._question(request))
            except (NotThere, ValueError) as error:
                return self._wrong(request, error)
            told["twin"] = _twin(view, request)
            return self._html(request, str(view.template), told, _status_of(told))

        return answer

    def json_of(self, view: View) -> Callable[[Request], Response]:
        def answer(request: Request) -> Response:
            try:
                told = view.tell(self._question(request))
            except (NotThere, ValueError) as error:
                return _json({"wrong": str(error)}, _status(error))
            return _json(told, _status_of(told))

        return answer

    def api(self, request: Request) -> Response:  # noqa: ARG002  # Starlette's
        """What can be asked, in the words of the functions that answer."""
        says = {view.api: (view.tell.__doc__ or "").replace("``", "").strip() for view in VIEWS}
        return _json({"addresses": says})

    def report(self, request: Request) -> Response:
        """A run's report as its page, made anew from the document: it is read with today's eyes."""
        try:
            html = as_page(keeping.run(self._question(request)))
        except (NotThere, ValueError) as error:
            return self._wrong(request, error)
        except (LookupError, TypeError, AttributeError, TemplateError) as error:
            says = f"its document is no report that this program reads: {error!r}"
            return self._wrong(request, NotThere(says))
        return HTMLResponse(html, headers={"Content-Security-Policy": REPORT_POLICY})

    def file(self, request: Request) -> Response:
        try:
            question = self._question(request)
            path = keeping.file_of(question.collection, question.names["name"])
        except (NotThere, ValueError) as error:
            return self._wrong(request, error)
        about = path.stat()
        tag = f'"{about.st_mtime_ns:x}-{about.st_size:x}"'
        if is_held(request, tag):
            return Response(status_code=304, headers={"ETag": tag})
        return FileResponse(
            path, filename=path.name, media_type="application/octet-stream", headers={"ETag": tag}
        )

    def record(self, request: Request) -> Response:
        try:
            question = self._question(request)
            file, offset = question.names["file"], question.names["offset"]
            data = keeping.record_of(question.collection, file, offset)
        except (NotThere, ValueError) as error:
            return self._wrong(request, error)
        name = f"{file.removesuffix('.warc.gz')}-{offset}.warc.gz"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(data, media_type="application/warc", headers=headers)

    def find_replay(self, request: Request) -> Response:
        """``?url=&at=``: the form's way to a capture."""
        words, names = request.query_params, request.path_params
        stamp = views.stamp_asked(words.get("at", ""))
        url = words.get("url", "").strip()
        if stamp is None or not url.startswith(("http://", "https://")):
            wrong = "an address begins with http:// or https://"
            if stamp is None:
                wrong = f"{words.get('at', '')[:40]!r} is no time; write 1404-07-02T12:00, or leave it empty"
            told = {"collection": names["collection"], "url": url, "captures": [], "wrong": wrong}
            return self._html(request, "captures.html", told, 400)
        return RedirectResponse(f"/{names['collection']}/replay/{stamp}/{url}", 302)

    def not_found(self, request: Request, error: Exception) -> Response:  # noqa: ARG002  # Starlette's
        if request.url.path.startswith("/api/"):
            return _json({"wrong": "there is no such address; /api lists them"}, 404)
        return self._wrong(request, NotThere("there is no such page"))

    def _question(self, request: Request) -> Question:
        names = dict(request.path_params)
        if "url" in names:
            names["url"] = _address_in(request)
        return Question(self._shelf, names, dict(request.query_params))

    def _html(self, request: Request, template: str, told: Told, status: int = 200) -> Response:
        replay = origins(request, self._replay_port)
        values: Told = {"replay_origin": replay, "collection": None, "path": request.url.path}
        values |= {"words": dict(request.query_params), "twin": None} | told
        policy = own_policy(replay if template == "replay.html" else "")
        return HTMLResponse(page(template, values), status, {"Content-Security-Policy": policy})

    def _wrong(self, request: Request, error: Exception) -> Response:
        status = _status(error)
        name = request.path_params.get("collection")
        known = name if name in {one.name for one in self._shelf.collections()} else None
        told = {"says": str(error), "title": HTTPStatus(status).phrase, "collection": known}
        return self._html(request, "wrong.html", told, status)


def _twin(view: View, request: Request) -> str:
    """Where the same is told as JSON."""
    if not view.named:
        return f"/api{request.url.path}"
    return f"/api{view.named}".replace("{collection}", quote(request.path_params.get("collection", "")))


def _status_of(told: Told) -> int:
    return int(told.pop("answers_with", None) or (400 if told.get("wrong") else 200))


def _status(error: Exception) -> int:
    if isinstance(error, NotReady):
        return 503
    return 404 if isinstance(error, NotThere) else 400


def _json(told: Told, status: int = 200) -> Response:
    text = json.dumps(told, ensure_ascii=False, default=keeping.as_json)
    # Half of a surrogate pair, of a damaged row or a file's odd name, is no UTF-8: it is spelled \udcff.
    return Response(text.encode("utf-8", "backslashreplace"), status, media_type="application/json")


def _address_in(request: Request) -> str:
    """The archived address behind ``/replay/<timestamp>/``, with its query and its percent signs."""
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    steps = 5 if request.url.path.startswith("/api/") else 4
    address = raw.decode("latin-1").split("/", steps)[-1]
    query = request.scope["query_string"].decode("latin-1")
    return address + (f"?{query}" if query else "")


def _with_slash(request: Request) -> Response:
    return RedirectResponse(f"{request.url.path}/", 308)
