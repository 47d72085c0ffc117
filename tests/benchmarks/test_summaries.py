from typing import Any

from benchmarks.summaries import format_tally
from benchmarks.summary_check import Fault


def test_tally_of_faults_and_authors() -> None:
    sentence = {"text": "x", "citations": [1]}
    results: list[dict[str, Any]] = [
        {
            "summary_origin": "llm",
            "summary": [sentence] * 2,
            "timings_ms": {"verify": 500, "summarise": 1500},
        },
        {"summary_origin": "extractive", "summary": [sentence], "timings_ms": {"verify": 1000}},
        {"summary_origin": None, "summary": [], "timings_ms": {}},
    ]
    assert format_tally(results, [Fault("name", "X", "x"), Fault("name", "Y", "x")]).splitlines() == [
        "summaries         3, 3 sentences; written by: extractive 1 (33%), llm 1 (33%), nobody 1 (33%)",
        "numbers missing   0",
        "dates missing     0",
        "names missing     2",
        "bad citations     0",
        "seconds a claim   median 1.00, 90 % within 2.00",
    ]
