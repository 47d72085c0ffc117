"""From judged windows to one verdict: over sentences, passages and independent sources.

Each document counts once for each side, with its best window. The two sides are pooled apart, so that credible
evidence on both gives CONFLICTING instead of a mean that says nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from math import log

from factcheck.corpus.speakers import speaker_of
from factcheck.probabilities import logistic
from factcheck.types import Cause, Evidence, Hit, Label, Passage, Stance, Verdict
from factcheck.verdict.disagreement import CREDIBLE, find_disagreement, note_on
from factcheck.verdict.fusion import NO_SIGNALS, PoolParameters, Signals, parameters

MAX_PER_SIDE = 4
LEAST_SCORE = 0.5  # evidence weaker than this is not shown for a side
WEAK_SCORE = 0.6  # weaker windows for which no rule gives a reason are more often wrong than right
MAX_NEUTRAL = 3
LONGER_QUOTE = 0.2  # log-odds; of two windows of a passage that are nearly as sure, the shorter quotation is shown
# Cosine under which the nearest passage is about something else (all-MiniLM-L6-v2).
OFF_TOPIC_SIMILARITY = 0.30
OFF_TOPIC_OVERLAP = 0.34


@dataclass(frozen=True, slots=True)
class Judged:
    """One window with its stance probabilities, the rules' reasons, and what they come to."""

    passage: Passage
    start: int
    end: int
    supports: float
    refutes: float
    overlap: float
    reasons: tuple[str, ...] = ()
    signals: Signals = NO_SIGNALS

    @property
    def quote(self) -> str:
        """The words that evidence quotes of it."""
        return self.passage.text[self.start : self.end]

    @property
    def stance(self) -> Stance:
        """The most probable stance."""
        neutral = 1.0 - self.supports - self.refutes
        if neutral >= max(self.supports, self.refutes):
            return Stance.NEUTRAL
        return Stance.SUPPORTS if self.supports > self.refutes else Stance.REFUTES

    def score(self, stance: Stance) -> float:
        """Probability of a stance, 0..1."""
        if stance is Stance.SUPPORTS:
            return self.supports
        return self.refutes if stance is Stance.REFUTES else max(0.0, 1.0 - self.supports - self.refutes)


def doubtful(judged: Sequence[Judged]) -> float:
    """How little the number rules are sure that one of the windows contradicts the claim, 0..1.

    The LLM calls "at least 30 houses" supported by 23: what a rule settles is not for it.
    """
    return 1.0 - max((item.signals.contradicts for item in judged), default=0.0)


@dataclass(frozen=True, slots=True)
class LabelScores:
    """Probability of each label; they sum to 1."""

    supported: float
    refuted: float
    conflicting: float
    silent: float

    @property
    def best(self) -> float:
        """The verdict's probability."""
        return max(self.supported, self.refuted, self.conflicting, self.silent)


def pool(judged: Sequence[Judged], p: PoolParameters | None = None) -> LabelScores:
    """Label probabilities from many windows of many documents, with the fitted parameters or those given."""
    p = p or parameters().pool
    supports, refutes = (_side(judged, stance, p) for stance in (Stance.SUPPORTS, Stance.REFUTES))
    both = supports * refutes
    alone = LabelScores(supports * (1 - refutes), refutes * (1 - supports), 0.0, (1 - supports) * (1 - refutes))
    disagreement = find_disagreement(judged)
    if disagreement is None:
        # The same source cannot contradict itself for the reader: the stronger side takes it.
        share = supports / (supports + refutes) if both else 0.0
    elif disagreement.settled_for is None:
        return replace(alone, conflicting=both)
    else:
        share = 1.0 if disagreement.settled_for is Stance.SUPPORTS else 0.0
    return replace(alone, supported=alone.supported + both * share, refuted=alone.refuted + both * (1 - share))


def _side(judged: Sequence[Judged], stance: Stance, p: PoolParameters) -> float:
    """Probability that this side holds: the best document's log-odds, raised by a second one.

    A window that shares few words with the claim is more likely to be about something else.
    """
    best: dict[str, float] = {}
    for item in judged:
        name, odds = item.passage.document.name, odds_of(item, stance, p)
        best[name] = max(best.get(name, odds), odds)
    ranked = sorted(best.values(), reverse=True)
    if not ranked:
        return 0.0
    odds = ranked[0] + (p.second_source if len(ranked) > 1 and ranked[1] > 0 else 0.0)
    return logistic(odds)


def odds_of(item: Judged, stance: Stance, p: PoolParameters | None = None) -> float:
    """Log-odds that this window settles the claim for a side, as one of many that were looked at."""
    p = p or parameters().pool
    bias = p.bias_supports if stance is Stance.SUPPORTS else p.bias_refutes
    return p.scale * _log_odds(item.score(stance)) + p.overlap * (item.overlap - 0.5) + bias


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, 1e-4), 1 - 1e-4)
    return log(clipped / (1 - clipped))


def verdict_from(scores: LabelScores, judged: Sequence[Judged], hits: Sequence[Hit]) -> Verdict:
    """The most probable label with its evidence, best first; falls back to silence where no window carries it."""
    by_label = {
        Label.SUPPORTED: scores.supported,
        Label.REFUTED: scores.refuted,
        Label.CONFLICTING: scores.conflicting,
        Label.NOT_ENOUGH_INFO: scores.silent,
    }
    label = max(by_label, key=lambda name: by_label[name])
    if not judged:
        return Verdict(label=Label.NOT_ENOUGH_INFO, confidence=1.0, cause=Cause.NO_PASSAGES)
    confidence = min(1.0, by_label[label])
    if label is Label.NOT_ENOUGH_INFO:
        evidence = _select(judged, {}, ())
        return Verdict(label=label, confidence=confidence, cause=_cause(judged, hits), evidence=evidence)
    wanted = {
        Label.SUPPORTED: {Stance.SUPPORTS},
        Label.REFUTED: {Stance.REFUTES},
        Label.CONFLICTING: {Stance.SUPPORTS, Stance.REFUTES},
    }[label]
    # The LLM may have moved the verdict where no single window was decided: its best window then carries it.
    forced = {
        max(judged, key=lambda j, s=stance: j.score(s)): stance  # type: ignore[misc]
        for stance in wanted
        if not any(j.stance is stance and j.score(stance) >= LEAST_SCORE for j in judged)
    }
    evidence = _select(judged, forced, wanted)
    return Verdict(label=label, confidence=confidence, evidence=evidence, notes=_notes(label, judged))


def _notes(label: Label, judged: Sequence[Judged]) -> tuple[str, ...]:
    """What the reader should know of a disagreement, where the verdict follows from it."""
    disagreement = find_disagreement(judged)
    if disagreement is None:
        return ()
    side = {Label.SUPPORTED: Stance.SUPPORTS, Label.REFUTED: Stance.REFUTES}.get(label)
    if label is Label.CONFLICTING or (side is not None and disagreement.settled_for is side):
        return note_on(disagreement, settled=label is not Label.CONFLICTING)
    return ()


def _cause(judged: Sequence[Judged], hits: Sequence[Hit]) -> Cause:
    nearest = max((hit.similarity for hit in hits), default=1.0)
    overlap = max(item.overlap for item in judged)
    off = nearest < OFF_TOPIC_SIMILARITY and overlap < OFF_TOPIC_OVERLAP
    return Cause.OFF_TOPIC if off else Cause.RELATED_BUT_SILENT


def _select(judged: Sequence[Judged], forced: dict[Judged, Stance], wanted: Collection[Stance]) -> tuple[Evidence, ...]:
    """The best window of each passage and side, at most MAX_PER_SIDE a side; silent ones if there are no others.

    A weak window is shown only where the verdict's side has nothing better; one against the verdict has to be as sure
    as a disagreement asks, or give a rule's reason.

    A passage whose windows disagree stands on the side that the verdict needs.
    """
    chosen: list[tuple[Stance, float, Judged]] = [(stance, item.score(stance), item) for item, stance in forced.items()]
    taken = {(item.passage.document.name, item.passage.text) for item in forced}
    spoken_for: set[tuple[str, str]] = set()
    for stance in sorted((Stance.SUPPORTS, Stance.REFUTES), key=lambda s: s not in wanted):
        ranked = sorted(
            (j for j in judged if j.stance is stance and j.score(stance) >= LEAST_SCORE),
            key=lambda j: LONGER_QUOTE * (j.end - j.start) / len(j.passage.text) - odds_of(j, stance),
        )
        against_the_verdict = wanted and stance not in wanted
        least = CREDIBLE if against_the_verdict else WEAK_SCORE
        strong = [j for j in ranked if j.reasons or j.score(stance) >= least]
        ranked = strong if strong or against_the_verdict else ranked[:1]
        own = set(taken) if stance in wanted else taken | spoken_for
        chosen += _best_of_each(ranked, stance, MAX_PER_SIDE, own)
        spoken_for |= own
    chosen.sort(key=lambda choice: choice[0] is not Stance.SUPPORTS)
    if not chosen:
        ranked = sorted(judged, key=lambda j: -j.overlap)
        chosen = _best_of_each(ranked, Stance.NEUTRAL, MAX_NEUTRAL, set())
    return tuple(
        Evidence(
            id=number,
            stance=stance,
            score=min(1.0, max(0.0, score)),
            passage=item.passage,
            start=item.start,
            end=item.end,
            speaker=speaker_of(item.passage.text, item.start, item.end),
            reasons=item.reasons,
        )
        for number, (stance, score, item) in enumerate(chosen, start=1)
    )


def _best_of_each(
    ranked: Sequence[Judged], stance: Stance, limit: int, taken: set[tuple[str, str]]
) -> list[tuple[Stance, float, Judged]]:
    chosen: list[tuple[Stance, float, Judged]] = []
    for item in ranked:
        key = (item.passage.document.name, item.passage.text)
        if key not in taken and len(chosen) < limit:
            taken.add(key)
            chosen.append((stance, item.score(stance), item))
    return chosen
