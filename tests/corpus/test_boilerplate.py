"""What a page says besides its report is dropped; prose that only resembles it stays."""

from __future__ import annotations

import pytest

from factcheck.corpus.boilerplate import drop_boilerplate

LEAD = "The harbour reopened on Monday after a week of repairs, the port authority said."
BODY = "Two ferries sailed in the morning. They carried 430 passengers."
MORE = "Engineers will inspect the third pier in March."

NOISE = [
    "Sign up here.",
    "The Morning Tide newsletter brings you the coast before breakfast. Sign up here.",
    "Subscribe to our newsletter for the latest from the coast.",
    "Subscribe",
    "Get the day's top stories delivered straight to your inbox.",
    "Join our WhatsApp channel for harbour alerts",
    "Read more: Why the pier failed twice in ten years",
    "READ MORE | Five questions about the pier",
    "Related: Ferry prices to rise",
    "Also read: Ferry prices to rise",
    "Watch: the first ferry leaves",
    "Continue reading...",
    "Learn more about the harbour",
    "Tools and figures for shipping professionalsLearn more aboutHarbourDesk",
    "Advertisement",
    "ADVERTISEMENT - SCROLL TO CONTINUE",
    "Story continues below advertisement",
    "Share this article",
    "Share on Facebook",
    "Follow us on Instagram and X",
    "Follow Jane Roe on X for more",
    "Click here for the full map.",
    "Copy link",
    "4 min read",
    "By Jane Roe and John Doe, Coast Desk",
    "Published 3 February 2026",
    "Last updated: 3 Feb 2026 10:15 GMT",
    "Ports · February 3, 2026 · 5:04 AM UTC · 34 mins ago",
    "3 hours ago",
    "Home | World | Coast | Sport",
    "Tags: harbour, ferries, repairs",
    "#harbour #ferries",
    "12 comments",
    "24/7 coverage of everything at sea",
    "Image caption, The council met on Tuesday",
    "Listen to Jane read this article",
    "Add Coast News as your preferred source to see more of our stories.",
    "Our journalism needs your support.",
    "Live updates: Follow the talks here",
    "Don't miss out on the headlines",
    "This story has been updated.",
    "Source: Coast Press and news agencies",
    "The views expressed in this article are the author's own.",
    "list of 3 itemsend of list",
    "- list 1 of 3Ferry prices to rise",
    "We use cookies to improve your experience on this site.",
    "By continuing to use this site you agree to our terms.",
    "© 2026 Coast Daily",
    "Copyright 2026 Coast Daily. All rights reserved.",
    "This material may not be published, broadcast or rewritten.",
    "https://coast.example/ferries",
    "[Ferries](https://coast.example/f)",
    "* [Ferries](https://coast.example/f) [Piers](https://coast.example/p)",
    "![](https://coast.example/pier.jpg)",
    "---",
    "Item 1 of 5 A ferry leaves the harbour, February 3, 2026. Port Press Service/Handout via REUTERS",
    "**[1/5]** A ferry leaves the harbour. REUTERS/Jane Roe Purchase Licensing Rights, opens new tab",
    "A ferry leaves the reopened harbour on Feb. 3, 2026. (AP Photo/Jane Roe)",
    "In this image made from video provided by the port on Feb. 3, 2026, a ferry leaves the harbour.",
    "This video grab taken from port footage released on February 3, 2026, shows a ferry [Port via AFP]",
    "FILE - A ferry waits at the pier, Jan. 5, 2026.",
    "People wait for the first ferry [Jane Roe/Reuters]",
    "Photo: Jane Roe",
    "Jane Roe/Getty Images",
    "Port Authority via Reuters",
    "The repairs",
    "### Tickets and times",
]

PROSE = [
    "The union's newsletter told members to sign up for the ballot before Friday, a spokesman said.",
    "A photograph published by the newspaper showed the minister at the pier in 2019.",
    "Getty Images said revenue rose 5% in the last quarter.",
    "Advertisements for the ferry line were withdrawn after 40 complaints.",
    "Readers who subscribe to the paper pay 12 euros a month.",
    'The leaflet said "all rights reserved" and named no printer of any kind, officials added.',
    "Subscribers to the service fell by 5% to 2 million last year.",
    "Share prices rose 3% after the announcement.",
    "Related costs rose to $5 million, the port authority said.",
    "Following talks in Oslo, the two ports agreed to share the pilots.",
    "The reporter filmed the scene and sent the footage to Reuters, according to the court.",
    "Published in 2019, the study found that 12 of 30 piers were unsafe.",
    "Reporting by the BBC showed that 10 workers had been injured.",
    "Copyright law protects the chart, the judge said.",
    "Read more than once, the clause turned out to be void.",
    "This picture of decline is wrong, the mayor told reporters.",
    "In this image-conscious city, 40% of residents cycle to work.",
    "Evan Roe is an American journalist who was jailed in 2023.",
    "Police used cookies and coffee to win over the protesters.",
    "The minister spoke 20 minutes after the blast, via Reuters.",
    "Sponsored by the bank, the prize was worth 10,000 euros.",
    "Click fraud cost advertisers $84 billion.",
    "By Friday, 300 people had left the island.",
    "Image recognition failed in 3 of 10 tests.",
    "* Port wants a new pier, but who pays remains unresolved",
    "- City refuses to give up land at the third pier; state insists",
    "KYIV, Feb 5 (Reuters) - Two ports signed an agreement on Thursday.",
    "LONDON -- Two ports signed an agreement on Thursday.",
    "Correction: an earlier version misstated the vote as 11-4.",
    "The source of the fire, 40 metres below the deck, was found on Monday.",
    '"Nobody was hurt," the pilot said.',
    "### Nobody was hurt when the pier gave way.",
    "Population: 5 million",
]


@pytest.mark.parametrize("line", NOISE)
def test_noise_is_dropped_from_between_paragraphs(line: str) -> None:
    assert drop_boilerplate([LEAD, line, BODY]) == (LEAD, BODY)


@pytest.mark.parametrize("line", PROSE)
def test_prose_that_resembles_noise_stays(line: str) -> None:
    assert drop_boilerplate([LEAD, line, BODY]) == (LEAD, line.removeprefix("### "), BODY)


@pytest.mark.parametrize(
    "end",
    [
        "Reporting by Jane Roe; Editing by John Doe and Max Moe",
        "(Reporting by Jane Roe in Oslo; editing by John Doe)",
        "Our Standards: The Coast Press Trust Principles., opens new tab",
        "_The Coast's_ _Jane Roe and_ _John Doe_ _contributed to this report._",
        "Associated Press writer Jane Roe contributed to this report.",
        "The post Harbour reopens appeared first on Coast Daily.",
    ],
)
def test_teasers_after_the_end_of_the_report_are_dropped(end: str) -> None:
    teaser = "A bank opened accounts for a shipping magnate in 2014, documents show."
    page = [LEAD, BODY, MORE, end, "Storm to hit the coast in a rare winter blow", teaser]
    assert drop_boilerplate(page) == (LEAD, BODY, MORE)


def test_an_end_marker_at_the_head_does_not_swallow_the_report() -> None:
    assert drop_boilerplate(["Reporting by Jane Roe; Editing by John Doe", LEAD, BODY]) == (LEAD, BODY)


def test_a_caption_goes_with_the_credit_under_it() -> None:
    page = [
        LEAD,
        "Members of the port council attend the reopening, Oslo, February 3, 2026.",
        "Port Authority via Reuters",
        BODY,
        "Workers clear the pier in Oslo.",
        "Jane Roe/Getty Images",
        MORE,
    ]
    assert drop_boilerplate(page) == (LEAD, BODY, MORE)


def test_a_report_sentence_above_a_credit_stays() -> None:
    assert drop_boilerplate([LEAD, BODY, "Jane Roe/Getty Images", MORE]) == (LEAD, BODY, MORE)
    past = "Two workers were hurt when the pier gave way."
    assert drop_boilerplate([past, "Jane Roe/Getty Images", MORE]) == (past, MORE)


def test_a_bare_line_above_a_caption_is_part_of_it() -> None:
    caption = "This video grab taken from footage released on Feb 3, 2026, shows a ferry at sea [Port via AFP]"
    assert drop_boilerplate([LEAD, "Passengers waving from the upper deck of a ferry", caption, BODY]) == (
        LEAD,
        BODY,
    )


def test_a_list_of_other_stories_ends_where_prose_begins() -> None:
    page = [
        LEAD,
        "Recommended Stories",
        "* Storm to hit the coast in a rare winter blow",
        "Thousands march against the new ferry prices in Oslo",
        BODY,
        "Most read",
        "Storm to hit the coast in a rare winter blow",
    ]
    assert drop_boilerplate(page) == (LEAD, BODY)


def test_headlines_beside_links_without_text_are_teasers() -> None:
    link = "[](https://coast.example/</storm-2026-02-08/>)"
    page = [LEAD, "Storm to hit the coast in a rare winter blow", link, f"* {link}", BODY]
    assert drop_boilerplate(page) == (LEAD, BODY)
    assert drop_boilerplate([link, "* Port wants a new pier, but who pays is open", BODY]) == (
        "* Port wants a new pier, but who pays is open",
        BODY,
    )


def test_markup_leaves_the_words() -> None:
    page = ["The **third** pier, [built in 1931](https://x.example/a_(b)), was _not_ inspected , opens new tab."]
    assert drop_boilerplate(page) == ("The third pier, built in 1931, was not inspected .",)
    assert drop_boilerplate(["> The snake_case_name costs 2 * 3 * 4 euros."]) == (
        "The snake_case_name costs 2 * 3 * 4 euros.",
    )


def test_notes_about_authors_at_the_end_are_dropped() -> None:
    bio = "Jane Roe is a senior reporter covering ports and shipping, based in Oslo."
    desk = "John Doe reports on ports for the Coast Daily. You can reach him at john@coast.example."
    assert drop_boilerplate([LEAD, BODY, bio, desk]) == (LEAD, BODY)
    assert drop_boilerplate([LEAD, bio, BODY]) == (LEAD, bio, BODY)


def test_nothing_is_left_of_a_page_without_a_report() -> None:
    assert drop_boilerplate([]) == ()
    assert drop_boilerplate(["Menu", "Subscribe", "© 2026 Coast Daily"]) == ()


@pytest.mark.parametrize(
    "hostile",
    ["Reporting by " + "A" * 380 + "!", "a|" * 190 + ".", "By " + "A, " * 120 + "!", "#a" * 190 + "!", "(" * 500],
)
def test_hostile_lines_are_judged_without_backtracking(hostile: str) -> None:
    assert isinstance(drop_boilerplate([hostile, "[](" * 5000, "*_" * 5000]), tuple)
