"""Addresses in style sheets: ``url(…)``, ``@import``, ``image-set(…)``; found, or put elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, Literal

import tinycss2

Kind = Literal["image", "style", "script", "font", "film"]
Reference = tuple[Kind, str]  # a kind and an address as it is written
MOST_CSS = 2_000_000  # letters of one style sheet that are read: a second or two of work
LONG_CSS = 20_000  # letters; what is longer is not remembered from page to page
_MAY_REFER = re.compile(r"url|image-set|@import|\\", re.IGNORECASE)


def inline_references(text: str) -> Iterable[Reference]:
    """Of a ``<style>`` or ``style=""``, which seldom have any."""
    if not _MAY_REFER.search(text):
        return ()
    return _known(text) if len(text) < LONG_CSS else references(text)


@lru_cache(256)  # a site's pages bear the same few
def _known(text: str) -> tuple[Reference, ...]:
    return tuple(references(text))


def references(text: str) -> Iterator[Reference]:
    """What a style sheet or declarations refer to, in order."""
    for kind, node in _nodes(tinycss2.parse_component_value_list(text[:MOST_CSS])):
        yield kind, _href(node)


def rewritten(text: str, place: Callable[[str], str]) -> str:
    """The same with ``place(address)`` for each address; comments and blanks stay. Where all addresses stay
    what they are, so does every letter.

    >>> rewritten("p {background: url('a.jpg')}  @import 'b.css';", "/x/{}".format)
    'p {background: url("/x/a.jpg")}  @import "/x/b.css";'
    """
    if not _MAY_REFER.search(text):
        return text
    nodes = tinycss2.parse_component_value_list(text[:MOST_CSS])
    changed = False
    for _, node in _nodes(nodes):
        if (new := place(old := _href(node))) != old:
            _put(node, new)
            changed = True
    if not changed:
        return text
    try:
        return str(tinycss2.serialize(nodes)) + text[MOST_CSS:]
    except RecursionError:  # brackets in brackets by the hundred: nobody's style
        return text


def _nodes(nodes: list[Any]) -> Iterator[tuple[Kind, Any]]:
    """Tokens that hold an address. Iterative: hostile sheets nest deeply."""
    levels = [_Level(nodes)]
    while levels:
        level = levels[-1]
        node = next(level.nodes, None)
        if node is None:
            levels.pop()
        elif _holds_address(node, level):
            if kind := level.kind_here():
                yield kind, node
        elif node.type == "at-keyword":
            level.rule = node.lower_value
        elif node.type == "{} block":
            levels.append(_Level(node.content, "font" if level.rule == "font-face" else level.kind))
            level.rule = ""
        elif node.type in ("() block", "[] block"):
            levels.append(_Level(node.content, level.kind, level.rule))
        elif node.type == "function":
            is_set = node.lower_name.endswith("image-set")
            levels.append(_Level(node.arguments, level.kind, level.rule, is_set=is_set))
        elif node == ";":
            level.rule = ""


class _Level:
    """Where the walk stands in one block: what addresses mean here, and in which at-rule."""

    def __init__(
        self, nodes: Iterable[Any], kind: Kind = "image", rule: str = "", *, is_set: bool = False
    ) -> None:
        self.nodes, self.kind, self.rule, self.is_set = iter(nodes), kind, rule, is_set

    def kind_here(self) -> Kind | None:
        if self.rule == "import":
            self.rule = "import, its address read"
            return "style"
        return None if self.rule else self.kind  # @namespace names no file


def _holds_address(node: Any, level: _Level) -> bool:
    """A ``url()``, or a string that stands for one."""
    if node.type == "url" or (node.type == "function" and node.lower_name == "url"):
        return True
    return node.type == "string" and (level.rule == "import" or level.is_set)


def _href(node: Any) -> str:
    if node.type == "function":
        return next((str(part.value) for part in node.arguments if part.type == "string"), "")
    return str(node.value)


def _put(node: Any, address: str) -> None:
    quoted = f'"{tinycss2.serializer.serialize_string_value(address)}"'
    if node.type == "function":
        node.arguments[:] = [tinycss2.ast.StringToken(0, 0, address, quoted)]
    else:
        node.value, node.representation = address, quoted if node.type == "string" else f"url({quoted})"
