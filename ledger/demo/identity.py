"""Names, addresses and ids of the demo company's customers, drawn from the seed; none is real."""

from datetime import datetime
from uuid import UUID

import numpy as np


def _words(text: str, separator: str = " ") -> tuple[str, ...]:
    return tuple(text.split(separator))


PEOPLE = _words(
    "Amara Beatriz Chen Dilnoza Elif Farid Grete Hamza Ines Jonas Kaori Lena Mateo Nadia Oskar Priya Quentin Rosa Samir"
    " Tove Umar Vera Wanda Ximena Yusuf Zoe Anton Brigitte Carmen Dmitri Esther Fatima Goran Hannah Idris Jana"
)
FAMILIES = _words(
    "Abara Berg Castillo Dvorak Eriksen Fischer Gupta Haddad Ibrahim Jansen Kowalski Lindqvist Moreau Nakamura Okafor"
    " Petrov Quispe Rossi Schneider Tanaka Usman Varga Weber Xu Yilmaz Zapata Müller Søndergaard Núñez O'Brien"
)
FIRST = _words(
    "Alpine Amber Anchor Arbor Atlas Aurora Beacon Birch Blue Bright Cedar Clear Cobalt Copper Coral Delta East Ember"
    " Falcon Fern First Granite Green Harbor Hazel Indigo Iron Ivory Juniper Keystone Lake Laurel Linden Lunar Maple"
    " Meadow Mill Moss North Oak Olive Open Orchard Pacific Pine Polar Quartz Red River Rose Saffron Sierra Silver"
    " Slate South Spruce Stone Summit Swift Tide Union Upland Vale Velvet West Willow Winter"
)
SECOND = _words(
    "bridge brook field ford gate haven hill line path point port ridge side spring stead stone view ville way well"
    " wood works yard"
)
TRADES = _words(
    "Accounting|Advisory|Architects|Auctions|Bakery|Care|Cargo|Clinic|Coaching|Consulting|Cycles|Dental|Design|Energy"
    "|Engineering|Events|Farms|Finance|Fitness|Foods|Freight|Garage|Garden|Health|Homes|Hospitality|Hotels|Insurance"
    "|Interiors|Kitchens|Labs|Language School|Law|Legal|Logistics|Marketing|Media|Music|Notaries|Optics|Outdoor"
    "|Pharmacy|Photo|Plumbing|Press|Properties|Radio|Realty|Recruiting|Research|Roofing|Security|Services|Shipping"
    "|Software|Solar|Studio|Supplies|Surveys|Telecom|Therapy|Tours|Trading|Translations|Transport|Travel|Veterinary",
    "|",
)
ENDINGS = _words("|||| Ltd| GmbH| Inc.| LLC| AG| & Co.| B.V.| S.L.| AB| Group", "|")
ODD = (
    "Müller & Söhne <Telefonservice>",
    "=Sum & Partners",
    "株式会社みなと通訳",
    "Café «L'Écho» 📞",
    "مكتب النور للترجمة",
    "O'Brien; Sons & Daughters",
    '"Quoted" Interpreting',
    "+49 Callcenter",
)
"""Names that real customers also enter: markup, formulas, other scripts."""
BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"


def company_name(rng: np.random.Generator) -> str:
    """Draw a company name; one in three hundred has characters that break careless software."""
    if rng.random() < 1 / 300:
        return str(rng.choice(ODD))
    return f"{rng.choice(FIRST)}{rng.choice(SECOND)} {rng.choice(TRADES)}{rng.choice(ENDINGS)}"


def address(company: str, rng: np.random.Generator) -> str:
    """Draw the owner's e-mail address, in a reserved domain."""
    letters = (character for character in company.lower() if character.isascii() and character.isalnum())
    person = f"{rng.choice(PEOPLE)}.{rng.choice(FAMILIES)}".lower().replace("'", "")
    return f"{person}@{''.join(letters)[:24] or 'company'}.example"


def workspace_id(rng: np.random.Generator) -> str:
    """Draw the id of a workspace."""
    return "ws_" + "".join(BASE32[digit] for digit in rng.integers(0, 32, size=12))


def uuid7(at: datetime, noise: int) -> UUID:
    """Return a time-ordered uuid with 62 bits of noise; the same seed returns the same id."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(
        int=milliseconds << 80 | 0x7 << 76 | (noise >> 50 & 0xFFF) << 64 | 0b10 << 62 | noise & (1 << 62) - 1
    )
