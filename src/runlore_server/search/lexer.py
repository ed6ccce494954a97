"""Takes the text of a filter or an order apart, a token when it is asked for, in time linear in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from runlore_server import errors
from runlore_server.errors.base import short
from runlore_server.search.tree import Part

# Possessive throughout: what was read is never tried again in another way.
_TOKEN = re.compile(
    r"""(?:
        (?P<number>(?>[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)(?![\w.]))
      | (?P<string>'(?:[^']|'')*+')
      | (?P<quoted>`(?:[^`]|``)*+`|"(?:[^"]|"")*+")
      | (?P<word>[^\W\d][\w/-]*+)
      | (?P<operator><=|>=|!=|=|<|>)
      | (?P<mark>[.,()])
      | (?P<bad>.)
    )""",
    re.VERBOSE | re.DOTALL,
)
# What a key can be without quotes.
_KEY = re.compile(r"[\w./-]++")
_SPACE = re.compile(r"\s*+")
# What a refusal repeats of a token.
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Token:
    """A token; its kind is a group of `_TOKEN`, `key`, or `end`."""

    kind: str
    text: str
    #: Where it begins and where what follows it does, from 0.
    start: int
    end: int

    def __str__(self) -> str:
        """How a refusal names it."""
        if self.kind == "end":
            return "the end"
        return repr(self.text) if self.kind == "bad" else short(self.text, _SHOWN)

    def unquoted(self) -> str:
        """The text within the quotes, where one is said by two."""
        quote = self.text[0]
        return self.text[1:-1].replace(quote * 2, quote)


class Lexer:
    """Reads tokens; `next` is the one to come."""

    def __init__(self, name: str, text: str) -> None:
        """`name`: the request's field that `text` is in, for refusals."""
        self._name = name
        self._text = text
        #: Where the token that was taken last ends.
        self._end = 0
        self.next = self._read()

    def take(self) -> Token:
        """Return the next token and go on."""
        token = self.next
        self._end = token.end
        self.next = self._read()
        return token

    def word(self, word: str) -> bool:
        """Take the next token if it is this word, in any case; `word` is in upper case."""
        return self.next.kind == "word" and self.next.text.upper() == word and bool(self.take())

    def take_word(self) -> str:
        """Take the next token if it is a word, and return it in upper case; else return an empty text."""
        return self.take().text.upper() if self.next.kind == "word" else ""

    def mark(self, mark: str) -> bool:
        """Take the next token if it is this mark."""
        return self.at(mark) and bool(self.take())

    def at(self, mark: str) -> bool:
        """Whether the next token is this mark."""
        return self.next.kind == "mark" and self.next.text == mark

    def at_end(self) -> bool:
        """Whether all tokens were taken."""
        return self.next.kind == "end"

    def dot(self) -> bool:
        """Take a dot before a key, also one that would begin a number elsewhere."""
        if not self._text.startswith(".", self.next.start):
            return False
        self._end = self.next.start + 1
        self.next = self._read()
        return True

    def take_key(self) -> str:
        """Take an unquoted key, which may be what are several tokens elsewhere; empty when the next is none."""
        match = _KEY.match(self._text, self.next.start)
        if match is None:
            return ""
        self.next = Token("key", match[0], match.start(), match.end())
        return self.take().text

    def refuse(self, expected: str, token: Token | None = None) -> errors.RunloreError:
        """Return INVALID_FILTER at a token; by default the next one."""
        token = token or self.next
        if token.kind == "bad" and token.text in "'\"`":
            expected = f"a closing {token.text}"
        return errors.invalid_filter(self._name, token.start + 1, str(token), expected)

    def part(self, start: Token) -> Part:
        """Return what was taken from `start` on."""
        return Part(self._text[start.start : self._end], start.start + 1)

    def _read(self) -> Token:
        space = _SPACE.match(self._text, self._end)
        start = space.end() if space is not None else self._end
        match = _TOKEN.match(self._text, start)
        if match is None:
            return Token("end", "", len(self._text), len(self._text))
        return Token(str(match.lastgroup), match[0], match.start(), match.end())
