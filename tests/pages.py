"""A page as a tree, for tests that ask what stands where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "hr", "input", "col"}


@dataclass(eq=False)
class Node:
    """An element: its name, attributes, parent, children and the pieces of text directly inside it."""

    name: str
    attributes: dict[str, str]
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    @property
    def within(self) -> list[Node]:
        """Return the element and all that it stands in, from the inside out."""
        return [self] if self.parent is None else [self, *self.parent.within]

    def every(self) -> Iterator[Node]:
        """Return the element and all that stands in it, in the order of the page."""
        yield self
        for one in self.children:
            yield from one.every()


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.here = Node("page", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Node(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(made)
        if tag not in VOID:
            self.here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Node(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        for one in self.here.within:
            if one.name == tag and one.parent is not None:
                self.here = one.parent
                return

    def handle_data(self, data: str) -> None:
        self.here.texts.append(data)


def tree(page: str) -> Node:
    """Return the root of a page."""
    parser = _Parser()
    parser.feed(page)
    parser.close()
    return parser.root
