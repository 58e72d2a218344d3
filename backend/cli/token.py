"""`raptorflow token`: an access token of the running stack, by the way of a sign-in link."""

from pathlib import Path
from typing import Any

import httpx

from backend.core.config import given_settings, load_settings
from backend.local import address
from backend.local.address import StackError
from backend.local.auth import LocalKeys


async def run(email: str, data_dir: Path) -> str:
    """Sign in as this address, making the account if there is none; its password stays as it is."""
    running = address.find(data_dir)
    if running is None:
        raise StackError("no stack is running here: start one with `raptorflow up`")
    key = _service_key(data_dir)
    headers = {"apikey": key, "authorization": f"Bearer {key}"}
    url = f"{running.supabase_url}/auth/v1"
    async with httpx.AsyncClient(base_url=url, headers=headers, trust_env=False) as http:
        try:
            return await _sign_in(http, email)
        except httpx.HTTPError as error:
            raise StackError(f"{running.supabase_url} did not answer") from error


def _service_key(data_dir: Path) -> str:
    if "supabase_service_key" in given_settings():
        return load_settings().supabase_service_key.get_secret_value()
    return LocalKeys.load_or_create(data_dir.resolve()).service_key


async def _sign_in(http: httpx.AsyncClient, email: str) -> str:
    user = {"email": email, "email_confirm": True}
    made = await http.post("/admin/users", json=user)
    if made.status_code != httpx.codes.UNPROCESSABLE_ENTITY:  # there is such an account already
        _body(made)
    wanted = {"type": "magiclink", "email": email}
    link = _body(await http.post("/admin/generate_link", json=wanted))
    proof = {"type": "magiclink", "token_hash": link["hashed_token"]}
    token: str = _body(await http.post("/verify", json=proof))["access_token"]
    return token


def _body(answer: httpx.Response) -> dict[str, Any]:
    try:
        body: dict[str, Any] = answer.json()
    except ValueError as error:
        raise StackError(f"sign-in answered {answer.status_code} without JSON") from error
    if answer.is_error:
        raise StackError(f"sign-in answered: {body.get('msg', answer.status_code)}")
    return body
