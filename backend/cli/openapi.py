"""The OpenAPI document, without a database or any setting."""

from typing import Any

from backend.core.config import load_settings
from backend.main import create_app


def document() -> dict[str, Any]:
    """OpenAPI 3.1 of the API as it is."""
    nowhere = load_settings(
        database_url="postgresql://nobody@127.0.0.1/none",
        redis_url="redis://127.0.0.1:1/0",
        supabase_url="http://127.0.0.1:1",
        supabase_anon_key="none",
        supabase_service_key="none",
        _env_file=None,
    )
    return create_app(nowhere).openapi()
