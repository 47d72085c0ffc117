"""Units of measure and money: names, dimensions and factors.

Factors are the exact definitions of the SI brochure (9th edition) and of NIST Special Publication 811, appendix B
(foot 0.3048 m, mile 1609.344 m, pound 0.45359237 kg, US gallon 3.785411784 L, acre 4046.8564224 m2); a month is
taken as 30.44 days and a year as 365.25. A general unit library costs more to import than the rest of a check.
"""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """A unit: value in the base unit of `dimension` = value * factor + offset."""

    name: str
    dimension: str
    factor: float
    offset: float = 0.0


_TABLE: dict[str, dict[str, tuple[float, str]]] = {
    "length": {
        "millimetre": (0.001, "mm millimetre millimetres millimeter millimeters"),
        "centimetre": (0.01, "cm centimetre centimetres centimeter centimeters"),
        "metre": (1.0, "m metre metres meter meters"),
        "kilometre": (1000.0, "km kms kilometre kilometres kilometer kilometers"),
        "inch": (0.0254, "inch inches"),
        "foot": (0.3048, "ft foot feet"),
        "yard": (0.9144, "yd yard yards"),
        "mile": (1609.344, "mi mile miles"),
        "nautical mile": (1852.0, "nmi"),
    },
    "mass": {
        "milligram": (1e-6, "mg milligram milligrams"),
        "gram": (0.001, "g gram grams gramme grammes"),
        "kilogram": (1.0, "kg kgs kilo kilos kilogram kilograms kilogramme kilogrammes"),
        "tonne": (1000.0, "tonne tonnes ton tons"),
        "pound": (0.45359237, "lb lbs pound pounds"),
        "ounce": (0.028349523125, "oz ounce ounces"),
        "stone": (6.35029318, "stone"),
    },
    "volume": {
        "millilitre": (0.001, "ml millilitre millilitres milliliter milliliters"),
        "centilitre": (0.01, "cl centilitre centilitres"),
        "litre": (1.0, "l litre litres liter liters"),
        "hectolitre": (100.0, "hl hectolitre hectolitres"),
        "cubic metre": (1000.0, "m3 m³"),
        "gallon": (3.785411784, "gal gallon gallons"),
        "pint": (0.473176473, "pint pints"),
        "barrel": (158.987294928, "barrel barrels bbl"),
    },
    "area": {
        "square metre": (1.0, "m2 m² sqm"),
        "square kilometre": (1e6, "km2 km² sqkm"),
        "hectare": (1e4, "ha hectare hectares"),
        "acre": (4046.8564224, "acre acres"),
        "square foot": (0.09290304, "sqft"),
    },
    "time": {
        "second": (1.0 / 86400, "second seconds sec secs"),
        "minute": (60.0 / 86400, "minute minutes min mins"),
        "hour": (1.0 / 24, "hour hours hr hrs"),
        "day": (1.0, "day days"),
        "week": (7.0, "week weeks"),
        "fortnight": (14.0, "fortnight fortnights"),
        "month": (30.44, "month months"),
        "year": (365.25, "year years yr yrs"),
        "decade": (3652.5, "decade decades"),
        "century": (36525.0, "centuries"),
    },
    "speed": {
        "kilometre per hour": (1.0, "km/h kmh kph kmph"),
        "mile per hour": (1.609344, "mph"),
        "knot": (1.852, "knot knots"),
        "metre per second": (3.6, "m/s"),
    },
    "power": {
        "watt": (1.0, "w watt watts"),
        "kilowatt": (1e3, "kw kilowatt kilowatts"),
        "megawatt": (1e6, "mw megawatt megawatts"),
        "gigawatt": (1e9, "gw gigawatt gigawatts"),
        "horsepower": (745.699872, "hp horsepower"),
    },
    "energy": {
        "joule": (1.0, "joule joules"),
        "kilojoule": (1e3, "kj kilojoule kilojoules"),
        "calorie": (4.184, "calorie"),
        "kilocalorie": (4184.0, "kcal kilocalorie kilocalories calories"),
        "kilowatt-hour": (3.6e6, "kwh"),
        "megawatt-hour": (3.6e9, "mwh"),
        "gigawatt-hour": (3.6e12, "gwh"),
        "terawatt-hour": (3.6e15, "twh"),
    },
    "data": {
        "kilobyte": (1e3, "kb kilobyte kilobytes"),
        "megabyte": (1e6, "mb megabyte megabytes"),
        "gigabyte": (1e9, "gb gigabyte gigabytes"),
        "terabyte": (1e12, "tb terabyte terabytes"),
    },
}
_TEMPERATURES = {
    "celsius": Unit("degree Celsius", "temperature", 1.0),
    "centigrade": Unit("degree Celsius", "temperature", 1.0),
    "c": Unit("degree Celsius", "temperature", 1.0),
    "fahrenheit": Unit("degree Fahrenheit", "temperature", 5 / 9, -160 / 9),
    "f": Unit("degree Fahrenheit", "temperature", 5 / 9, -160 / 9),
}
_POWERS = {
    "square": ("area", 2, 1.0),
    "sq": ("area", 2, 1.0),
    "cubic": ("volume", 3, 1000.0),
}
_CURRENCIES = {
    "USD": "dollar dollars usd buck bucks",
    "EUR": "euro euros eur",
    "GBP": "gbp sterling quid",
    "JPY": "yen jpy",
    "CNY": "yuan renminbi cny rmb",
    "RUB": "rouble roubles ruble rubles rub",
    "UAH": "hryvnia hryvnias uah",
    "INR": "rupee rupees inr",
    "CHF": "franc francs chf",
    "PLN": "zloty zlotys pln",
    "SEK": "krona kronor sek",
    "NOK": "kroner nok",
    "BRL": "real reais brl",
    "KRW": "won krw",
    "TRY": "lira liras",
    "ZAR": "rand zar",
    "AUD": "aud",
    "CAD": "cad",
    "cent": "cents pence",
}
SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₴": "UAH", "₩": "KRW", "₺": "TRY"}
DOLLAR_PREFIXES = {"a": "AUD", "au": "AUD", "c": "CAD", "ca": "CAD", "nz": "NZD", "hk": "HKD", "us": "USD"}
DOLLAR_NATIONS = {"australian": "AUD", "canadian": "CAD", "us": "USD", "u.s.": "USD", "american": "USD"}

_BY_NAME: dict[str, Unit] = {
    alias: Unit(name, dimension, factor)
    for dimension, units in _TABLE.items()
    for name, (factor, aliases) in units.items()
    for alias in aliases.split()
}
CURRENCY_WORDS: dict[str, str] = {word: code for code, words in _CURRENCIES.items() for word in words.split()}


def find_unit(words: list[str], adjacent: bool) -> tuple[Unit, int] | None:
    """The unit that `words` (the lower-case tokens after a number) begin with, and how many of them it takes.

    `adjacent` says that the first word touches the number ("5m", "10g"): only then do single letters count.
    """
    first = words[0] if words else ""
    if first in ("°", "º", "degree", "degrees"):
        return _temperature(words)
    if first in _POWERS:
        return _power(words)
    if first == "nautical":
        return _BY_NAME["nmi"], 2
    if first in ("km", "kilometres", "kilometers", "miles", "metres", "meters", "m") and len(words) > 2:
        per = _speed(words)
        if per:
            return per
    if len(first) == 1 and not adjacent:
        return None
    unit = _BY_NAME.get(first)
    if unit is None:
        return None
    raised = len(words) > 1 and words[1] in ("²", "³")
    return (_BY_NAME[first + words[1]], 2) if raised and first + words[1] in _BY_NAME else (unit, 1)


def _temperature(words: list[str]) -> tuple[Unit, int] | None:
    scale = words[1] if len(words) > 1 else ""
    if scale in _TEMPERATURES:
        return _TEMPERATURES[scale], 2
    return (Unit("degree", "temperature", 1.0), 1) if words[0] not in ("°", "º") else None


def _power(words: list[str]) -> tuple[Unit, int] | None:
    base = _BY_NAME.get(words[1]) if len(words) > 1 else None
    if base is None or base.dimension != "length":
        return None
    dimension, exponent, scale = _POWERS[words[0]]
    return Unit(f"{words[0]} {base.name}", dimension, base.factor**exponent * scale), 2


def _speed(words: list[str]) -> tuple[Unit, int] | None:
    length = _BY_NAME[words[0]]
    if words[1] not in ("per", "/", "an", "a"):
        return None
    if words[2] in ("hour", "h"):
        return Unit(f"{length.name} per hour", "speed", length.factor / 1000.0), 3
    if words[2] in ("second", "s"):
        return Unit(f"{length.name} per second", "speed", length.factor * 3.6), 3
    return None
