"""Makes untrusted text safe to print: what a source, a claim or a model wrote cannot steer a terminal."""

from __future__ import annotations

import re

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\]|\x9d).*?(?:\x07|\x1b\\|\x9c)"  # OSC (titles, links), with its ending
    r"|(?:\x1b[PX^_]|[\x90\x98\x9e\x9f]).*?(?:\x1b\\|\x9c)"  # DCS, SOS, PM, APC
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI (colour, cursor)
    r"|\x1b[ -/]*[0-~]",  # two-character escapes
    re.DOTALL,
)
_BREAK = re.compile(r"\r\n|[\t\n\v\f\r\x85\u2028\u2029]")
_CONTROL = re.compile(
    r"[\x00-\x1f\x7f-\x9f"
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks that reorder text (bidirectional controls)
    r"\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible format characters
    r"\U000e0000-\U000e007f\ud800-\udfff]"  # tags, lone surrogates
)


def plain(text: str) -> str:
    """The text on one line, without anything that a terminal would obey rather than show.

    Escape sequences, control characters, bidirectional and invisible format characters are removed; each line
    break or tab becomes one space. The result can be shorter than the text, so offsets do not carry over.
    """
    return _CONTROL.sub("", _BREAK.sub(" ", _ESCAPE_SEQUENCE.sub("", text)))
