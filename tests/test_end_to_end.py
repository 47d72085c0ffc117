"""The whole chain with the real encoder and verifier, over the digests in seeds/."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from factcheck.checker import CheckOptions, FactChecker
from factcheck.cli.main import main
from factcheck.corpus.passages import passages_of
from factcheck.corpus.readers import find_sources, read_source
from factcheck.errors import FactcheckError
from factcheck.models.encoder import open_encoder
from factcheck.models.verifier import open_reviewer, open_verifier
from factcheck.settings import Mode, resource
from factcheck.store.store import Store
from factcheck.types import Cause, Claim, Label

pytestmark = pytest.mark.models
FAST = CheckOptions(mode=Mode.FAST)


@pytest.fixture(scope="module")
def seed_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    try:
        encoder = open_encoder()
    except FactcheckError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("index")
    parsed = [document for source in find_sources([resource("seeds")]) for document in read_source(source)]
    store = Store.create_or_open(folder, encoder, note=lambda _: None)
    store.add([(document.document, passages_of(document)) for document in parsed], encoder, progress=None)
    store.close()
    return folder


@pytest.fixture(scope="module")
def checker(seed_index: Path) -> Iterator[FactChecker]:
    opened = FactChecker.open(seed_index)
    yield opened
    opened.close()


def test_the_claim_of_the_readme_is_supported_by_both_reports_with_the_figure(checker: FactChecker) -> None:
    (report,) = checker.decide([Claim(text="Russia launched 183 drones")], FAST)
    assert report.verdict.label is Label.SUPPORTED
    supporting = {e.passage.document.name for e in report.verdict.evidence if e.stance == "SUPPORTS"}
    assert {"abcnews-2026-02-05-pow-swap.md", "uae-talks-second-day.md"} <= supporting
    assert all("183" in e.quote for e in report.verdict.evidence)


def test_another_figure_is_refuted_with_the_reason(checker: FactChecker) -> None:
    (report,) = checker.decide([Claim(text="Russia launched 250 drones at Ukraine overnight.")], FAST)
    assert report.verdict.label is Label.REFUTED
    assert any("183" in reason for e in report.verdict.evidence for reason in e.reasons)


@pytest.mark.parametrize("mode", [Mode.FAST, Mode.THOROUGH])
def test_who_did_it_to_whom_is_told_apart(mode: Mode) -> None:
    judges = FactChecker(open_verifier(), reviewer=open_reviewer())
    passage = ["Kenya extradited two bankers to Mauritius."]
    claims = ["Kenya extradited two bankers to Mauritius.", "Mauritius extradited two bankers to Kenya."]
    reports = judges.judge_texts([(Claim(text=claim), passage) for claim in claims], CheckOptions(mode=mode))
    assert [report.verdict.label for report in reports] == [Label.SUPPORTED, Label.REFUTED]


def test_what_the_sources_do_not_say_stays_open(checker: FactChecker) -> None:
    (report,) = checker.decide([Claim(text="The prisoner exchange cost ten million dollars.")], FAST)
    assert report.verdict.label is Label.NOT_ENOUGH_INFO


def test_a_claim_about_something_else_is_off_topic(checker: FactChecker) -> None:
    (report,) = checker.decide([Claim(text="Sourdough bread needs a long fermentation.")], FAST)
    assert (report.verdict.label, report.verdict.cause) == (Label.NOT_ENOUGH_INFO, Cause.OFF_TOPIC)


def test_verdicts_do_not_depend_on_what_else_is_asked(checker: FactChecker) -> None:
    claims = [Claim(text="Russia launched 183 drones"), Claim(text="Kushner led the American delegation.")]
    together = [r.verdict for r in checker.decide(claims, FAST)]
    alone = [checker.decide([claim], FAST)[0].verdict for claim in claims]
    assert [v.label for v in together] == [v.label for v in alone]
    assert [v.confidence for v in together] == pytest.approx([v.confidence for v in alone], abs=1e-4)


def test_a_date_before_the_reports_leaves_only_the_undated_one(checker: FactChecker) -> None:
    from datetime import date

    (report,) = checker.decide([Claim(text="Russia launched 183 drones", as_of=date(2026, 2, 4))], FAST)
    assert {e.passage.document.name for e in report.verdict.evidence} == {"uae-talks-second-day.md"}


def test_the_command_prints_one_object_whose_quotes_are_exact(
    seed_index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(
        ["check", "--json", "--no-summary", "--mode", "fast", "--index", str(seed_index), "Russia launched 183 drones"]
    )
    lines = capsys.readouterr().out.splitlines()
    assert (status, len(lines)) == (0, 1)
    result = json.loads(lines[0])
    assert result["verdict"] == "SUPPORTED"
    for item in result["evidence"]:
        assert item["quote"] == item["text"][item["start"] : item["end"]]
