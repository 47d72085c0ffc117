"""The whole chain: claim -> passages -> judged windows -> verdict -> summary."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from factcheck import settings
from factcheck.errors import FactcheckError, InputError, ModelError
from factcheck.protocols import LanguageModel, Pair, StanceJudge
from factcheck.settings import DEFAULT_TOP_K, Mode
from factcheck.types import (
    Cause,
    Claim,
    Document,
    Hit,
    Label,
    ModelNames,
    Report,
    Stance,
    SummaryOrigin,
    SummarySentence,
    Verdict,
)
from factcheck.verdict.aggregate import Judged, LabelScores, odds_of, pool, verdict_from
from factcheck.verdict.checkable import why_not_checkable
from factcheck.verdict.compound import combined, with_parts
from factcheck.verdict.given import GivenTexts
from factcheck.verdict.judging import Question, judge_windows
from factcheck.verdict.parts import split_claim
from factcheck.verdict.windows import Window, candidate_windows

if TYPE_CHECKING:
    from factcheck.models.verifier import OnnxVerifier
    from factcheck.store.search import Searcher
    from factcheck.store.store import Store
    from factcheck.verdict.llm_judge import LetterJudge

MAX_WINDOWS = 20  # a claim: what the verifier reads in a tenth of a second
UNSURE_BELOW = 0.75  # the verdict's probability under which `auto` asks the LLM
LLM_QUOTES = 3  # one prompt that holds the best passages costs one pass


@dataclass(frozen=True)
class CheckOptions:
    """How to check: who decides, over how many passages, of which documents (glob)."""

    mode: Mode = Mode.AUTO
    top_k: int = DEFAULT_TOP_K
    source: str | None = None


DEFAULT_OPTIONS = CheckOptions()


@dataclass(frozen=True)
class _Second:
    """Whether the LLM gave a second opinion, and why it did not although it was asked."""

    heard: bool = False
    trouble: str = ""


_UNASKED = _Second()


class FactChecker:
    """Checks claims against one index. Everything heavy is loaded once, when first needed."""

    def __init__(
        self,
        verifier: StanceJudge,
        *,
        store: Store | None = None,
        searcher: Searcher | None = None,
        encoder_name: str = "",
        llm: LanguageModel | None = None,
        no_llm: str = "",
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._verifier = verifier
        self._store = store
        self._searcher = searcher
        self._encoder_name = encoder_name
        self._llm = llm
        self._no_llm = no_llm  # why there is none
        self._letter_judge: LetterJudge | None = None
        self._note = note

    @classmethod
    def open(cls, index: Path | None = None, *, note: Callable[[str], None] = lambda _: None) -> FactChecker:
        """A checker over the index. Raises StoreError, ModelError or ConfigError."""
        from factcheck.models.encoder import open_encoder
        from factcheck.store.search import Searcher
        from factcheck.store.store import Store

        encoder, verifier = open_encoder(), _open_verifier()
        for model in (encoder, verifier):  # both while the index is opened
            _load_in_background(model)
        llm, no_llm = _open_llm()
        store = Store.open(settings.index_dir(index), note=note)
        return cls(
            verifier,
            store=store,
            searcher=Searcher(store, encoder),
            encoder_name=encoder.name,
            llm=llm,
            no_llm=no_llm,
            note=note,
        )

    @classmethod
    def without_index(cls, *, note: Callable[[str], None] = lambda _: None) -> FactChecker:
        """A checker that only judges texts it is given. Raises ModelError or ConfigError."""
        llm, no_llm = _open_llm()
        return cls(_open_verifier(), llm=llm, no_llm=no_llm, note=note)

    def decide(self, claims: Sequence[Claim], options: CheckOptions = DEFAULT_OPTIONS) -> list[Report]:
        """Verdicts with evidence, without summaries; retrieval and verification run over all claims together."""
        began = time.perf_counter()
        reasons = [why_not_checkable(claim.text) for claim in claims]
        asked = [claim for claim, reason in zip(claims, reasons, strict=True) if reason is None]
        cases = [_Compound.of(claim) for claim in asked]
        every = [claim for case in cases for claim in case.claims]
        hits = self.retrieve(every, options)
        retrieved = time.perf_counter()
        judged = self._judged(
            [candidate_windows(c.text, h, MAX_WINDOWS) for c, h in zip(every, hits, strict=True)], every
        )
        outcomes = iter(
            [
                self._outcome(case, judged[at : at + len(case.claims)], hits[at], options)
                for case, at in zip(cases, _starts(cases), strict=True)
            ]
        )
        verdicts = [next(outcomes) if reason is None else (_not_checkable(reason), _UNASKED) for reason in reasons]
        count = max(1, len(claims))
        timings = {
            "retrieve": 1000 * (retrieved - began) / count,
            "verify": 1000 * (time.perf_counter() - retrieved) / count,
        }
        return [
            self._report(claim, verdict, second, timings)
            for claim, (verdict, second) in zip(claims, verdicts, strict=True)
        ]

    def retrieve(self, claims: Sequence[Claim], options: CheckOptions = DEFAULT_OPTIONS) -> list[list[Hit]]:
        """The top_k passages of each claim, best first. Raises InputError if no document matches `source`."""
        assert self._searcher is not None, "this checker was made without an index"
        if options.source is not None and self._store is not None:
            names = [document.name for document, _ in self._store.documents()]
            if not any(fnmatchcase(name, options.source) for name in names):
                raise InputError(f"no source is called {options.source!r}; `factcheck index list` names them")
        found: list[list[Hit]] = [[] for _ in claims]
        for as_of in {claim.as_of for claim in claims}:
            places = [i for i, claim in enumerate(claims) if claim.as_of == as_of]
            texts = [claims[i].text for i in places]
            results = self._searcher.search_many(texts, options.top_k, source=options.source, as_of=as_of)
            for place, hits in zip(places, results, strict=True):
                found[place] = hits
        return found

    def judge_texts(
        self, items: Sequence[tuple[Claim, Sequence[str]]], options: CheckOptions = DEFAULT_OPTIONS
    ) -> list[Report]:
        """Verdicts on evidence that is given instead of retrieved; all texts of a claim are one source."""
        cases = [_Compound.of(claim) for claim, _ in items]
        given = [
            GivenTexts(claim, texts) for case, (_, texts) in zip(cases, items, strict=True) for claim in case.claims
        ]
        judged = self._judged([texts.windows() for texts in given], [texts.claim for texts in given])
        reports = []
        for case, at in zip(cases, _starts(cases), strict=True):
            places = range(at, at + len(case.claims))
            scores, second = self._second_opinion(
                case.claim, case.combined([given[i].scores(judged[i]) for i in places]), given[at].joined, options.mode
            )
            shown = [given[i].quotable(judged[i]) for i in places]
            verdict = case.verdict(scores, shown, [given[i].scores(judged[i]) for i in places], ())
            reports.append(self._report(case.claim, verdict, second, {}))
        return reports

    def _judged(self, windows: Sequence[Sequence[Window]], claims: Sequence[Claim]) -> list[list[Judged]]:
        """Each claim's windows, judged, in one call of the verifier."""
        questions = [
            Question(group, claim, window)
            for group, (claim, own) in enumerate(zip(claims, windows, strict=True))
            for window in own
        ]
        judged = judge_windows(questions, self._verifier)
        return judged + [[] for _ in range(len(claims) - len(judged))]

    def _report(self, claim: Claim, verdict: Verdict, second: _Second, timings: dict[str, float]) -> Report:
        return Report(
            claim=claim,
            verdict=verdict,
            models=self._names(second.heard),
            timings_ms=timings,
            trouble=(second.trouble,) if second.trouble else (),
        )

    def summarise(self, report: Report, on_sentence: Callable[[SummarySentence], None] | None = None) -> Report:
        """The report with its summary; every sentence is verified before `on_sentence` sees it.

        If the LLM fails the summary quotes the evidence, and the report's `trouble` says why.
        """
        from factcheck.explain.extractive import deciding_evidence
        from factcheck.explain.summary import summarise

        began = time.perf_counter()
        summary = summarise(report.claim, report.verdict, self._llm, self._verifier, on_sentence)
        timings = {**report.timings_ms, "summarise": 1000 * (time.perf_counter() - began)}
        asked = self._llm is not None and bool(report.verdict.evidence)
        wrote = summary.origin is SummaryOrigin.LLM or (asked and not summary.trouble)
        failed = [summary.trouble and f"the language model failed: {summary.trouble}"]
        if self._no_llm and deciding_evidence(report.verdict):
            failed = [f"no language model: {self._no_llm}"]
        return report.model_copy(
            update={
                "summary": summary.sentences,
                "summary_origin": summary.origin,
                "models": self._names(wrote or bool(report.models.llm)),
                "timings_ms": timings,
                "trouble": tuple(dict.fromkeys([*report.trouble, *filter(None, failed)])),
            }
        )

    def preload_llm(self) -> None:
        """Start loading the LLM in the background; what goes wrong shows when it is used."""
        if self._llm is not None:
            _load_in_background(self._llm)

    def documents(self) -> list[tuple[Document, int]]:
        """The documents of the index with their numbers of passages."""
        return [] if self._store is None else self._store.documents()

    def close(self) -> None:
        """Let go of the index."""
        if self._store is not None:
            self._store.close()

    def _outcome(
        self, case: _Compound, judged: Sequence[Sequence[Judged]], hits: Sequence[Hit], options: CheckOptions
    ) -> tuple[Verdict, _Second]:
        everything = [item for windows in judged for item in windows]
        ranked = sorted(everything, key=lambda j: -max(odds_of(j, Stance.SUPPORTS), odds_of(j, Stance.REFUTES)))
        quotes = list(dict.fromkeys(j.passage.text[j.start : j.end] for j in ranked))[:LLM_QUOTES]
        pooled = [pool(windows) for windows in judged]
        scores, second = self._second_opinion(case.claim, case.combined(pooled), " ".join(quotes), options.mode)
        return case.verdict(scores, judged, pooled, hits), second

    def _second_opinion(
        self, claim: Claim, scores: LabelScores, premise: str, mode: Mode
    ) -> tuple[LabelScores, _Second]:
        """The scores after the LLM was heard, where the mode asks for it; if it fails, the first opinion stands."""
        best = max(scores.supported, scores.refuted, scores.conflicting, scores.silent)
        wanted = mode is Mode.THOROUGH or (mode is Mode.AUTO and best < UNSURE_BELOW)
        if not wanted or not premise:
            return scores, _UNASKED
        if self._llm is None:
            return scores, _Second(trouble=self._no_llm and f"no language model: {self._no_llm}")
        from factcheck.verdict.llm_judge import LetterJudge, second_opinion

        if self._letter_judge is None:
            self._letter_judge = LetterJudge(self._llm)
        try:
            opinion = self._letter_judge.judge([Pair(claim.text, premise)])[0]
        except ModelError as error:
            return scores, _Second(trouble=f"the language model failed: {error}")
        return second_opinion(scores, opinion, trained=self._letter_judge.trained), _Second(heard=True)

    def _names(self, llm_used: bool) -> ModelNames:
        llm = self._llm if llm_used else None
        return ModelNames(
            encoder=self._encoder_name,
            verifier=self._verifier.name,
            llm=llm.name if llm else "",
            device=llm.device if llm else "",
        )


@dataclass(frozen=True)
class _Compound:
    """A claim and, if it states several facts, these as claims of their own."""

    claims: tuple[Claim, ...]  # the whole, then its parts

    @classmethod
    def of(cls, claim: Claim) -> _Compound:
        texts = split_claim(claim.text)
        parts = [claim.model_copy(update={"text": text}) for text in texts] if len(texts) > 1 else []
        return cls((claim, *parts))

    @property
    def claim(self) -> Claim:
        return self.claims[0]

    def combined(self, scores: Sequence[LabelScores]) -> LabelScores:
        """The label probabilities of the claim from those of `claims`."""
        return combined(scores[0], scores[1:]) if len(scores) > 1 else scores[0]

    def verdict(
        self,
        scores: LabelScores,
        judged: Sequence[Sequence[Judged]],
        each: Sequence[LabelScores],
        hits: Sequence[Hit],
    ) -> Verdict:
        """The verdict that `scores` say; `judged` and `each` are those of `claims`."""
        if len(self.claims) == 1:
            return verdict_from(scores, judged[0], hits)
        verdict = verdict_from(scores, [item for windows in judged for item in windows], hits)
        return with_parts(verdict, [part.text for part in self.claims[1:]], each[1:], judged[1:])


def _starts(cases: Sequence[_Compound]) -> list[int]:
    """Where the claims of each case begin in the list of all."""
    return [0, *accumulate(len(case.claims) for case in cases)][: len(cases)]


def _not_checkable(reason: str) -> Verdict:
    return Verdict(
        label=Label.NOT_ENOUGH_INFO,
        confidence=1.0,
        cause=Cause.NOT_CHECKABLE,
        notes=(f"This is {reason}, which no source can prove or disprove.",),
    )


def _open_verifier() -> OnnxVerifier:
    from factcheck.models.verifier import open_verifier

    return open_verifier()


def _open_llm() -> tuple[LanguageModel | None, str]:
    """The LLM in use, or why there is none: verdicts then come from the verifier alone, summaries are quotes."""
    from factcheck.models.llm import open_llm

    try:
        return open_llm(), ""
    except FactcheckError as error:
        return None, str(error)


class _Loadable(Protocol):
    def load(self) -> None: ...


def _load_in_background(model: _Loadable) -> None:
    """Load a model while other things are done; what goes wrong shows when it is used."""

    def load() -> None:
        with suppress(FactcheckError):
            model.load()

    threading.Thread(target=load, daemon=True).start()
