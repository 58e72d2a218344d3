"""What the API asks of the engine: its skills, its tools, what a run may cost. Loaded when first asked."""

import importlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from backend.core import later
from backend.core.config import Settings
from backend.core.database import Reads
from backend.core.later import Later
from backend.services.egress import Egress
from backend.services.models.composer import bills
from backend.services.usage_tracker import RUN_RESERVE_MICRO_USD

if TYPE_CHECKING:
    from backend.agents.tools import Toolbox
    from backend.cognitive.estimate import Estimator
    from backend.skills.registry import SkillRegistry


class Catalogue:
    """One per application."""

    def __init__(self, settings: Settings, egress: Egress) -> None:
        self._settings = settings
        self._egress = egress
        self.skills = Later(self._read_cards)
        self.tools = Later(self._gather_tools)
        self.composers = Later(_list_composers)
        """Ids of the skills that need no language model."""
        self._bills = bills(settings)
        self._estimator: Estimator | None = None

    async def estimate(self, db: Reads, request_type: str, request_data: Mapping[str, Any]) -> int:
        """As `Estimator`; what bills nothing is answered without one."""
        if not self._bills:
            return RUN_RESERVE_MICRO_USD
        estimator = await self._pricing()
        return await estimator(db, request_type, request_data)

    async def warm_up(self) -> None:
        """Load what the first run needs, where a model bills: there it is priced before it is admitted."""
        if self._bills:
            await self._pricing()

    async def _pricing(self) -> "Estimator":
        if self._estimator is None:
            estimate = await later.module("backend.cognitive.estimate")
            self._estimator = estimate.Estimator(await self.skills.get(), bills=True)
        return self._estimator

    def _read_cards(self) -> "SkillRegistry":
        registry = importlib.import_module("backend.skills.registry").SkillRegistry
        cards: SkillRegistry = registry.load(reload=self._settings.skills_reload)
        return cards

    def _gather_tools(self) -> "Toolbox":
        tools = importlib.import_module("backend.agents.tools")
        toolbox: Toolbox = tools.make_toolbox(self._settings, self._egress)
        return toolbox


def _list_composers() -> frozenset[str]:
    return frozenset(importlib.import_module("backend.skills.offline").COMPOSERS)


async def _catalogue(request: Request) -> Catalogue:
    catalogue: Catalogue = request.app.state.catalogue
    return catalogue


Choice = Annotated[Catalogue, Depends(_catalogue)]
