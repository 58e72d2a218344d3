"""Onboarding: the evidence vault and the steps from evidence to foundation."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, File, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.agents.wishes.onboarding import OnboardingRequest, StepInputs
from backend.api.admission import Desk, admit
from backend.api.cache import DropsFoundation, DropsIcps
from backend.api.deps import CurrentUser, Db, Deleted, WorkspaceDB, WorkspaceReader
from backend.api.preferences import APPLIED, APPLIED_HEADER, RespondAsync
from backend.core.errors import Unprocessable, UnsupportedMedia, file_too_large
from backend.domain import completion, evidence, onboarding, onboarding_steps, run_progress, runs
from backend.domain.evidence import EvidenceDetail, EvidenceItem
from backend.domain.onboarding import Session
from backend.domain.onboarding_steps import LAST
from backend.domain.step_results import StepResult
from backend.domain.values import Document
from backend.services.vault import Vault

router = APIRouter()


class SessionEnvelope(BaseModel):
    session: Session


class EvidenceEnvelope(BaseModel):
    evidence: EvidenceItem


class SiteEnvelope(BaseModel):
    """`following`: pages of the same site that wait to be read."""

    evidence: EvidenceItem
    following: list[EvidenceItem] = []


class EvidenceDetailEnvelope(BaseModel):
    evidence: EvidenceDetail


class EvidenceList(BaseModel):
    evidence: list[EvidenceItem]
    total: int


class UrlSource(BaseModel):
    """`pages`: how many pages of the site to read, this one and those that it links to."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(min_length=1, max_length=2000)]
    pages: Annotated[int, Field(ge=1, le=20)] = 1


class Original(BaseModel):
    """`expires_in`: seconds for which the address works."""

    url: str
    expires_in: int


class RunWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to_step: Annotated[int, Field(ge=1, le=LAST)] = LAST


class Progress(BaseModel):
    """How far a run over several steps is. `seconds_left` is null until it can be told."""

    run_id: UUID
    status: Literal["queued", "running", "waiting_approval", "completed", "failed", "cancelled"]
    step: int | None = None
    title: str | None = None
    done: int = 0
    total: int = 0
    seconds_left: float | None = None
    error: str | None = None


@router.get("/session")
async def get_session(db: WorkspaceReader) -> SessionEnvelope:
    """The workspace's onboarding session."""
    return _session(await onboarding.mine(db))


@router.post("/session")
async def create_session(db: WorkspaceDB) -> SessionEnvelope:
    """The session, made if there is none."""
    return _session(await onboarding.create_or_return(db))


async def _one_file(request: Request) -> None:
    """Say plainly what form an upload has; the parameter's own check speaks of Python types."""
    kind = request.headers.get("content-type", "")
    if not kind.startswith("multipart/form-data"):
        raise UnsupportedMedia("Send the file as multipart/form-data, in the field `file`.")
    parts = (await request.form()).getlist("file")
    if len(parts) != 1 or isinstance(parts[0], str):
        raise Unprocessable("Send one file with its name in the field `file`.", code="file_missing")


@router.post(
    "/{session_id}/vault/upload",
    dependencies=[Depends(_one_file)],
    responses={
        202: {
            "model": EvidenceEnvelope,
            "description": "Kept; a worker reads it.",
            "headers": APPLIED_HEADER,
        }
    },
)
async def upload_evidence(
    session_id: UUID,
    user: CurrentUser,
    request: Request,
    response: Response,
    file: Annotated[UploadFile, File()],
    respond_async: RespondAsync,
) -> EvidenceEnvelope:
    """Bring a file, known by its content. 413, 415 and 422 say what is wrong.

    pdf, docx, pptx, xlsx, csv, txt, md, html; png, jpg and webp, whose text is read by a model (OCR).
    With `Prefer: respond-async` the answer is 202 and the item `pending`: a worker reads it, and what is
    wrong is said on the item.
    """
    limit: int = request.app.state.settings.max_upload_bytes
    data = await file.read(limit + 1)
    if len(data) > limit:
        raise file_too_large(limit)
    vault: Vault = request.app.state.vault
    if respond_async:
        response.status_code = 202
        response.headers.update(APPLIED)
        item = await vault.add_file_unread(user, session_id, file.filename or "file", data)
    else:
        item = await vault.add_file(user, session_id, file.filename or "file", data)
    return EvidenceEnvelope.model_validate({"evidence": item})


@router.post("/{session_id}/vault/url")
async def add_evidence_url(
    session_id: UUID, source: UrlSource, user: CurrentUser, request: Request
) -> SiteEnvelope:
    """Bring the readable text of a public web page, and of the pages of its site if `pages` asks for them."""
    vault: Vault = request.app.state.vault
    item, following = await vault.add_url(user, session_id, source.url, source.pages)
    return SiteEnvelope.model_validate({"evidence": item, "following": following})


@router.get("/{session_id}/vault")
async def list_evidence(session_id: UUID, db: WorkspaceReader) -> EvidenceList:
    """What is in the vault, in the order it was brought."""
    await onboarding.table.get(db, session_id)
    items = await evidence.listing(db, session_id)
    return EvidenceList.model_validate({"evidence": items, "total": len(items)})


@router.get("/{session_id}/vault/{evidence_id}")
async def get_evidence(
    session_id: UUID, evidence_id: UUID, db: WorkspaceReader
) -> EvidenceDetailEnvelope:
    """One item with its text: every fact's quote stands in it at its span."""
    item = await evidence.detail(db, session_id, evidence_id)
    return EvidenceDetailEnvelope.model_validate({"evidence": item})


@router.delete("/{session_id}/vault/{evidence_id}")
async def delete_evidence(
    session_id: UUID, evidence_id: UUID, user: CurrentUser, request: Request
) -> Deleted:
    """Take an item out of the vault, its file too. Every step becomes stale."""
    vault: Vault = request.app.state.vault
    await vault.remove(user, session_id, evidence_id)
    return Deleted()


@router.get("/{session_id}/vault/{evidence_id}/original")
async def get_original(
    session_id: UUID, evidence_id: UUID, user: CurrentUser, request: Request
) -> Original:
    """A signed address of the file as it was brought; of a page, of the text that was read."""
    vault: Vault = request.app.state.vault
    return Original.model_validate(await vault.original(user, session_id, evidence_id))


@router.post("/{session_id}/steps/{step}/run")
async def run_step(
    session_id: UUID,
    step: int,
    user: CurrentUser,
    db: Db,
    desk: Desk,
    request: Request,
    inputs: StepInputs | None = None,
) -> StepResult:
    """Run a step as a run of the engine and wait for it. Later steps become stale."""
    onboarding_steps.get(step)
    wish = OnboardingRequest(session_id=session_id, step=step, inputs=inputs or StepInputs())
    run_id = await admit(desk, db, user, "onboarding", wish, session_id)
    run = await desk.wait(user, run_id, request.app.state.settings.run_wait_seconds)
    if run["status"] != "completed":
        raise runs.as_error(run)
    return StepResult.model_validate(await onboarding.step(db.reader(user), session_id, step))


@router.post("/{session_id}/run")
async def run_steps(
    session_id: UUID, user: CurrentUser, db: Db, desk: Desk, wish: RunWish | None = None
) -> Progress:
    """Run every step that is due up to `to_step` as one run, and answer at once; GET tells how far it is.

    Steps that are completed or left out stay as they are; what was written by hand is kept.
    """
    last = wish.to_step if wish else LAST
    request = OnboardingRequest(action="run", session_id=session_id, to_step=last)
    await admit(desk, db, user, "onboarding", request, session_id)
    return Progress.model_validate(await run_progress.of_session(db.reader(user), session_id))


@router.get("/{session_id}/run")
async def get_progress(session_id: UUID, db: WorkspaceReader) -> Progress:
    """How far the latest run over several steps is."""
    await onboarding.table.get(db, session_id)
    return Progress.model_validate(await run_progress.of_session(db, session_id))


@router.get("/{session_id}/steps/{step}")
async def get_step(session_id: UUID, step: int, db: WorkspaceReader) -> StepResult:
    """What a step has given so far, in that step's own schema."""
    return StepResult.model_validate(await onboarding.step(db, session_id, step))


@router.put("/{session_id}/steps/{step}")
async def edit_step(session_id: UUID, step: int, data: Document, db: WorkspaceDB) -> StepResult:
    """Write a step's data by hand, whole and in its schema; later steps become stale.

    Later runs over several steps keep it; running this very step replaces it.
    """
    output = onboarding.editable(step).output
    try:
        written = output.model_validate(data, extra="forbid").model_dump(mode="json")
    except ValidationError as error:
        problems = [
            {**problem, "loc": ("body", *problem["loc"])}
            for problem in error.errors(include_url=False, include_context=False)
        ]
        raise RequestValidationError(problems) from error
    await onboarding.save_by_hand(db, session_id, step, written)
    return StepResult.model_validate(await onboarding.step(db, session_id, step))


@router.post("/{session_id}/steps/{step}/skip")
async def skip_step(session_id: UUID, step: int, db: WorkspaceDB) -> StepResult:
    """Leave a step out; 409 `step_required` for those that the foundation rests on."""
    await onboarding.skip(db, session_id, step)
    return StepResult.model_validate(await onboarding.step(db, session_id, step))


@router.post("/{session_id}/complete", dependencies=[DropsFoundation, DropsIcps])
async def complete_onboarding(session_id: UUID, db: WorkspaceDB) -> SessionEnvelope:
    """Fill foundation and ICPs and close the session; 409 lists `missing_steps`. Repeatable."""
    return _session(await completion.complete(db, session_id))


def _session(row: dict[str, Any]) -> SessionEnvelope:
    return SessionEnvelope.model_validate({"session": onboarding.shown(row)})
