"""Muse's templates: texts with variables, what your evidence offers for them, and assets made of them."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from backend.agents.wishes.muse import Platform
from backend.api import own_words
from backend.api.deps import CurrentUser, WorkspaceDB, WorkspaceReader
from backend.core import later
from backend.domain import muse
from backend.domain.muse import LONGEST_VALUE, Asset, Type
from backend.domain.values import INPUT, Name, storable

router = APIRouter()

VariableName = Annotated[str, StringConstraints(max_length=60)]
VariableValue = Annotated[
    str, StringConstraints(max_length=LONGEST_VALUE), AfterValidator(storable)
]
TEMPLATES = "backend.skills.composers.templates"
TemplateId = Annotated[str, Path(min_length=1, max_length=60)]


class TemplateVariable(BaseModel):
    name: str
    label: str
    example: str
    most: int
    material: str | None


class AssetEnvelope(BaseModel):
    asset: Asset


class ListedTemplate(BaseModel):
    """A text with `{{variables}}`. `material` names what of the evidence may fill a variable."""

    id: str
    name: str
    content_type: Type
    platform: Platform
    when: str
    body: str
    variables: list[TemplateVariable]


class TemplateList(BaseModel):
    templates: list[ListedTemplate]
    total: int


class TemplateDetail(BaseModel):
    """`suggestions`: what your own documents offer for each variable."""

    template: ListedTemplate
    suggestions: dict[str, list[str]]


class TemplateValues(BaseModel):
    """A value for each variable of the template."""

    model_config = INPUT

    values: dict[VariableName, VariableValue] = Field(max_length=30)
    title: Name | None = None
    icp_id: UUID | None = None
    move_id: UUID | None = None
    campaign_id: UUID | None = None


@router.get("")
async def list_templates(
    user: CurrentUser, content_type: Annotated[Type | None, Query()] = None
) -> TemplateList:
    """Templates with their variables, of one type or of all."""
    templates = await later.module(TEMPLATES)
    found = [
        template.model_dump()
        for template in templates.templates().values()
        if content_type in (None, template.content_type)
    ]
    return TemplateList.model_validate({"templates": found, "total": len(found)})


@router.get("/{template_id}")
async def get_template(template_id: TemplateId, db: WorkspaceReader) -> TemplateDetail:
    """One template, with what your documents offer for its variables."""
    templates = await later.module(TEMPLATES)
    copy_material = await later.module("backend.skills.composers.copy_material")
    grounding = await later.module("backend.agents.specialists.grounding")
    template = templates.get(template_id)
    known = await grounding.of_workspace(db)
    material = await asyncio.to_thread(
        copy_material.gather, known.facts, known.evidence, known.company, template.name
    )
    offered = templates.suggestions(template, material)
    return TemplateDetail.model_validate(
        {"template": template.model_dump(), "suggestions": offered}
    )


@router.post("/{template_id}/fill")
async def fill_template(
    template_id: TemplateId, filled: TemplateValues, db: WorkspaceDB
) -> AssetEnvelope:
    """Make an asset of a template; what the values claim is checked like any other copy."""
    templates = await later.module(TEMPLATES)
    template = templates.get(template_id)
    content = templates.fill(template, filled.values)
    title = filled.title or template.name
    place = {"type": template.content_type, "platform": template.platform, "language": "en-IN"}
    unwritten: dict[str, Any] = {**place, "title": title, "hashtags": [], "tone": None}
    own = templates.own_sentences(template)
    writing = await own_words.checked(db, unwritten, content, own_words=own)
    about = {
        **place,
        "title": title,
        **filled.model_dump(include={"icp_id", "move_id", "campaign_id"}),
    }
    row = await muse.create_filled(db, about, writing)
    return AssetEnvelope.model_validate({"asset": row})
