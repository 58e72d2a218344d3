"""What an Office file is made of, looked at before any parser unpacks it."""

import io
import zipfile

from backend.services.documents.refusals import encrypted, has_macros, too_complex

MAX_PARTS = 2000
MAX_UNPACKED_BYTES = 48 * 1024 * 1024
MAX_XML_BYTES = 6 * 1024 * 1024
"""Of one part: a tree takes about ten times its XML."""


def check(data: bytes, kind: str, without_macros: str) -> None:
    """Refuse what would unpack to more than it may, by the sizes it declares; no more is ever unpacked.

    Raises Unprocessable (`encrypted_file`, `macros_in_file`, `too_complex`), zipfile.BadZipFile.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted(kind)
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise has_macros(kind, without_macros)
    unpacked = sum(part.file_size for part in parts)
    largest = max((p.file_size for p in parts if p.filename.endswith((".xml", ".rels"))), default=0)
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED_BYTES or largest > MAX_XML_BYTES:
        raise too_complex()
