import json

import pytest

from tests.cli.conftest import Run


def verdicts(out: str) -> list[tuple[str, str]]:
    results = [json.loads(line) for line in out.splitlines()]
    return [(result["claim"], result["verdict"]) for result in results]


def test_answer_as_a_whole(run: Run, calls: list[str]) -> None:
    status, out, err = run("Russia launched 183 drones")
    assert (status, err) == (0, "")
    assert out == (
        "✓ SUPPORTED · the sources say so · 97 % sure\n"
        "  Russia launched 183 drones\n"
        "\n"
        "For\n"
        "  [1] Kyiv News, 5 February 2026, paragraph 1\n"
        "      Two people were killed. «Russia launched 183 drones overnight», Ukraine's\n"
        "      air force said, adding that 156 were shot down.\n"
        "      according to Ukraine's air force\n"
        "      also in copy.md\n"
        "      → claim and passage say 183 drones\n"
        "\n"
        "Summary\n"
        "  Russia launched 183 drones. [1]\n"
        "  Of them 156 were shot down. [1]\n"
        "\n"
        "Where to look\n"
        "  [1] Overnight attack\n"
        "      https://news.example/a?b=1&c=2\n"
        "      kyiv.md\n"
        "\n"
        "mini · judge · tiny-llm · LLM on cpu · 0.1\N{NO-BREAK SPACE}s\n"
    )
    assert calls == [
        "open None",
        "preload",
        "decide 1 CheckOptions(mode=<Mode.AUTO: 'auto'>, top_k=8, source=None, in_bulk=False)",
        "summarise",
        "close",
    ]


def test_without_summary_no_language_model_is_loaded(run: Run, calls: list[str]) -> None:
    status, out, _ = run("x y", "--no-summary", "--mode", "fast", "--top-k", "3", "--source", "a/*")
    assert status == 0
    assert "Summary" not in out
    assert calls == [
        "open None",
        "decide 1 CheckOptions(mode=<Mode.FAST: 'fast'>, top_k=3, source='a/*', in_bulk=False)",
        "close",
    ]


@pytest.mark.parametrize(
    ("claims", "options", "status"),
    [
        (["a b", "c d"], [], 0),
        (["a b", "c refuted"], [], 1),
        (["a conflicting"], [], 1),
        (["a unknown"], [], 1),
        (["a refuted"], ["--exit-zero"], 0),
    ],
)
def test_exit_status(run: Run, claims: list[str], options: list[str], status: int) -> None:
    assert run(*claims, *options, "--json")[0] == status


def test_json_prints_one_object_a_claim(run: Run) -> None:
    status, out, err = run("a b", "c refuted", "--json")
    assert (status, err) == (1, "")
    assert verdicts(out) == [("a b", "SUPPORTED"), ("c refuted", "REFUTED")]
    assert json.loads(out.splitlines()[0])["summary"] == [
        {"text": "Russia launched 183 drones.", "citations": [1]},
        {"text": "Of them 156 were shot down.", "citations": [1]},
    ]


def test_claims_come_from_standard_input(run: Run) -> None:
    status, out, err = run("--json", stdin=b"\xef\xbb\xbfa b\r\n\n  \n# c refuted\nlast unknown")
    assert (status, err) == (1, "")
    assert verdicts(out) == [("a b", "SUPPORTED"), ("# c refuted", "REFUTED"), ("last unknown", "NOT_ENOUGH_INFO")]


def test_bad_lines_of_standard_input_are_named_and_the_rest_is_checked(run: Run) -> None:
    lines = [b"a b", b"\xff\xfe", b"\x1b[31m", b"x" * 100_000, b"c d"]
    status, out, err = run("--json", stdin=b"\n".join(lines))
    assert status == 2
    assert verdicts(out) == [("a b", "SUPPORTED"), ("c d", "SUPPORTED")]
    assert err == (
        "factcheck: line 2 of standard input is not UTF-8\n"
        "factcheck: line 3 of standard input: the claim holds control characters; give it as plain text\n"
        "factcheck: line 4 of standard input: the claim has 100,000 characters; at most 2,000 can be checked: "
        "shorten it\n"
    )


def test_empty_standard_input_fails(run: Run) -> None:
    assert run() == (2, "", "factcheck: standard input holds no claim; write one a line\n")


def test_bad_claims_among_arguments_are_named_and_the_rest_is_checked(run: Run) -> None:
    status, out, err = run("a b", "\x1b[0m", "", "c refuted", "--json")
    assert (status, verdicts(out)) == (2, [("a b", "SUPPORTED"), ("c refuted", "REFUTED")])
    assert err == (
        "factcheck: claim 2: the claim holds control characters; give it as plain text\n"
        "factcheck: claim 3: the claim is empty; write one sentence that can be true or false\n"
    )


def test_nothing_is_loaded_for_bad_claims_alone(run: Run, calls: list[str]) -> None:
    status, out, err = run("", " ")
    assert (status, out, calls) == (2, "", [])
    assert [line.partition(" the claim is empty")[0] for line in err.splitlines()] == [
        "factcheck: claim 1:",
        "factcheck: claim 2:",
    ]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_verdict_survives_a_language_model_that_dies(run: Run, options: list[str]) -> None:
    status, out, err = run("speechless", "refuted speechless", *options)
    assert status == 2
    assert out.count("SUPPORTED") == 1
    assert out.count('"verdict": "REFUTED"' if options else "✗ REFUTED") == 1
    assert err == "factcheck: the language model failed: it died\n"


def test_claim_named_like_a_command_is_checked_after_check(run: Run) -> None:
    status, out, _ = run("check", "doctor", "--json")
    assert (status, verdicts(out)) == (0, [("doctor", "SUPPORTED")])
