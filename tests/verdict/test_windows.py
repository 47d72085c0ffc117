from factcheck.types import Document, Hit, Passage, Span
from factcheck.verdict.windows import MAX_CONTEXT_CHARS, candidate_windows, overlap, stems


def _hit(*sentences: str) -> Hit:
    text = " ".join(sentences)
    spans, place = [], 0
    for sentence in sentences:
        spans.append(Span(start=place, end=place + len(sentence)))
        place += len(sentence) + 1
    document = Document(name="a.txt", sha256="0")
    passage = Passage(id=1, document=document, paragraph=1, text=text, sentences=tuple(spans))
    return Hit(passage=passage, score=1.0, similarity=0.5)


def test_a_window_quotes_one_sentence_and_shows_the_judge_the_one_before() -> None:
    hit = _hit("Kostyukov leads the GRU.", "He joined the talks on Wednesday.")
    windows = candidate_windows("Kostyukov joined the talks", [hit], 10)
    by_quote = {w.passage.text[w.start : w.end]: w.premise for w in windows}
    assert by_quote == {
        "Kostyukov leads the GRU.": "Kostyukov leads the GRU.",
        "He joined the talks on Wednesday.": "Kostyukov leads the GRU. He joined the talks on Wednesday.",
    }


def test_a_question_is_judged_with_its_answer_and_alone_only_at_the_end() -> None:
    hit = _hit("Is the bridge open?", "Yes, since May.", "“Will it close?”")
    assert {w.premise for w in candidate_windows("The bridge is open", [hit], 10)} == {
        "Is the bridge open? Yes, since May.",
        "Yes, since May. “Will it close?”",
    }


def test_a_long_sentence_before_is_left_out() -> None:
    hit = _hit("x" * MAX_CONTEXT_CHARS, "The bridge opened.")
    assert [w.premise for w in candidate_windows("bridge opened", [hit], 1)] == ["The bridge opened."]


def test_every_hit_keeps_its_best_sentence_before_any_gets_a_second() -> None:
    first = _hit("The swap freed 157 men.", "The swap took place on Thursday.")
    second = _hit("Snow fell in Kyiv.", "The weather was cold.")
    windows = candidate_windows("the swap freed 157 men", [first, second], 2)
    assert [w.hit for w in windows] == [0, 1]
    assert windows[0].passage.text[windows[0].start : windows[0].end] == "The swap freed 157 men."


def test_a_hit_far_down_is_judged_where_its_sentences_together_hold_the_claims_words() -> None:
    near = [_hit("Moscow is cold.", "It snows."), _hit("The think tank moved."), _hit("A report came.")]
    told = _hit("A think tank published a casualty report.", "Moscow dismissed the report.")
    windows = candidate_windows("Moscow dismissed the think tank's casualty report", [*near, told], 4)
    assert [w.hit for w in windows] == [0, 1, 2, 3]
    assert windows[3].passage.text[windows[3].start :] == "Moscow dismissed the report."


def test_overlap_counts_content_words_and_numbers_once_their_endings_are_off() -> None:
    assert overlap(stems("Drones launched: 1,250"), "The army launches a drone, 1250 in all.") == 1.0
    assert overlap(stems("drones launched"), "Nothing of the kind.") == 0.0
    assert overlap(set(), "anything") == 0.0


def test_the_paragraph_before_tells_the_judge_who_she_is() -> None:
    lead = "Elena Rossi is under pressure."
    hit = _hit("She will resign on Friday.", "Her party is divided.", "A vote is near.").model_copy(
        update={"lead": lead}
    )
    windows = candidate_windows("Elena Rossi will resign", [hit], 10)
    by_quote = {w.passage.text[w.start : w.end]: w for w in windows}
    first = by_quote["She will resign on Friday."]
    assert (first.premise, first.own) == (f"{lead} She will resign on Friday.", "She will resign on Friday.")
    assert by_quote["A vote is near."].premise == "Her party is divided. A vote is near."


def test_the_passages_first_sentence_tells_the_judge_what_a_later_one_is_about() -> None:
    hit = _hit("A market was shelled.", "Fifteen were hurt.", "The oldest was 81.", "Snow fell.")
    windows = candidate_windows("The oldest person hurt at the market was 81", [hit], 10)
    by_quote = {w.passage.text[w.start : w.end]: w for w in windows}
    oldest = by_quote["The oldest was 81."]
    assert oldest.premise == "A market was shelled. Fifteen were hurt. The oldest was 81."
    assert oldest.own == "Fifteen were hurt. The oldest was 81."
    assert by_quote["Fifteen were hurt."].premise == "A market was shelled. Fifteen were hurt."
    assert by_quote["Snow fell."].premise == "A market was shelled. The oldest was 81. Snow fell."


def test_a_paragraph_that_says_it_all_is_no_lead_and_a_long_one_neither() -> None:
    for lead in ("Elena Rossi will resign.", "Rossi " * 100):
        hit = _hit("She will resign.").model_copy(update={"lead": lead})
        (window,) = candidate_windows("Rossi will resign", [hit], 1)
        assert window.premise == window.own == "She will resign."
