"""Reports with their summaries, one at a time or several at once."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass

from factcheck.explain.summary import Summary, write_summary
from factcheck.protocols import LanguageModel, TextWriter, WritesTogether
from factcheck.turns import take_turns
from factcheck.types import ModelNames, Report, SummarySentence
from factcheck.verdict.consensus import Consensus
from factcheck.verdict.panel import llm_trouble


@dataclass(frozen=True)
class Summaries:
    """Writes them with the LLM (without one they quote the evidence); `names` tells which models took part."""

    llm: LanguageModel | None
    consensus: Consensus
    names: Callable[[bool, bool], ModelNames]  # of: was the reviewer heard, was the LLM

    def one(self, report: Report, on_sentence: Callable[[SummarySentence], None] | None = None) -> Report:
        """The report with its summary; every sentence is verified before `on_sentence` sees it."""
        (finished,) = self._written([report], self.llm, 1, on_sentence)
        return finished

    def many(self, reports: Iterable[Report]) -> Iterator[Report]:
        """The reports in their order, as they are ready; a local LLM writes several at once."""
        several = self.llm.together() if isinstance(self.llm, WritesTogether) else None
        if several is not None:
            return self._written(reports, several, several.width)
        return self._written(reports, self.llm, 1)

    def _written(
        self,
        reports: Iterable[Report],
        llm: TextWriter | None,
        width: int,
        on_sentence: Callable[[SummarySentence], None] | None = None,
    ) -> Iterator[Report]:
        def work(report: Report) -> Generator[None, None, tuple[Report, Summary]]:
            return report, (yield from write_summary(report.claim, report.verdict, llm, self.consensus, on_sentence))

        for (report, summary), seconds in take_turns(map(work, reports), width):
            trouble = [llm_trouble(summary.trouble)] if summary.trouble else []
            if summary.llm_took_part and self.consensus.trouble:
                trouble.append(self.consensus.trouble)
            reviewed = summary.llm_took_part and self.consensus.reviewed
            yield report.model_copy(
                update={
                    "summary": summary.sentences,
                    "summary_origin": summary.origin,
                    "models": self.names(
                        reviewed or bool(report.models.reviewer), summary.llm_took_part or bool(report.models.llm)
                    ),
                    "timings_ms": {**report.timings_ms, "summarise": 1000 * seconds},
                    "trouble": tuple(dict.fromkeys([*report.trouble, *trouble])),
                }
            )
