"""The whole chain: claim -> passages -> judged windows -> verdict -> summary."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from factcheck import settings
from factcheck.errors import FactcheckError
from factcheck.protocols import LanguageModel, Pair, StanceJudge
from factcheck.settings import DEFAULT_TOP_K, Mode
from factcheck.types import Cause, Claim, Document, Hit, Label, ModelNames, Report, SummarySentence, Verdict
from factcheck.verdict.aggregate import Judged, LabelScores, pool, verdict_from
from factcheck.verdict.checkable import why_not_checkable
from factcheck.verdict.given import GivenTexts
from factcheck.verdict.judging import Question, judge_windows
from factcheck.verdict.windows import candidate_windows

if TYPE_CHECKING:
    from factcheck.store.search import Searcher
    from factcheck.store.store import Store

MAX_WINDOWS = 20  # a claim: what the verifier reads in a tenth of a second
UNSURE_BELOW = 0.70  # the verdict's probability under which `auto` asks the LLM
LLM_QUOTES = 3  # one prompt that holds the best passages costs one pass


@dataclass(frozen=True)
class CheckOptions:
    """How to check: who decides, over how many passages, of which documents (glob)."""

    mode: Mode = Mode.AUTO
    top_k: int = DEFAULT_TOP_K
    source: str | None = None


DEFAULT_OPTIONS = CheckOptions()


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
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._verifier = verifier
        self._store = store
        self._searcher = searcher
        self._encoder_name = encoder_name
        self._llm = llm
        self._letter_judge: StanceJudge | None = None
        self._note = note

    @classmethod
    def open(cls, index: Path | None = None, *, note: Callable[[str], None] = lambda _: None) -> FactChecker:
        """A checker over the index. Raises StoreError, ModelError or ConfigError."""
        from factcheck.models.encoder import open_encoder
        from factcheck.store.search import Searcher
        from factcheck.store.store import Store

        encoder = open_encoder()
        store = Store.open(settings.index_dir(index), note=note)
        return cls(
            _open_verifier(),
            store=store,
            searcher=Searcher(store, encoder),
            encoder_name=encoder.name,
            llm=_open_llm(note),
            note=note,
        )

    @classmethod
    def without_index(cls, *, note: Callable[[str], None] = lambda _: None) -> FactChecker:
        """A checker that only judges texts it is given. Raises ModelError or ConfigError."""
        return cls(_open_verifier(), llm=_open_llm(note), note=note)

    def decide(self, claims: Sequence[Claim], options: CheckOptions = DEFAULT_OPTIONS) -> list[Report]:
        """Verdicts with evidence, without summaries; retrieval and verification run over all claims together."""
        began = time.perf_counter()
        reasons = [why_not_checkable(claim.text) for claim in claims]
        asked = [claim for claim, reason in zip(claims, reasons, strict=True) if reason is None]
        hits = self.retrieve(asked, options)
        retrieved = time.perf_counter()
        questions = [
            Question(group, claim, window)
            for group, (claim, found) in enumerate(zip(asked, hits, strict=True))
            for window in candidate_windows(claim.text, found, MAX_WINDOWS)
        ]
        judged = judge_windows(questions, self._verifier)
        judged += [[] for _ in range(len(asked) - len(judged))]
        outcomes = iter([self._outcome(*case, options) for case in zip(asked, judged, hits, strict=True)])
        verdicts = [next(outcomes) if reason is None else (_not_checkable(reason), False) for reason in reasons]
        count = max(1, len(claims))
        timings = {
            "retrieve": 1000 * (retrieved - began) / count,
            "verify": 1000 * (time.perf_counter() - retrieved) / count,
        }
        return [
            Report(claim=claim, verdict=verdict, models=self._names(used), timings_ms=timings)
            for claim, (verdict, used) in zip(claims, verdicts, strict=True)
        ]

    def retrieve(self, claims: Sequence[Claim], options: CheckOptions = DEFAULT_OPTIONS) -> list[list[Hit]]:
        """The top_k passages of each claim, best first."""
        assert self._searcher is not None, "this checker was made without an index"
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
        given = [GivenTexts(claim, texts) for claim, texts in items]
        questions = [
            Question(group, case.claim, window) for group, case in enumerate(given) for window in case.windows()
        ]
        judged = judge_windows(questions, self._verifier)
        judged += [[] for _ in range(len(given) - len(judged))]
        reports = []
        for case, windows in zip(given, judged, strict=True):
            scores = self._second_opinion(case.claim, case.scores(windows), case.joined, options.mode)
            verdict = verdict_from(scores[0], case.quotable(windows), ())
            reports.append(Report(claim=case.claim, verdict=verdict, models=self._names(scores[1])))
        return reports

    def summarise(self, report: Report, on_sentence: Callable[[SummarySentence], None] | None = None) -> Report:
        """The report with its summary; every sentence is verified before `on_sentence` sees it."""
        from factcheck.explain.summary import summarise

        began = time.perf_counter()
        summary = summarise(report.claim, report.verdict, self._llm, self._verifier, on_sentence)
        timings = {**report.timings_ms, "summarise": 1000 * (time.perf_counter() - began)}
        return report.model_copy(
            update={
                "summary": summary.sentences,
                "summary_origin": summary.origin,
                "models": self._names(self._llm is not None and bool(report.verdict.evidence)),
                "timings_ms": timings,
            }
        )

    def preload_llm(self) -> None:
        """Start loading the LLM in the background; what goes wrong shows when it is used."""
        if self._llm is not None:
            threading.Thread(target=_load_quietly, args=(self._llm,), daemon=True).start()

    def documents(self) -> list[tuple[Document, int]]:
        """The documents of the index with their numbers of passages."""
        return [] if self._store is None else self._store.documents()

    def close(self) -> None:
        """Let go of the index."""
        if self._store is not None:
            self._store.close()

    def _outcome(
        self, claim: Claim, judged: Sequence[Judged], hits: Sequence[Hit], options: CheckOptions
    ) -> tuple[Verdict, bool]:
        ranked = sorted(judged, key=lambda j: -max(j.supports, j.refutes, 0.5 * j.overlap))
        quotes = list(dict.fromkeys(j.passage.text[j.start : j.end] for j in ranked[:LLM_QUOTES]))
        scores, used = self._second_opinion(claim, pool(judged), " ".join(quotes), options.mode)
        return verdict_from(scores, judged, hits), used

    def _second_opinion(self, claim: Claim, scores: LabelScores, premise: str, mode: Mode) -> tuple[LabelScores, bool]:
        """The scores after the LLM was heard, where the mode asks for it, and whether it was."""
        best = max(scores.supported, scores.refuted, scores.conflicting, scores.silent)
        wanted = mode is Mode.THOROUGH or (mode is Mode.AUTO and best < UNSURE_BELOW)
        if not wanted or self._llm is None or not premise:
            return scores, False
        from factcheck.verdict.llm_judge import LetterJudge, second_opinion

        if self._letter_judge is None:
            self._letter_judge = LetterJudge(self._llm)
        opinion = self._letter_judge.judge([Pair(claim.text, premise)])[0]
        return second_opinion(scores, opinion), True

    def _names(self, llm_used: bool) -> ModelNames:
        llm = self._llm if llm_used else None
        return ModelNames(
            encoder=self._encoder_name,
            verifier=self._verifier.name,
            llm=llm.name if llm else "",
            device=llm.device if llm else "",
        )


def _not_checkable(reason: str) -> Verdict:
    return Verdict(
        label=Label.NOT_ENOUGH_INFO,
        confidence=1.0,
        cause=Cause.NOT_CHECKABLE,
        notes=(f"This is {reason}, which no source can prove or disprove.",),
    )


def _open_verifier() -> StanceJudge:
    from factcheck.models.verifier import open_verifier

    return open_verifier()


def _open_llm(note: Callable[[str], None]) -> LanguageModel | None:
    """The LLM in use; without it verdicts come from the verifier alone and summaries are quotes, with a note."""
    from factcheck.models.llm import open_llm

    try:
        return open_llm()
    except FactcheckError as error:
        note(f"no language model: {error}")
        return None


def _load_quietly(llm: LanguageModel) -> None:
    try:
        llm.load()
    except FactcheckError:
        return
