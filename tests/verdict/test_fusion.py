from pathlib import Path

import numpy as np
import pytest

from factcheck.errors import ConfigError
from factcheck.verdict import fusion
from factcheck.verdict.fusion import JudgeParameters, Signals, fuse, loudest, parameters, rule_signals, with_judge
from factcheck.verdict.numbers.compare import NumericFinding
from factcheck.verdict.numbers.types import Relation

SILENT = Signals(0.0, 0.0, 0.0)
KINDS = [parameters().retrieved, parameters().given]
FAST = parameters().retrieved.fast


def _finding(relation: Relation, alignment: float) -> NumericFinding:
    return NumericFinding(relation, alignment, "why", (0, 1), None)


def test_one_contradiction_outweighs_agreement() -> None:
    findings = [_finding(Relation.AGREES, 0.9), _finding(Relation.CONTRADICTS, 0.8)]
    assert rule_signals(findings) == (0.0, 0.8, 0.0)


def test_agreement_is_shared_out_over_all_numbers_of_the_claim() -> None:
    findings = [_finding(Relation.AGREES, 0.8), _finding(Relation.ABSENT, 0.0)]
    assert rule_signals(findings) == (0.4, 0.0, 0.5)


def test_a_claim_without_numbers_gives_no_signal() -> None:
    assert rule_signals([]) == SILENT


def test_rows_are_probabilities_and_do_not_depend_on_each_other() -> None:
    verifier = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], dtype=np.float32)
    both = fuse(verifier, [SILENT, Signals(0.0, 0.9, 0.0)], FAST)
    assert both.sum(axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)
    assert both[0] == pytest.approx(fuse(verifier[:1], [SILENT], FAST)[0], abs=1e-6)


def test_a_contradicted_number_raises_refutes_and_an_agreeing_one_supports() -> None:
    verifier = np.array([[0.4, 0.3, 0.3]], dtype=np.float32)
    plain = fuse(verifier, [SILENT], FAST)[0]
    assert fuse(verifier, [Signals(0.0, 1.0, 0.0)], FAST)[0][1] > plain[1]
    assert fuse(verifier, [Signals(1.0, 0.0, 0.0)], FAST)[0][0] > plain[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("judge", ["reviewer", "llm", "llm_after_reviewer", "untuned", "untuned_after_reviewer"])
def test_every_further_judge_moves_an_undecided_verdict(judge: str, kind: JudgeParameters) -> None:
    before = np.array([[0.4, 0.35, 0.25]], dtype=np.float32)
    weights = getattr(kind, judge)
    towards = with_judge(before, np.array([[0.02, 0.96, 0.02]], dtype=np.float32), weights)[0]
    assert towards.argmax() == 1


def test_a_judge_that_is_certain_cannot_make_infinities() -> None:
    certain = np.array([[1.0, 0.0, 0.0]], dtype=np.float32)
    assert np.isfinite(fuse(certain, [SILENT], FAST)).all()
    assert np.isfinite(with_judge(certain, certain, KINDS[0].reviewer)).all()


def test_a_damaged_parameter_file_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "fusion.json"
    broken.write_text('{"version": 1}')
    monkeypatch.setattr(fusion, "PARAMETERS_FILE", broken)
    fusion.parameters.cache_clear()
    with pytest.raises(ConfigError, match="is damaged; reinstall factcheck"):
        fusion.parameters()
    fusion.parameters.cache_clear()


def test_a_tuned_llm_and_any_other_are_weighed_apart() -> None:
    p, weighed = KINDS[1], KINDS[1].with_llm(2.0, 0.0)
    for reviewed in (False, True):
        tuned, untuned = (weighed.further(tuned=known, reviewed=reviewed) for known in (True, False))
        assert tuned.judge == 2.0 * p.further(tuned=True, reviewed=reviewed).judge
        assert untuned.judge == 0.0
        assert untuned.before == p.further(tuned=False, reviewed=reviewed).before


def test_what_one_text_says_is_not_unsaid_by_silent_ones() -> None:
    opinions = np.array([[0.1, 0.0, 0.9], [0.8, 0.1, 0.1], [0.0, 0.1, 0.9]])
    assert loudest(opinions) == pytest.approx([0.8, 0.1, 0.1])
    assert loudest(opinions[:1]) == pytest.approx(opinions[0])
