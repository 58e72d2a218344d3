"""A sentence model whose word table stays in bytes.

The model keeps its 30,522 word vectors as bytes with a scale for each, and widens the whole table before it
looks words up. The runtime does that once, at load, and keeps 47 MB of floats; a text needs a few rows.
Here the rows are looked up first and widened then: the same products, so the same vectors, and 35 MB less.

ONNX is protobuf, of which this reads and writes what it must: tags, lengths and names.
"""

from collections.abc import Iterator

GRAPH, NODE, INPUT, OUTPUT, NAME = 7, 1, 1, 2, 3
VARINT, BYTES = 0, 2
TABLE = "inner.embeddings.word_embeddings.weight"
IDS, WORDS = "input_ids", "embedding"
BUILT = {
    f"{TABLE}_f": [f"{TABLE}_q"],
    TABLE: [f"{TABLE}_f", f"{TABLE}_scale"],
    WORDS: [TABLE, IDS],
}
"""What each of the three nodes reads: bytes to floats, times the scales, the rows of these words."""


def narrow_rows(model: bytes) -> bytes:
    """The model with its look-up before its widening. Raises ValueError for one that is built otherwise."""
    fields = list(_fields(model))
    graphs = [body for number, _, body in fields if number == GRAPH]
    around = [whole for number, whole, _ in fields if number != GRAPH]
    if len(graphs) != 1:
        raise ValueError("the model has not one graph")
    steps, rest = dict[str, bytes](), list[bytes]()
    for number, whole, body in _fields(graphs[0]):
        made = _names(body, OUTPUT)[0] if number == NODE else ""
        if made in BUILT:
            steps[made] = body
        else:
            rest.append(whole)
    if {made: _names(node, INPUT) for made, node in steps.items()} != BUILT:
        raise ValueError("the model does not look its words up as it did")
    look_up, widen, scale = steps[WORDS], steps[f"{TABLE}_f"], steps[TABLE]
    nodes = [
        _rewired(look_up, [f"{TABLE}_q", IDS], f"{TABLE}_rows"),
        _rewired(look_up, [f"{TABLE}_scale", IDS], f"{TABLE}_row_scales"),
        _rewired(widen, [f"{TABLE}_rows"], f"{TABLE}_row_floats"),
        _rewired(scale, [f"{TABLE}_row_floats", f"{TABLE}_row_scales"], WORDS),
    ]
    graph = b"".join([*(_field(NODE, node) for node in nodes), *rest])
    return b"".join([*around, _field(GRAPH, graph)])


def _rewired(node: bytes, inputs: list[str], output: str) -> bytes:
    """The node on other inputs, with a name and an output of its own."""
    names = [(INPUT, name) for name in inputs] + [(OUTPUT, output), (NAME, f"make_{output}")]
    kept = [whole for number, whole, _ in _fields(node) if number not in (INPUT, OUTPUT, NAME)]
    return b"".join([*(_field(number, name.encode()) for number, name in names), *kept])


def _names(node: bytes, which: int) -> list[str]:
    return [body.decode() for number, _, body in _fields(node) if number == which]


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Each field: its number, the whole of it, and its bytes (none of a number's)."""
    at = 0
    while at < len(message):
        begin = at
        tag, at = _varint(message, at)
        length, start = _varint(message, at)
        if tag & 7 == BYTES:
            at = start + length
            yield tag >> 3, message[begin:at], message[start:at]
        elif tag & 7 == VARINT:
            at = start
            yield tag >> 3, message[begin:at], b""
        else:
            raise ValueError("a kind of field that models of this sort do not have")


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """The number that begins there, and where it ends."""
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _field(number: int, body: bytes) -> bytes:
    """A field of bytes."""
    size, length = bytearray(), len(body)
    while length > 127:
        size.append(length & 127 | 128)
        length >>= 7
    return bytes([number << 3 | BYTES, *size, length]) + body
