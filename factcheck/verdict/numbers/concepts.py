"""Small tables of meaning: words that count the same thing, predicates that exclude each other, opposites.

A concept is the name of a group of near-synonyms, or a word's own stem where it is in no group. The tables hold
common vocabulary of news and encyclopaedias only; what they do not know is compared by stem.
"""

from __future__ import annotations

from functools import lru_cache

from factcheck.verdict.numbers.tokens import stem, word_set

_SYNONYMS = """
person: people person persons individual individuals human humans
attend: attend attended attendee attendees audience spectator spectators crowd guest guests participant
attend: participants turnout
reside: resident residents inhabitant inhabitants population populations
die: die died dies dying dead death deaths fatality fatalities killed kill kills killing perish perished lives toll
injure: injured injure injures injuring wounded wound wounds wounding hurt injury injuries maimed
recover: recovered recover recovery recoveries recuperated cured
case: case cases infection infections infected positive
test: tested tests testing tests samples swabs
hospital: hospital hospitals hospitalised hospitalized hospitalisation
view: view views viewed viewers hits watched streams streamed streaming
review: review reviews reviewed reviewer reviewers critic critics
approve: approval approve approved rating rated score scored scores ratings
earn: earn earned earns earning earnings gross grossed grosses grossing revenue revenues turnover takings profit profits
lose: lose lost losing loses loss losses deficit
cost: cost costs costing price priced budget expense expenses spend spent spending worth
sell: sell sold sales sale selling sells purchase purchases bought
launch: launch launched launches launching fire fired fires firing
attack: attack attacked attacks bombardment bombed shelling shelled raid strike strikes
intercept: intercept intercepted downed neutralised neutralized suppressed repelled
destroy: destroy destroyed destroying razed demolished
damage: damage damaged damages damaging
house: house houses home homes dwelling dwellings household households
prisoner: prisoner prisoners pow pows captive captives detainee detainees inmate inmates
exchange: exchange exchanged exchanges swap swapped swaps trade traded
free: free freed release_person liberated
arrest: arrest arrested arrests detained jailed imprisoned
vote: voter voters polls vote votes ballot ballots voted voting
unemployed: unemployment unemployed jobless joblessness
employ: employ employs employed employee employees staff worker workers workforce workplace personnel
job: job jobs post posts position positions
open: open opened opens opening inaugurated inauguration
close: close closed closes closing closure shut shuttered
sign: sign signed signing signs
meet: meet met meets meeting meetings talks convened gathered gathering summit
born: born birth birthday birthdate
marry: marry married marries marriage wed wedding
found: found founded founding founds established establishing establishment formed formation created creation
release: release released releases releasing issued published publication
premiere: premiere premiered premieres debut debuted aired airs broadcast
begin: begin began begins beginning start started starts commence commenced
end: end ended ends ending finish finished concluded conclude
win: win won wins winning victory victories winner
student: student students pupil pupils
school: school schools
car: car cars vehicle vehicles automobile automobiles
ship: ship ships vessel vessels boat boats
plane: plane planes aircraft airplane airplanes aeroplane jet jets
doctor: doctor doctors physician physicians
child: child children kid kids minor minors youngster youngsters
woman: woman women female females
man: man men male males
soldier: soldier soldiers troops serviceman servicemen personnel fighter fighters
company: company companies firm firms group corporation business businesses enterprise manufacturer
farm: farm farms
factory: factory factories plant plants mill mills
film: film films movie movies picture
song: song songs single singles track tracks
book: book books novel novels
country: country countries nation nations state states
city: city cities town towns municipality
high: high height tall taller higher elevation altitude rises
long: long length longer stretches runs extends
wide: wide width wider breadth
deep: deep depth deeper
heavy: heavy weigh weighs weighed weighing weight mass
far: far distance away
fast: fast speed faster
area: area covers covering
warm: temperature temperatures warm hot cold thermometer
rank: rank ranks ranked ranking place placed position
percent_share: share proportion percentage
flight: flight flights
bed: bed beds
seat: seat seats
tree: tree trees
road: road roads highway motorway
path: trail path track footpath route
tourist: tourist tourists visitor visitors
evacuate: evacuate evacuated evacuation evacuees
arrive: arrive arrived arrives arrival arriving
leave: leave left leaves departed departure depart leaving
build: build built builds building construction constructed completed completion
elect: elect elected election elections
appoint: appoint appointed appointment named
retire: retire retired retirement
graduate: graduate graduated graduation
record: record recorded recording
pay: pay paid pays paying salary wage wages
import: import imports imported
export: export exports exported
follower: follower followers subscriber subscribers
domestic: domestic domestically
foreign: foreign overseas elsewhere abroad outside
worldwide: worldwide global globally international internationally
average: average mean averaged
total: total overall altogether combined
demand: demand demanded demands demanding ask asked asks asking request requested requests seek sought seeks seeking
agree: agreement treaty pact accord deal
law: law act bill legislation
storm: storm hurricane cyclone typhoon
fire_event: blaze wildfire wildfires fires
quake: earthquake quake tremor
patient: patient patients
victim: victim victims
refugee: refugee refugees migrant migrants asylum
drone: drone drones uav uavs
missile: missile missiles rocket rockets
copy: copy copies units
dish: meal meals dish dishes
produce: produce produced produces production output manufactured made making
grow: rise rose rises risen rising increase increased increases increasing grow grew grown growing growth climb
grow: climbed climbs jump jumped surge surged soar soared up gain gained higher raise raised raises raising
shrink: fall fell falls fallen falling drop dropped drops decrease decreased decreases decline declined declines
shrink: declining slide slid plunge plunged shrank shrink down cut reduced reduction slump slumped
"""
_PHRASES = {
    ("shot", "down"): "intercept",
    ("shoot", "down"): "intercept",
    ("took", "place"): "occur",
    ("take", "place"): "occur",
    ("taken", "place"): "occur",
    ("passed", "away"): "die",
    ("came", "out"): "release",
    ("set", "up"): "found",
    ("box", "office"): "earn",
    ("tested", "positive"): "case",
    ("positive", "test"): "case",
    ("positive", "tests"): "case",
    ("tests", "positive"): "case",
    ("air", "force"): "airforce",
    ("home", "to"): "reside",
    ("other", "territories"): "foreign",
    ("other", "countries"): "foreign",
    ("went", "up"): "grow",
    ("go", "up"): "grow",
    ("up", "by"): "grow",
    ("up", "from"): "grow",
    ("went", "down"): "shrink",
    ("go", "down"): "shrink",
    ("down", "by"): "shrink",
    ("down", "from"): "shrink",
    ("set", "off"): "begin",
    ("set", "out"): "begin",
    ("other", "markets"): "foreign",
}
_HYPONYMS = {
    "person": word_set(
        "attend reside prisoner soldier civilian child woman man patient victim refugee student employ doctor "
        "tourist voter passenger protester demonstrator volunteer member officer teacher citizen immigrant "
        "evacuate user follower viewer farmer speaker"
    ),
    "prisoner": frozenset({"soldier", "person"}),
    "attend": frozenset({"person", "tourist", "student"}),
    "building": frozenset({"house", "school", "hospital", "factory", "church"}),
    "weapon": frozenset({"drone", "missile"}),
    "crop": frozenset({"wheat", "maize", "rice"}),
    "car": frozenset({"truck", "bus", "lorry"}),
}
_EXCLUSIVE_GROUPS = tuple(
    frozenset(group.split())
    for group in (
        "die injure recover case test hospital isolat quarantin vaccinat evacuate arrest miss",
        "launch intercept captur",
        "born die marry found release record open close graduate retire appoint film_start",
        "earn cost",
        "domestic foreign worldwide",
        "arrive leave",
        "import export",
        "launch sell",
        "begin end",
        "win lose",
        "damage destroy build",
        "prisoner civilian",
        "hire dismiss",
    )
)
_OPPOSITES = {"grow": "shrink", "shrink": "grow", "earn": "lose", "lose": "earn"}
_STOP_TEXT = """
a an the this that these those it its he his him she her they their them we our us you your i my me who whom whose which
what there here and or but nor so yet if then than as of in on at by for with from to into onto over under about after
before between during through against among within without toward towards upon off out up down is are was were be been
being am has have had having do does did done will would shall should can could may might must not no nor only just also
even still more most less least fewer such same other another each every both either all any some many much few several
own very too one two three said say says saying according reported reports report announced told tells claimed claims
claim official officials while when where why how because since until although though whereas including include
included includes approximately roughly around nearly almost exactly least however total number numbers amount figure
figures per s t percent percentage year years month months day days week weeks time times early late new made make
makes get got gets become became came come comes go went goes take took taken give gave given put set held hold stood
stand stands reach reached reaching hundred thousand million billion mr mrs ms spokesman spokesperson confirmed
estimated
""".replace("total", "", 1)
STOPWORDS = frozenset(_STOP_TEXT.split())
_NATIONS = """
russia: russia russian russians moscow kremlin
ukraine: ukraine ukrainian ukrainians kyiv kiev
us: us u.s. usa american americans america washington
uk: uk u.k. british britain britons
germany: germany german germans berlin
france: france french paris
china: china chinese beijing
israel: israel israeli israelis
iran: iran iranian iranians tehran
poland: poland polish poles warsaw
spain: spain spanish spaniards madrid
italy: italy italian italians rome
japan: japan japanese tokyo
india: india indian indians delhi
turkey: turkey turkish ankara türkiye
sweden: sweden swedish swedes
norway: norway norwegian
belarus: belarus belarusian minsk
canada: canada canadian canadians
australia: australia australian australians
brazil: brazil brazilian brazilians
mexico: mexico mexican mexicans
europe: europe european europeans eu
palestine: palestine palestinian palestinians gaza
syria: syria syrian syrians
korea: korea korean koreans
"""


def _by_word(table: str) -> dict[str, str]:
    lines = (line.partition(":") for line in table.strip().splitlines())
    return {word: name for name, _, words in lines for word in words.split()}


_CONCEPTS = _by_word(_SYNONYMS)
NATIONS = _by_word(_NATIONS)
_GROUPS_OF: dict[str, tuple[int, ...]] = {}
for _index, _group in enumerate(_EXCLUSIVE_GROUPS):
    for _name in _group:
        _GROUPS_OF[_name] = (*_GROUPS_OF.get(_name, ()), _index)


@lru_cache(maxsize=65536)
def concept(word: str) -> str:
    """The concept of a lower-case word: its group, its nation, or its stem."""
    return _CONCEPTS.get(word) or NATIONS.get(word) or stem(word)


def phrase(first: str, second: str) -> str | None:
    """The concept of two lower-case words that mean something else together ("shot down"), or None."""
    return _PHRASES.get((first, second))


def is_kind_of(one: str, two: str) -> bool:
    """Whether one concept is a narrower word for the other, in either direction (soldiers are people)."""
    return two in _HYPONYMS.get(one, ()) or one in _HYPONYMS.get(two, ())


def exclusive_groups(name: str) -> tuple[int, ...]:
    """Numbers of the groups of predicates in which `name` excludes the others ("killed" is not "injured")."""
    return _GROUPS_OF.get(name, ())


def opposite(name: str) -> str | None:
    """The concept that says the contrary of `name` about one and the same number, or None."""
    return _OPPOSITES.get(name)
