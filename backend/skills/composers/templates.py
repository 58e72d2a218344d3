"""Templates: texts of ours with variables; what a founder fills in is then checked like any other copy."""

import functools
import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.core import data_files
from backend.core.errors import NotFound, Unprocessable
from backend.domain.muse import LONGEST_VALUE
from backend.skills import copy_rules, wording
from backend.skills.composers.copy_material import Material
from backend.skills.composers.copybook import FIELDS, ContentType, rules
from backend.skills.composers.lexicon import DATA

VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
SUGGESTED = 3


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Variable(_Strict):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    label: str
    example: str
    most: int = LONGEST_VALUE
    """Characters."""
    material: str | None = Field(default=None, alias="from")
    """The kind of the evidence's material that may fill it."""


class Template(_Strict):
    id: str
    name: str
    content_type: ContentType
    platform: str
    when: str
    body: str
    variables: list[Variable]

    @model_validator(mode="after")
    def _names_what_it_uses(self) -> "Template":
        rules(self.content_type, self.platform)
        named, used = [v.name for v in self.variables], set(VARIABLE.findall(self.body))
        if len(set(named)) != len(named) or set(named) != used:
            raise ValueError(f"{self.id}: variables {sorted(named)} against {sorted(used)}")
        unknown = [v.material for v in self.variables if v.material and v.material not in FIELDS]
        if unknown:
            raise ValueError(f"{self.id}: no material {unknown}")
        return self


@functools.lru_cache(maxsize=1)
def templates() -> Mapping[str, Template]:
    """All of them by id, in the order of the file."""
    listed = data_files.read(DATA / "copy" / "templates.yaml")
    found = [Template.model_validate(entry) for entry in listed]
    return {template.id: template for template in found}


def get(id: str) -> Template:
    """Raises NotFound."""
    found = templates().get(id)
    if found is None:
        raise NotFound("Template not found", code="template_not_found")
    return found


def fill(template: Template, values: Mapping[str, str]) -> str:
    """The text with every variable filled, once: a value is text, its braces mean nothing.

    Raises Unprocessable `template_incomplete` (every variable that is missing, too long or unknown).
    """
    known = {variable.name: variable for variable in template.variables}
    wrong = {name: "is no variable of this template" for name in values if name not in known}
    for name, variable in known.items():
        value = values.get(name, "").strip()
        if not value:
            wrong[name] = f"say: {variable.label}"
        elif len(value) > variable.most:
            wrong[name] = f"at most {variable.most} characters"
    if wrong:
        name, why = next(iter(wrong.items()))
        raise Unprocessable(f"{name}: {why}", code="template_incomplete", variables=wrong)
    return VARIABLE.sub(lambda match: values[match[1]].strip(), template.body).strip()


def own_sentences(template: Template) -> frozenset[str]:
    """The sentences that are wholly ours, as the claim check reads them."""
    return frozenset(
        sentence
        for line in copy_rules.lines_of(template.body)
        for sentence in wording.sentences(line["text"])
        if "{{" not in sentence
    )


def suggestions(template: Template, material: Material) -> dict[str, list[str]]:
    """What the founder's own evidence offers for each variable; empty where it offers nothing."""
    return {v.name: _offered(v, material) for v in template.variables}


def _offered(variable: Variable, material: Material) -> list[str]:
    said = material.said.get(variable.material or "", [])
    texts = [_text(one.fields) for one in said]
    return [text for text in dict.fromkeys(texts) if text and len(text) <= variable.most][
        :SUGGESTED
    ]


def _text(fields: Mapping[str, Any]) -> str:
    if sentence := fields.get("sentence"):
        return f"{sentence}."
    return str(fields.get("quote") or fields.get("Line") or fields.get("event") or "")
