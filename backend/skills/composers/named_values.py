"""Names as values of attributes: people, makers, places, licences; read from the flat text of a statement."""

import re
from collections.abc import Iterator, Sequence

from backend.domain.facts import Quantity
from backend.skills.composers.values import Value

_PART = r"[A-Z][\w'.&-]*[\w]"
_PERSON = re.compile(rf"(?:(?:Dr|Mr|Mrs|Ms|Prof|Shri|Smt)\.? )?{_PART}(?: {_PART}){{1,2}}")
_PEOPLE = re.compile(rf"{_PERSON.pattern}(?:(?:, | and | & ){_PERSON.pattern})*")
_TITLE = re.compile(r"^(?:Dr|Mr|Mrs|Ms|Prof|Shri|Smt)\.? ")
_PLACE = rf"(?:the )?{_PART}(?: {_PART}){{0,2}}"
_PLACES = re.compile(rf"{_PLACE}(?:(?:, | and | & |, and ){_PLACE})*(?P<only>\s+only\b)?")
_MAKER = re.compile(rf"(?<=\bby )(?:the )?{_PART}(?: {_PART}){{0,3}}")
_COMPANY = re.compile(
    r"^the |,? (?:Inc|Ltd|LLP|LLC|GmbH|Pvt|Private|Limited|Co|Corp|Team)\b\.?", re.I
)
_LICENCE = re.compile(
    r"\b(?:MIT|Apache(?:[ -]License)?(?:,? ?-?(?:Version )?2(?:\.0)?)?|BSD(?:-\d-Clause)?"
    r"|(?:A|L)?GPL(?:[ -]?v?\d(?:\.\d)?)?|MPL|ISC|Unlicense|CC0|CC-BY|Commercial|Proprietary"
    r"|GNU (?:Affero |Lesser )?General Public Licen[sc]e(?:,? ?(?:v|[Vv]ersion )?\d(?:\.\d)?)?"
    r"|Mozilla Public Licen[sc]e|Business Source Licen[sc]e|BUSL|BSL|SSPL|EUPL"
    r"|PolyForm(?: [A-Z]\w+){1,2}|Elastic Licen[sc]e|Functional Source Licen[sc]e"
    r"|Sustainable Use Licen[sc]e)\b(?: \d(?:\.\d)*\b)?"
)


def people(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    for found in _PEOPLE.finditer(flat):
        names = frozenset(_TITLE.sub("", name.group()) for name in _PERSON.finditer(found.group()))
        yield Value(*found.span(), "person", words=names)


def makers(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    for found in _MAKER.finditer(flat):
        name = _COMPANY.sub("", found.group()).lower()
        yield Value(*found.span(), "maker", words=frozenset({name}))


def places(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    for found in _PLACES.finditer(flat):
        listed = re.split(
            r", and |, | and | & ",
            found.group()[: found.start("only") - found.start()]
            if found["only"]
            else found.group(),
        )
        names = frozenset(name.removeprefix("the ").strip() for name in listed)
        only = bool(found["only"]) or flat[: found.start()].endswith("only in ")
        yield Value(*found.span(), "places", words=names, only=only)


def licences(flat: str, figures: Sequence[Quantity], at: int) -> Iterator[Value]:
    for found in _LICENCE.finditer(flat):
        family = re.match(r"[A-Za-z]+", found.group())
        assert family is not None, "a licence begins with a letter"
        name = _IN_FULL.get(" ".join(found.group().split()[:2]), family.group())
        yield Value(*found.span(), "licence", words=frozenset({name.lower()}))


_IN_FULL = {"GNU General": "GPL", "GNU Affero": "AGPL", "GNU Lesser": "LGPL"}
_IN_FULL |= {"Mozilla Public": "MPL", "Business Source": "BSL"}
