"""A report as one line of JSON, as the contract of the JSON result names its fields."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from factcheck.types import Report

# Legal in JSON, but a terminal would obey them: C1 controls, DEL, line separators, bidirectional controls.
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def format_json_line(report: Report, extra: Mapping[str, Any] | None = None) -> str:
    """The report, and the fields of `extra` after its own, on one line without a line break."""
    return dump_line({**report.to_json_object(), **(extra or {})})


def dump_line(value: Any) -> str:
    """The value as JSON on one line; characters that would steer a terminal are escaped."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
