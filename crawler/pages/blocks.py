"""The visible text of an element, cut where a reader sees a break: the raw material of a body.

Nothing is cleaned here: blanks, NBSP, ZWNJ and Arabic letters stand as the page has them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.etree import _Element

BREAKING = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
SILENT = frozenset(
    [
        "audio",
        "button",
        "embed",
        "figcaption",
        "form",
        "iframe",
        "input",
        "noscript",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
        "video",
    ]
)


@dataclass(slots=True)
class Block:
    """A run of text without a break. ``links`` are (href, text); ``inside`` the breaking tag around it."""

    inside: str
    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_links(self) -> bool:
        """True where every visible letter stands in a link."""
        if not self.links:
            return False
        linked = sum(len("".join(text.split())) for _, text in self.links)
        return linked == len("".join(self.text.split()))


def blocks(container: _Element, drop: frozenset[_Element] | set[_Element]) -> list[Block]:
    """The blocks of text under ``container`` in reading order, without the elements in ``drop``.

    >>> from lxml.html import fragment_fromstring
    >>> body = fragment_fromstring("<div>یک<br>دو <b>سه</b><p>چهار</p> <ul><li>پنج</ul></div>")
    >>> [block.text for block in blocks(body, set())]
    ['یک', 'دو سه', 'چهار', ' ', 'پنج']
    """
    return [block for block in _walk(container, drop) if block.text]


def _walk(container: _Element, drop: frozenset[_Element] | set[_Element]) -> Iterator[Block]:
    current = Block(inside=str(container.tag))
    link: list[str] | None = None  # [href, text so far] while inside an <a>
    for event, element, text in _events(container, drop):
        tag = element.tag
        if event == "text":
            current.text += text
            if link is not None:
                link[1] += text
        elif tag == "a":
            if event == "start":
                link = [element.get("href") or "", ""]
            elif link is not None:
                current.links.append((link[0], link[1]))
                link = None
        elif tag in BREAKING:
            if link is not None:  # a block inside a link: the link goes on in the next block
                current.links.append((link[0], link[1]))
                link[1] = ""
            yield current
            around = element if event == "start" and tag != "br" else _breaking_parent(element)
            current = Block(inside=str(around.tag))
    yield current


def _breaking_parent(element: _Element) -> _Element:
    parent = element.getparent()
    while parent is not None and parent.tag not in BREAKING:
        parent = parent.getparent()
    return element if parent is None else parent


def _events(
    container: _Element, drop: frozenset[_Element] | set[_Element]
) -> Iterator[tuple[str, _Element, str]]:
    """("start" | "text" | "end", element, text) in document order. Iterative: hostile pages nest deeply."""
    if container.text:
        yield "text", container, container.text
    stack = [(container, iter(container))]
    while stack:
        element, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            if stack:
                yield "end", element, ""
                if element.tail:
                    yield "text", element, element.tail
        elif not isinstance(child.tag, str) or child.tag in SILENT or child in drop or _is_hidden(child):
            if child.tail:  # comments, scripts and dropped blocks go, the text after them stays
                yield "text", child, child.tail
        else:
            yield "start", child, ""
            if child.text:
                yield "text", child, child.text
            stack.append((child, iter(child)))


def _is_hidden(element: _Element) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or (
        style is not None and "display:none" in style.replace(" ", "").lower()
    )
