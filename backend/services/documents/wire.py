"""Messages between the service and a reader process: a short JSON head, then bytes.

JSON and not pickle: what comes back from a process that has read a hostile file is data, never code.
"""

import json
import struct
from dataclasses import dataclass
from typing import IO, Any

MAX_HEAD_BYTES = 2 * 1024 * 1024
MAX_DATA_BYTES = 32 * 1024 * 1024
"""Who announces more is not to be trusted."""

_LENGTHS = struct.Struct("!II")


@dataclass(frozen=True, slots=True)
class Message:
    head: dict[str, Any]
    data: bytes = b""


def send(stream: IO[bytes], message: Message) -> None:
    head = json.dumps(message.head).encode()
    stream.write(_LENGTHS.pack(len(head), len(message.data)))
    stream.write(head)
    stream.write(message.data)
    stream.flush()


def receive(stream: IO[bytes]) -> Message | None:
    """The next message; None when the other side has gone, in the middle of one too, or makes no sense."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    head_length, data_length = _LENGTHS.unpack(lengths)
    if head_length > MAX_HEAD_BYTES or data_length > MAX_DATA_BYTES:
        return None
    head = stream.read(head_length)
    data = stream.read(data_length)
    if len(head) < head_length or len(data) < data_length:
        return None
    return Message(json.loads(head), data)
