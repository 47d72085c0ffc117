"""The whole chain: claim -> passages -> judged windows -> verdict -> summary."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from factcheck import settings
from factcheck.background import load_in_background
from factcheck.errors import InputError
from factcheck.protocols import LanguageModel, StanceJudge
from factcheck.settings import DEFAULT_TOP_K, Mode
from factcheck.types import (
    Cause,
    Claim,
    Document,
    Hit,
    Label,
    ModelNames,
    Report,
    SummarySentence,
    Verdict,
)
from factcheck.verdict.aggregate import Judged, doubtful, pool
from factcheck.verdict.checkable import why_not_checkable
from factcheck.verdict.compound import Case
from factcheck.verdict.consensus import Consensus
from factcheck.verdict.disagreement import is_settled
from factcheck.verdict.fusion import JudgeParameters, parameters
from factcheck.verdict.given import GivenTexts
from factcheck.verdict.judging import judge_windows, questions_of
from factcheck.verdict.panel import (
    ASKING,
    ASKING_IN_BULK,
    ASKING_OF_GIVEN,
    NOBODY,
    Asking,
    First,
    Heard,
    Panel,
    strongest_quotes,
)
from factcheck.verdict.windows import Window, candidate_windows

if TYPE_CHECKING:
    from factcheck.explain.reports import Summaries
    from factcheck.store.search import Searcher
    from factcheck.store.store import Store

MAX_WINDOWS = 5  # a claim; with more of them fewer verdicts are right on claims checked end to end


@dataclass(frozen=True)
class CheckOptions:
    """How to check: who decides, over how many passages, of which documents (glob).

    in_bulk: many claims in little time, so that `fast` asks the reviewer less often.
    """

    mode: Mode = Mode.AUTO
    top_k: int = DEFAULT_TOP_K
    source: str | None = None
    in_bulk: bool = False

    @property
    def asking(self) -> Asking:
        """When the further judges are asked about a claim checked against the index."""
        return (ASKING_IN_BULK if self.in_bulk else ASKING)[self.mode]


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
        reviewer: StanceJudge | None = None,
        llm: LanguageModel | None = None,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._verifier = verifier
        self._store = store
        self._searcher = searcher
        self._encoder_name = encoder_name
        self._reviewer = reviewer
        self._llm = llm
        self._panel = Panel(reviewer, llm)
        self._consensus = Consensus(verifier, reviewer)
        self._note = note

    @classmethod
    def open(cls, index: Path | None = None, *, note: Callable[[str], None] = lambda _: None) -> FactChecker:
        """A checker over the index. Raises StoreError, ModelError or ConfigError."""
        from factcheck.models.encoder import open_encoder
        from factcheck.models.llm import open_llm
        from factcheck.models.verifier import open_reviewer, open_verifier
        from factcheck.store.search import Searcher
        from factcheck.store.store import Store

        encoder, verifier = open_encoder(), open_verifier()
        for model in (encoder, verifier):  # both while the index is opened
            load_in_background(model)
        store = Store.open(settings.index_dir(index), note=note)
        return cls(
            verifier,
            store=store,
            searcher=Searcher(store, encoder),
            encoder_name=encoder.name,
            reviewer=open_reviewer(),
            llm=open_llm(),
            note=note,
        )

    @classmethod
    def without_index(cls, *, note: Callable[[str], None] = lambda _: None) -> FactChecker:
        """A checker that only judges texts it is given. Raises ModelError or ConfigError."""
        from factcheck.models.llm import open_llm
        from factcheck.models.verifier import open_reviewer, open_verifier

        return cls(open_verifier(), reviewer=open_reviewer(), llm=open_llm(), note=note)

    def decide(self, claims: Sequence[Claim], options: CheckOptions = DEFAULT_OPTIONS) -> list[Report]:
        """Verdicts with evidence, without summaries; retrieval and verification run over all claims together."""
        began = time.perf_counter()
        reasons = [why_not_checkable(claim.text) for claim in claims]
        asked = [claim for claim, reason in zip(claims, reasons, strict=True) if reason is None]
        cases = [Case.of(claim) for claim in asked]
        every = [claim for case in cases for claim in case.claims]
        hits = self.retrieve(every, options)
        retrieved = time.perf_counter()
        windows = [candidate_windows(c.text, h, MAX_WINDOWS) for c, h in zip(every, hits, strict=True)]
        judged = self._judged(windows, every, parameters().retrieved)
        outcomes = []
        for case, at in zip(cases, _starts(cases), strict=True):
            own = slice(at, at + len(case.claims))
            outcomes.append(self._outcome(case, windows[own], judged[own], hits[at], options.asking))
        decided = iter(outcomes)
        verdicts = [next(decided) if reason is None else (_not_checkable(reason), Heard()) for reason in reasons]
        count = max(1, len(claims))
        timings = {
            "retrieve": 1000 * (retrieved - began) / count,
            "verify": 1000 * (time.perf_counter() - retrieved) / count,
        }
        return [
            self._report(claim, verdict, heard, timings)
            for claim, (verdict, heard) in zip(claims, verdicts, strict=True)
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
        cases = [Case.of(claim) for claim, _ in items]
        given = [
            GivenTexts(claim, texts) for case, (_, texts) in zip(cases, items, strict=True) for claim in case.claims
        ]
        windows = [texts.windows() for texts in given]
        p = parameters().given
        judged = self._judged(windows, [texts.claim for texts in given], p)
        asking = ASKING_OF_GIVEN[options.mode]
        places = [slice(at, at + len(case.claims)) for case, at in zip(cases, _starts(cases), strict=True)]
        first = []
        for case, own in zip(cases, places, strict=True):
            scores = case.combined([t.scores(j, p) for t, j in zip(given[own], judged[own], strict=True)])
            first.append(First(case.claims, windows[own], judged[own], scores))
        reports = []
        for case, own, (reviewed, heard) in zip(cases, places, self._panel.review_many(first, asking, p), strict=True):
            texts = given[own]
            each = [t.scores(j, p) for t, j in zip(texts, reviewed, strict=True)]
            judges = texts[0].judges(reviewed[0], p)
            scores, heard = self._panel.hear_llm(
                case.claim, case.combined(each), texts[0].premises, asking, heard, judges
            )
            verdict = case.verdict(scores, [t.quotable(j) for t, j in zip(texts, reviewed, strict=True)], each, ())
            reports.append(self._report(case.claim, verdict, heard, {}))
        return reports

    def _judged(
        self, windows: Sequence[Sequence[Window]], claims: Sequence[Claim], p: JudgeParameters
    ) -> list[list[Judged]]:
        """Each claim's windows, judged, in one call of the verifier."""
        judged = judge_windows(questions_of(claims, windows), self._verifier, p)
        return judged + [[] for _ in range(len(claims) - len(judged))]

    def _report(self, claim: Claim, verdict: Verdict, heard: Heard, timings: dict[str, float]) -> Report:
        return Report(
            claim=claim,
            verdict=verdict.model_copy(update={"notes": (*verdict.notes, *heard.notes)}),
            models=self._names(heard.reviewer, heard.llm),
            timings_ms=timings,
            trouble=heard.trouble,
        )

    def summarise(self, report: Report, on_sentence: Callable[[SummarySentence], None] | None = None) -> Report:
        """The report with its summary; every sentence is verified before `on_sentence` sees it.

        If the LLM fails the summary quotes the evidence, and the report's `trouble` says why.
        """
        return self._summaries().one(report, on_sentence)

    def summarise_many(self, reports: Iterable[Report]) -> Iterator[Report]:
        """The reports with their summaries, each as of `summarise`, in their order, as they are ready.

        A local LLM writes several at once, in less time; then `reports` is read that far ahead.
        """
        return self._summaries().many(reports)

    def _summaries(self) -> Summaries:
        from factcheck.explain.reports import Summaries

        return Summaries(self._llm, self._consensus, self._names)

    def preload(self) -> None:
        """Start loading what a summary needs in the background; what goes wrong shows when it is used."""
        # The judges first: loaded while the language model computes they slow it down, and it them.
        load_in_background(self._consensus, *([self._llm] if self._llm is not None else []))

    def documents(self) -> list[tuple[Document, int]]:
        """The documents of the index with their numbers of passages."""
        return [] if self._store is None else self._store.documents()

    def close(self) -> None:
        """Let go of the index."""
        if self._store is not None:
            self._store.close()

    def _outcome(
        self,
        case: Case,
        windows: Sequence[Sequence[Window]],
        first: Sequence[Sequence[Judged]],
        hits: Sequence[Hit],
        asking: Asking,
    ) -> tuple[Verdict, Heard]:
        # What is settled by dates is nothing for judges that do not see them.
        asking = NOBODY if any(map(is_settled, first)) else asking
        p = parameters().retrieved
        scores = case.combined(list(map(pool, first)))
        judged, heard = self._panel.review(case.claims, windows, first, scores, asking, p)
        quotes = strongest_quotes([item for own in judged for item in own])
        premise, doubt = " ".join(item.quote for item in quotes), doubtful(quotes)
        pooled = [pool(own) for own in judged]
        judges = p.with_llm(doubt, doubt)
        scores, heard = self._panel.hear_llm(case.claim, case.combined(pooled), [premise], asking, heard, judges)
        return case.verdict(scores, judged, pooled, hits), heard

    def _names(self, reviewer: bool, llm: bool) -> ModelNames:
        writer = self._llm if llm else None
        return ModelNames(
            encoder=self._encoder_name,
            verifier=self._verifier.name,
            reviewer=self._reviewer.name if self._reviewer and reviewer else "",
            llm=writer.name if writer else "",
            device=writer.device if writer else "",
        )


def _starts(cases: Sequence[Case]) -> list[int]:
    """Where the claims of each case begin in the list of all."""
    return [0, *accumulate(len(case.claims) for case in cases)][: len(cases)]


def _not_checkable(reason: str) -> Verdict:
    return Verdict(
        label=Label.NOT_ENOUGH_INFO,
        confidence=1.0,
        cause=Cause.NOT_CHECKABLE,
        notes=(f"This is {reason}, which no source can prove or disprove.",),
    )
