"""The numbers and dates of claims against those of premises."""

from __future__ import annotations

from datetime import date

import pytest

from factcheck.verdict.numeric import (
    NumericFinding,
    Relation,
    compare_numbers,
    has_numbers,
    numbers_in,
    unsupported_numbers,
)

A, C, N = Relation.AGREES, Relation.CONTRADICTS, Relation.ABSENT


def overall(findings: tuple[NumericFinding, ...]) -> Relation:
    relations = {finding.relation for finding in findings}
    if C in relations:
        return C
    return A if relations == {A} else N


CASES = [
    # seeds-like
    (
        A,
        "Russia launched 183 drones",
        "Ukraine’s air force said Russia launched two ballistic missiles and 183 drones overnight.",
    ),
    (
        N,
        "Russia launched 183 drones",
        "Russia's Defense Ministry said its forces shot down 95 Ukrainian drones overnight.",
    ),
    (
        C,
        "Russia launched 250 drones at Ukraine overnight.",
        "Russia attacked Ukraine overnight with two missiles and 183 drones, the air force said.",
    ),
    (N, "Russia launched 183 drones at Ukraine.", "The air force said 156 of the drones were shot down."),
    (A, "Each side handed over 157 prisoners of war.", "Russia and Ukraine exchanged 157 prisoners of war each."),
    (C, "The exchange covered 500 prisoners of war.", "The sides agreed to swap 314 prisoners, the envoy said."),
    (A, "Russia controls around a fifth of Ukraine.", "Russia holds about 20% of Ukraine."),
    (C, "The front line is about 2,500 kilometres long.", "Fighting continued along the 1,200-km front line."),
    (C, "It was the first prisoner swap in two years.", "It was the first such swap in five months."),
    (
        C,
        "Nobody was hurt in the overnight attack on Kyiv.",
        "In Kyiv, at least two people were injured in the overnight attack.",
    ),
    (C, "Russia fired 20 missiles at Ukraine overnight.", "Russia fired two missiles and 183 drones overnight."),
    (
        A,
        "Zelenskyy put the number of Ukrainian soldiers killed at roughly 55,000.",
        "Zelenskyy said about 55,000 Ukrainian soldiers had been killed.",
    ),
    (
        A,
        "At least seven people died when a market in Druzhkivka was shelled.",
        "Shelling hit a market in Druzhkivka, killing at least seven people.",
    ),
    (
        A,
        "The previous prisoner exchange took place on October 2.",
        "The last such exchange was held on October 2, 2025.",
    ),
    (N, "The prisoner exchange cost ten million dollars.", "The exchange involved 314 prisoners and three civilians."),
    (
        A,
        "Of the Ukrainians who were freed, 139 had been held since 2022.",
        "Among those freed, 139 had been held since 2022, officials said.",
    ),
    (N, "Volodymyr Zelenskyy was born in 1978.", "Russia has occupied Crimea since 2014, Zelenskyy said."),
    (
        A,
        "Fifteen of the freed Ukrainians had been sentenced to life in prison.",
        "Courts had given the men long terms, 15 of them to life imprisonment.",
    ),
    # magnitude
    (A, "The mine shipped 2.4 million tonnes of ore.", "Ore shipments from the mine came to 2,400,000 tonnes."),
    (C, "The mine shipped 24 million tonnes of ore.", "Ore shipments from the mine came to 2,400,000 tonnes."),
    (A, "The app has 1.5bn users.", "The app counts 1,500 million users."),
    (C, "The app has 1.5 million users.", "The app counts 1.5 billion users."),
    (A, "The city has 800 thousand residents.", "Some 800,000 people live in the city."),
    (C, "The city has 80,000 inhabitants.", "The city is home to 800,000 people."),
    (A, "The bakery sold 12,000 loaves last week.", "Last week the bakery sold twelve thousand loaves."),
    (C, "The bakery sold 1,200 loaves in May.", "In May the bakery sold twelve thousand loaves."),
    # comparison
    (A, "More than 50 ships were delayed.", "The strike delayed 64 vessels."),
    (C, "Fewer than 50 ships were delayed.", "The strike delayed 64 vessels."),
    (A, "Under 100 pupils enrolled.", "Enrolment stood at 87 pupils."),
    (C, "Over 100 pupils enrolled.", "Enrolment stood at 87 pupils."),
    (A, "Over 1,000 trees were planted.", "Volunteers planted 1,340 trees along the river."),
    (C, "Less than 1,000 trees were planted.", "Volunteers planted 1,340 trees along the river."),
    (A, "No more than 12 jurors were present.", "Eleven jurors were present."),
    # rounding
    (A, "Around 2,000 books were donated.", "Residents donated 2,047 books."),
    (C, "Exactly 2,000 books were donated.", "Residents donated 2,047 books."),
    (A, "Nearly 600 passengers were stranded.", "The storm stranded 587 passengers."),
    (A, "Roughly 1.2 million visitors came.", "The museum counted 1,187,204 visitors."),
    (C, "Roughly 2 million visitors came.", "The museum counted 1,187,204 visitors."),
    (C, "Precisely 90 jobs will be cut.", "The firm will cut 93 jobs."),
    # words
    (A, "Forty-two firefighters were called.", "42 firefighters were called to the blaze."),
    (C, "Fifty-two firefighters were called.", "42 firefighters were called to the blaze."),
    (A, "Two hundred and six bones were catalogued.", "The team catalogued 206 bones."),
    (C, "Two hundred and sixty bones were catalogued.", "The team catalogued 206 bones."),
    (A, "A dozen eggs were broken.", "12 eggs were broken."),
    (C, "Two dozen eggs were broken.", "12 eggs were broken."),
    (A, "Seven thousand five hundred runners took part.", "The marathon had 7,500 runners."),
    # fraction
    (A, "Two thirds of members voted yes.", "Some 66.7% of members voted in favour."),
    (C, "A third of members voted yes.", "Some 66.7% of members voted in favour."),
    (A, "One in five patients relapsed.", "20 percent of patients relapsed within a year."),
    (C, "One in ten patients relapsed.", "20 percent of patients relapsed within a year."),
    (A, "Half of the bridges need repair.", "50 per cent of bridges are in need of repair."),
    (C, "Three quarters of the bridges need repair.", "50 per cent of bridges are in need of repair."),
    # unit
    (A, "The lake is 100 metres deep.", "The lake reaches a depth of 328 feet."),
    (C, "The lake is 40 metres deep.", "The lake reaches a depth of 328 feet."),
    (A, "The cow weighs 600 kg.", "At 1,323 pounds, the cow weighs more than a small car."),
    (C, "The cow weighs 900 kg.", "At 1,323 pounds, the cow weighs more than a small car."),
    (A, "The temperature reached 30 °C.", "Thermometers showed 86 degrees Fahrenheit."),
    (C, "The temperature reached 40 °C.", "Thermometers showed a temperature of 86 degrees Fahrenheit."),
    (A, "The farm covers 40 hectares.", "The farm covers about 99 acres."),
    (C, "The farm covers 100 hectares.", "The farm covers about 99 acres."),
    (A, "The flight lasted 90 minutes.", "The flight took an hour and a half."),
    (A, "The flight lasted 150 minutes.", "The flight took 2.5 hours."),
    (C, "The flight lasted four hours.", "The flight took 150 minutes."),
    # year
    (A, "The company was founded in 1921.", "Founded in 1921, the company makes clocks."),
    (C, "The company was founded in 1912.", "Founded in 1921, the company makes clocks."),
    (A, "The stadium was built in the 1960s.", "The stadium was completed in 1964."),
    (C, "The stadium was built in the 1970s.", "The stadium was completed in 1964."),
    (A, "The law took effect after 2010.", "The law took effect in March 2014."),
    (C, "The law took effect before 2010.", "The law took effect in March 2014."),
    (C, "She has led the party since 2015.", "She has led the party since 2019."),
    (A, "She has led the party since 2019.", "She took over as party leader in 2019."),
    # date
    (A, "The trial began on March 3, 2025.", "The trial opened on Monday, 3 March 2025."),
    (C, "The trial began on March 13, 2025.", "The trial opened on Monday, 3 March 2025."),
    (A, "The ferry sank on 12 July.", "The ferry sank off the coast on July 12, 2024."),
    (C, "The ferry sank on 12 June.", "The ferry sank off the coast on July 12, 2024."),
    # change
    (A, "Inflation rose to 3.2 percent.", "Inflation climbed from 2.9 percent to 3.2 percent."),
    (C, "Inflation rose to 2.9 percent.", "Inflation climbed from 2.9 percent to 3.2 percent."),
    (C, "Inflation fell to 3.2 percent.", "Inflation climbed from 2.9 percent to 3.2 percent."),
    (A, "Membership dropped to 800.", "Membership fell from 1,000 to 800 in a year."),
    (C, "Membership rose to 1,000.", "Membership fell from 1,000 to 800 in a year."),
    (C, "Rents increased by 12 percent.", "Rents increased by 7 percent over the year."),
    (C, "Rents fell by 7 percent.", "Rents rose by 7 percent over the year."),
    # absent
    (N, "The tower weighs 900 tonnes.", "The tower is 120 metres high and was finished in 2004."),
    (N, "The school employs 45 teachers.", "The school has 600 pupils and cost 8 million euros."),
    (N, "The ferry carries 300 passengers.", "The ferry is 80 metres long and sails twice a day."),
    (N, "The festival cost 2 million euros.", "The festival drew 30,000 visitors over three days."),
    (N, "The hotel has 200 rooms.", "The hotel opened in 1998 and has 12 floors."),
    # bound
    (A, "At least 40 people were injured.", "The crash injured 47 people and killed three."),
    (C, "At least 60 people were injured.", "The crash injured 47 people and killed three."),
    (A, "Up to 50 families were evacuated.", "Firefighters evacuated 38 families."),
    (C, "Up to 30 families were evacuated.", "Firefighters evacuated 38 families."),
    # attach
    (A, "Three people were killed in the crash.", "The crash injured 47 people and killed three."),
    (C, "Forty-seven people were killed in the crash.", "The crash injured 47 people and killed three people."),
    (A, "Five tractors were sold.", "The farm sold 14 cows and five tractors."),
    (C, "Fourteen tractors were sold.", "The farm sold 14 cows and five tractors."),
    (C, "The club bought 9 goalkeepers.", "The club bought two goalkeepers and 9 defenders."),
    (A, "Sixteen libraries were closed.", "The council closed 16 libraries and 40 playgrounds."),
    # money
    (A, "The museum received 4 million pounds.", "The museum was given £4m."),
    (C, "The museum received 14 million pounds.", "The museum was given £4m."),
    (A, "The airline made a profit of $300 million.", "The airline posted a profit of 300 million dollars."),
    (C, "The airline made a profit of $300 million.", "The airline posted a loss of 300 million dollars."),
    (C, "The bank lost 1.2 billion euros.", "The bank reported a net profit of €1.2bn."),
    (A, "The painting sold for $2.5 million.", "The painting fetched 2.5 million dollars at auction."),
    # range
    (A, "The victim was in his thirties.", "The victim, a 36-year-old man, died at the scene."),
    (C, "The victim was in his fifties.", "The victim, a 36-year-old man, died at the scene."),
    (A, "The driver was in her early twenties.", "The driver, 22, was unhurt."),
    (C, "The driver was in her sixties.", "The driver, 22, was unhurt."),
    (A, "Between 200 and 300 people came.", "Organisers counted 260 people."),
    (C, "Between 200 and 300 people came.", "Organisers counted 410 people."),
    # semantics
    (N, "23 homes were damaged.", "More than 20 homes were damaged."),
    (C, "50 homes were damaged.", "More than 300 homes were damaged."),
    (N, "314 homes were damaged.", "Hundreds of homes were damaged."),
    (C, "400 people attended the hearing.", "The hearing drew 412 people."),
    (A, "About 20 % of the voters stayed home.", "A fifth of the voters stayed home."),
    (C, "Three people were killed.", "There were no deaths in the fire: nobody was killed."),
    (A, "The home side won 2-1.", "The hosts won the match 2-1."),
    (C, "The home side won 3-1.", "The hosts won the match 2-1."),
    (A, "The session starts at 4 p.m.", "The session starts at 16:00."),
    (C, "The session starts at 5 p.m.", "The session starts at 16:00."),
]


@pytest.mark.parametrize(("expected", "claim", "premise"), CASES, ids=[f"{c[0]}: {c[1]}" for c in CASES])
def test_relation_of_claim_and_premise(expected: Relation, claim: str, premise: str) -> None:
    assert overall(compare_numbers(claim, premise)) is expected


def test_finding_names_both_expressions_and_their_places() -> None:
    claim, premise = "Russia launched 250 drones.", "The air force said Russia launched 183 drones."
    (finding,) = compare_numbers(claim, premise)
    assert finding.relation is C
    assert finding.reason == "claim says 250, passage says 183"
    assert claim[slice(*finding.claim_span)] == "250"
    assert finding.premise_span is not None
    assert premise[slice(*finding.premise_span)] == "183"
    assert 0.5 < finding.alignment <= 1.0


def test_one_finding_for_each_number_of_the_claim_in_order() -> None:
    findings = compare_numbers(
        "The storm damaged 23 houses and two schools.", "It damaged 23 houses and three schools."
    )
    assert [(f.claim_span, f.relation) for f in findings] == [((18, 20), A), ((32, 35), C)]


def test_alignment_falls_with_the_distance_of_the_topic() -> None:
    claim = "The hearing drew 300 people."
    same = compare_numbers(claim, "412 people came to the hearing.")[0].alignment
    other = compare_numbers(claim, "The ferry rescued 412 people.")[0].alignment
    assert other < same


@pytest.mark.parametrize(("claim", "premise"), [("", "183 drones"), ("No figure here.", "183 drones")])
def test_claim_without_numbers_has_no_findings(claim: str, premise: str) -> None:
    assert compare_numbers(claim, premise) == ()


def test_premise_without_numbers_leaves_each_absent() -> None:
    (finding,) = compare_numbers("Russia launched 250 drones.", "")
    assert finding == NumericFinding(N, 0.0, "passage has nothing to compare with 250", (16, 19), None)


@pytest.mark.parametrize(
    "text",
    [
        "9" * 400,
        "1e999 - / - 5 / 0",
        "31 February 2026",
        "99:99 2026-13-45",
        "0 of 0 in 0",
        "½ % €",
        "\x00\x1b[31m 5 \u202e7",
        "the of " * 3000,
    ],
)
def test_odd_text_is_survived(text: str) -> None:
    assert all(0.0 <= f.alignment <= 1.0 for f in compare_numbers(text, text))
    assert isinstance(unsupported_numbers(text, [text]), tuple)


@pytest.mark.parametrize(
    ("expected", "claim"),
    [
        (A, "The talks were held on Wednesday."),
        (A, "The talks were held on 4 February 2026."),
        (C, "The talks were held on 6 February 2026."),
    ],
)
def test_weekday_of_a_report_is_the_nearest_before_publication(expected: Relation, claim: str) -> None:
    premise = "The talks were held on Wednesday in Abu Dhabi."
    assert overall(compare_numbers(claim, premise, published=date(2026, 2, 5))) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("183 drones", True),
        ("a dozen eggs", True),
        ("on Thursday", True),
        ("in early May", True),
        ("Talks went on.", False),
    ],
)
def test_has_numbers(text: str, expected: bool) -> None:
    assert has_numbers(text) is expected


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("3 million people", "3,000,000 people"),
        ("€2bn", "2 billion euros"),
        ("a quarter of it", "25 percent of it"),
        ("5 February 2026", "Feb. 5, 2026"),
        ("4 p.m.", "16:00"),
    ],
)
def test_spelling_of_a_number_does_not_matter(one: str, two: str) -> None:
    assert numbers_in(one) == numbers_in(two) != frozenset()


SOURCE = (
    "Russia launched two ballistic missiles and 183 drones overnight, and 156 of them were shot down. The talks on Feb. 5 "
    "ended without a deal. Some 3,000,000 people lost power, at a cost of €2bn. The exchange freed 314 prisoners, the "
    "first in five months; one was 84 years old."
)


@pytest.mark.parametrize(
    ("sentence", "missing"),
    [
        ("Russia launched 183 drones and two missiles.", ()),
        ("Russia launched 185 drones.", ("185",)),
        ("About 180 drones were launched.", ("About 180",)),
        ("Three million people lost power, which cost 2 billion euros.", ()),
        ("The damage was 2 billion dollars.", ("2 billion dollars",)),
        ("The talks on 5 February 2026 ended without a deal.", ()),
        ("The talks in February 2026 ended without a deal.", ()),
        ("The talks on 6 February 2026 ended without a deal.", ("6 February 2026",)),
        ("The talks on 5 February 2024 ended without a deal.", ("5 February 2024",)),
        ("It was the first exchange in five months.", ()),
        ("It was the first exchange in six months.", ("six months",)),
        ("COVID-19 was not mentioned.", ("19",)),
        ("An 84-year-old was among the 314 prisoners.", ()),
        ("No prisoner was hurt.", ()),
        ("Russia launched drones.", ()),
    ],
)
def test_numbers_of_a_summary_sentence_that_no_source_has(sentence: str, missing: tuple[str, ...]) -> None:
    assert unsupported_numbers(sentence, [SOURCE], date(2026, 2, 6)) == missing


def test_no_source_supports_no_number() -> None:
    assert unsupported_numbers("Russia launched 183 drones.", []) == ("183",)
