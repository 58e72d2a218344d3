"""What may be asked of each specialist: all that a process which admits runs need know of them (ADR 0145)."""

from typing import Any

from backend.agents.wishes import (
    analytics,
    blackbox,
    campaigns,
    daily_wins,
    foundation,
    icps,
    moves,
    muse,
    onboarding,
)
from backend.agents.wishes.wish import Wish

WISHES: dict[str, Wish[Any]] = {
    "analytics": analytics.WISH,
    "blackbox": blackbox.WISH,
    "campaigns": campaigns.WISH,
    "daily_wins": daily_wins.WISH,
    "foundation": foundation.WISH,
    "icps": icps.WISH,
    "moves": moves.WISH,
    "muse": muse.WISH,
    "onboarding": onboarding.WISH,
}
