"""The part of Supabase Storage's REST that our storage port uses, over a folder (INTEGRATIONS D.5, ADR 0032).

Everything but a signed download needs the service key. As the hosted service does, errors answer HTTP 400 and
carry the status that is meant in their body.
"""

import hmac
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar
from urllib.parse import quote

from anyio import to_thread
from jose import JWTError, jwt
from pydantic import BaseModel, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from backend.local.objects import AlreadyThere, Bucket, NoBucket, ObjectFolder, Stored, write_once

MAX_BYTES: Final = 50 * 1024 * 1024
"""Of an object, as on the hosted service by default."""
MAX_PATH_CHARACTERS: Final = 1024
SIGNING_FILE: Final = ".signing-key"
WEEK_SECONDS: Final = 7 * 24 * 3600

_BUCKET_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_RESERVED = frozenset({"sign", "upload", "list", "info", "public", "authenticated", "copy", "move"})
_SAFE_TO_SHOW = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "private, no-store",
}
"""A stored page is data: shown by a browser, it must not run on the address that also signs people in."""

Endpoint = Callable[[Request], Awaitable[Response]]
Body = TypeVar("Body", bound=BaseModel)
Result = TypeVar("Result")


class StorageProblem(Exception):
    """A refusal. `name` is what clients call the error's code."""

    def __init__(self, status: int, name: str, message: str) -> None:
        self.body = {"statusCode": str(status), "error": name, "message": message}
        super().__init__(message)


class NewBucket(BaseModel):
    """Public buckets are not offered here: asking for one is an error, not ignored."""

    name: Annotated[str, Field(pattern=f"^{_BUCKET_NAME.pattern}$")]
    public: Literal[False] = False


class Signing(BaseModel):
    expires_in: Annotated[int, Field(alias="expiresIn", ge=1, le=52 * WEEK_SECONDS)]


class Removal(BaseModel):
    prefixes: Annotated[list[str], Field(max_length=1000)]


class LocalStorage:
    """Buckets in a folder. The secret that signs downloads is made once and kept beside them."""

    def __init__(self, root: Path, service_key: str, now: Callable[[], float] = time.time) -> None:
        self._objects = ObjectFolder(root)
        self._service_key = service_key.encode()
        self._secret = _load_or_make_secret(root / SIGNING_FILE)
        self._now = now

    def routes(self) -> list[Route]:
        """Below `/storage/v1`."""
        keyed: list[tuple[str, str, Endpoint]] = [
            ("GET", "/bucket", self._list_buckets),
            ("POST", "/bucket", self._create_bucket),
            ("GET", "/bucket/{bucket}", self._get_bucket),
            ("POST", "/object/sign/{bucket}/{path:path}", self._sign),
            ("POST", "/object/{bucket}/{path:path}", self._upload),
            ("PUT", "/object/{bucket}/{path:path}", self._upload),
            ("GET", "/object/{bucket}/{path:path}", self._download),
            ("DELETE", "/object/{bucket}", self._remove),
        ]
        signed = "/object/sign/{bucket}/{path:path}"
        return [
            Route(signed, _answering(self._signed_download), methods=["GET"]),
            *(
                Route(path, _answering(self._keyed(call)), methods=[method])
                for method, path, call in keyed
            ),
        ]

    def _keyed(self, endpoint: Endpoint) -> Endpoint:
        async def call(request: Request) -> Response:
            given = request.headers.get("authorization", "").partition(" ")[2]
            if not hmac.compare_digest(given.encode(), self._service_key):
                raise StorageProblem(403, "Unauthorized", "Only the service key opens the storage")
            return await endpoint(request)

        return call

    # --- buckets --------------------------------------------------------------------------------------

    async def _list_buckets(self, _request: Request) -> Response:
        found = await _in_thread(self._objects.buckets)
        return JSONResponse([_bucket_object(bucket) for bucket in found])

    async def _get_bucket(self, request: Request) -> Response:
        bucket = await _in_thread(self._objects.bucket, _bucket(request))
        return JSONResponse(_bucket_object(bucket))

    async def _create_bucket(self, request: Request) -> Response:
        wanted = await _json(request, NewBucket)
        if wanted.name in _RESERVED:
            raise StorageProblem(400, "InvalidBucketName", "Bucket name invalid")
        await _in_thread(self._objects.create_bucket, wanted.name)
        return JSONResponse({"name": wanted.name})

    # --- objects --------------------------------------------------------------------------------------

    async def _upload(self, request: Request) -> Response:
        bucket, path = _bucket(request), _path(request)
        replace = request.method == "PUT" or request.headers.get("x-upsert") == "true"
        if request.method == "PUT" and not await _in_thread(self._objects.has, bucket, path):
            raise _no_object()
        data, content_type = await _content(request)

        def put() -> str:
            return self._objects.put(bucket, path, data, content_type, replace=replace)

        return JSONResponse({"Key": f"{bucket}/{path}", "Id": await _in_thread(put)})

    async def _download(self, request: Request) -> Response:
        return _file(request, await self._stored(request))

    async def _remove(self, request: Request) -> Response:
        bucket = _bucket(request)
        paths = (await _json(request, Removal)).prefixes
        removed = [path for path in paths if await _in_thread(self._objects.remove, bucket, path)]
        return JSONResponse([{"bucket_id": bucket, "name": path} for path in removed])

    async def _stored(self, request: Request) -> Stored:
        stored = await _in_thread(self._objects.get, _bucket(request), _path(request))
        if stored is None:
            raise _no_object()
        return stored

    # --- signed downloads -----------------------------------------------------------------------------

    async def _sign(self, request: Request) -> Response:
        bucket, path = _bucket(request), _path(request)
        seconds = (await _json(request, Signing)).expires_in
        if not await _in_thread(self._objects.has, bucket, path):
            raise _no_object()
        now = int(self._now())
        claims = {"url": f"{bucket}/{path}", "iat": now, "exp": now + seconds}
        token = jwt.encode(claims, self._secret, "HS256")
        address = f"/object/sign/{bucket}/{quote(path)}?token={token}"
        return JSONResponse({"signedURL": address})

    async def _signed_download(self, request: Request) -> Response:
        self._check_token(request)
        return _file(request, await self._stored(request))

    def _check_token(self, request: Request) -> None:
        token = request.query_params.get("token", "")
        try:
            claims = jwt.decode(token, self._secret, ["HS256"], options={"verify_exp": False})
        except JWTError as error:
            raise StorageProblem(400, "InvalidJWT", "The link is not valid") from error
        if claims["url"] != f"{_bucket(request)}/{_path(request)}":
            raise StorageProblem(400, "InvalidSignature", "The link is for another object")
        if claims["exp"] <= self._now():
            raise StorageProblem(400, "InvalidJWT", "The link has expired")


# --- requests -----------------------------------------------------------------------------------------


def _answering(endpoint: Endpoint) -> Endpoint:
    """Refusals as the hosted service words them."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except NoBucket:
            problem = StorageProblem(404, "Bucket not found", "Bucket not found")
        except AlreadyThere:
            problem = StorageProblem(409, "Duplicate", "The resource already exists")
        except StorageProblem as refusal:
            problem = refusal
        return JSONResponse(problem.body, 400)

    return answer


async def _in_thread(function: Callable[..., Result], *arguments: Any) -> Result:
    return await to_thread.run_sync(function, *arguments)


async def _json(request: Request, model: type[Body]) -> Body:
    try:
        return model.model_validate_json(await request.body())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"]) or "body"
        raise StorageProblem(400, "InvalidRequest", f"{name}: {first['msg']}") from error


def _bucket(request: Request) -> str:
    name: str = request.path_params["bucket"]
    if not _BUCKET_NAME.fullmatch(name):
        raise NoBucket
    return name


def _path(request: Request) -> str:
    path: str = request.path_params["path"]
    if len(path) > MAX_PATH_CHARACTERS or {"", ".", ".."} & set(path.split("/")):
        raise StorageProblem(400, "InvalidKey", f"Invalid key: {path[:100]}")
    return path


async def _content(request: Request) -> tuple[bytes, str]:
    """Bytes and type: the file of a multipart form, as client libraries send it, or the raw body."""
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise StorageProblem(411, "MissingContentLength", "The length of the object must be given")
    if int(length) > MAX_BYTES:
        message = "The object exceeded the maximum allowed size"
        raise StorageProblem(413, "Payload too large", message)
    content_type = request.headers.get("content-type", "application/octet-stream")
    if not content_type.startswith("multipart/form-data"):
        return await request.body(), content_type
    async with request.form() as form:
        for value in form.values():
            if isinstance(value, UploadFile):
                return await value.read(), value.content_type or "application/octet-stream"
    raise StorageProblem(400, "InvalidRequest", "There is no file in the form")


# --- answers ------------------------------------------------------------------------------------------


def _no_object() -> StorageProblem:
    return StorageProblem(404, "not_found", "Object not found")


def _bucket_object(bucket: Bucket) -> dict[str, Any]:
    at = bucket.created_at.isoformat()
    return {
        "id": bucket.name,
        "name": bucket.name,
        "owner": "",
        "public": False,
        "created_at": at,
        "updated_at": at,
        "file_size_limit": None,
        "allowed_mime_types": None,
    }


def _file(request: Request, stored: Stored) -> Response:
    headers = {**_SAFE_TO_SHOW, "ETag": f'"{stored.id}"'}
    name = request.query_params.get("download")
    if name is not None:
        name = name or stored.path.rpartition("/")[2]
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(stored.data, media_type=stored.content_type, headers=headers)


def _load_or_make_secret(file: Path) -> str:
    """The same for every process of a data folder, readable by its owner alone."""
    if not file.exists():
        try:
            write_once(file, secrets.token_urlsafe(48).encode())
        except AlreadyThere:
            return file.read_text()
    return file.read_text()
