"""The admin's view of users; every call shows the service key as its bearer."""

from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from backend.local.auth.accounts import add_user, change_user
from backend.local.auth.issuer import Issuer, check_strength
from backend.local.auth.users import AuthUser, UserChanges
from backend.local.auth.wire import AdminUser, AuthError, UserDeletion, read_body, user_object

PER_PAGE, MAX_PER_PAGE = 50, 1000


async def list_users(issuer: Issuer, request: Request) -> Response:
    """GET /admin/users?page=&per_page="""
    issuer.require_service(request)
    page = _number(request, "page", default=1, highest=1_000_000)
    per_page = _number(request, "per_page", default=PER_PAGE, highest=MAX_PER_PAGE)
    users, total = await issuer.users.page(limit=per_page, offset=(page - 1) * per_page)
    last = max(1, -(-total // per_page))
    rels = {"next": page + 1, "last": last} if page < last else {"last": last}
    links = (
        f'<{issuer.url}/admin/users?page={number}&per_page={per_page}>; rel="{rel}"'
        for rel, number in rels.items()
    )
    return JSONResponse(
        {"users": [user_object(user) for user in users], "aud": "authenticated"},
        headers={"X-Total-Count": str(total), "Link": ", ".join(links)},
    )


def _number(request: Request, name: str, *, default: int, highest: int) -> int:
    text = request.query_params.get(name) or str(default)
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= highest):
        raise AuthError(400, "validation_failed", f"{name} must be between 1 and {highest}")
    return int(text)


async def create_user(issuer: Issuer, request: Request) -> Response:
    """POST /admin/users. Without a password the user comes in by link."""
    issuer.require_service(request)
    body = await read_body(request, AdminUser)
    if body.email is None:
        message = "Cannot create a user without an email address"
        raise AuthError(400, "validation_failed", message)
    hashed = await _hash(issuer, body.password)
    user = await add_user(issuer, body.email, hashed, body.user_metadata or {})
    if body.app_metadata:
        user = await change_user(issuer, user, UserChanges(app_metadata=body.app_metadata))
    return JSONResponse(user_object(user))


async def get_user(issuer: Issuer, request: Request) -> Response:
    """GET /admin/users/{id}"""
    issuer.require_service(request)
    return JSONResponse(user_object(await _wanted(issuer, request)))


async def update_user(issuer: Issuer, request: Request) -> Response:
    """PUT /admin/users/{id}"""
    issuer.require_service(request)
    body = await read_body(request, AdminUser)
    user = await _wanted(issuer, request)
    changes = UserChanges(
        email=body.email,
        password_hash=await _hash(issuer, body.password),
        user_metadata=body.user_metadata or {},
        app_metadata=body.app_metadata or {},
    )
    return JSONResponse(user_object(await change_user(issuer, user, changes)))


async def delete_user(issuer: Issuer, request: Request) -> Response:
    """DELETE /admin/users/{id}: the user and, by the foreign keys, the whole workspace.

    With `should_soft_delete` the id stays, for what may not be deleted with it.
    """
    issuer.require_service(request)
    how = await read_body(request, UserDeletion)
    user = await _wanted(issuer, request)
    if how.should_soft_delete:
        await issuer.users.erase(user.id)
    else:
        await issuer.users.remove(user.id)
    return JSONResponse({})


async def _wanted(issuer: Issuer, request: Request) -> AuthUser:
    try:
        user_id = UUID(request.path_params["user_id"])
    except ValueError as error:
        raise AuthError(404, "validation_failed", "user_id must be an UUID") from error
    user = await issuer.users.by_id(user_id)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return user


async def _hash(issuer: Issuer, password: str | None) -> str | None:
    if password is None:
        return None
    check_strength(password)
    return await issuer.passwords.hash(password)
