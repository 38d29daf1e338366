"""What a page of one file may be: a whole HTML document that runs nothing and asks for nothing.

In: its text. Out: nothing; a broken rule is an AssertionError. Void elements are as in HTML 13.1.2.
"""

import re
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_REFUSED = {"base", "embed", "form", "iframe", "link", "object", "script"}
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in _REFUSED
        for name, value in attrs:
            assert not name.startswith("on")
            assert name != "style"
            if name in ("href", "xlink:href", "src", "action"):
                assert (value or "").startswith(("#", "data:image/png;base64,"))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check(text: str) -> None:
    """Hold a page to the rules."""
    assert text.startswith("<!doctype html>\n")
    assert text.endswith("</html>\n")
    assert not _UNSEEN.search(text)
    assert text.count("Content-Security-Policy") == 1
    assert text.index("Content-Security-Policy") < text.index("<title>")
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
