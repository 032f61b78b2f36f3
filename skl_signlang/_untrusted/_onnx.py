"""Checks of untrusted ONNX files, which may not refer to other files."""

_EXPECTED = "expected what skl_signlang.export.export wrote."
_DOMAINS = (b"", b"ai.onnx", b"ai.onnx.ml")

# Numbers of fields in onnx.proto
_MODEL_GRAPH, _MODEL_TRAINING, _MODEL_FUNCTIONS = 7, 20, 25
_GRAPH_NODE, _GRAPH_TENSOR, _GRAPH_SPARSE = 1, 5, 15
_NODE_ATTRIBUTE, _NODE_DOMAIN = 5, 7
_ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS, _ATTRIBUTE_SPARSE = (5, 10), (6, 11), (22, 23)
_TENSOR_EXTERNAL, _TENSOR_LOCATION = 13, 14

_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5


def check_onnx(content):
    """Raise an error for external data or nested graphs in an ONNX file."""
    for number, value in _fields(memoryview(content)):
        if number == _MODEL_GRAPH:
            _check_graph(value)
        elif number in (_MODEL_TRAINING, _MODEL_FUNCTIONS):
            raise ValueError(f"it holds functions or training; {_EXPECTED}")


def _check_graph(graph):
    for number, value in _fields(graph):
        if number == _GRAPH_NODE:
            _check_node(value)
        elif number == _GRAPH_TENSOR:
            _check_tensor(value)
        elif number == _GRAPH_SPARSE:
            raise ValueError(f"it holds sparse tensors; {_EXPECTED}")


def _check_node(node):
    for number, value in _fields(node):
        if number == _NODE_DOMAIN and bytes(value) not in _DOMAINS:
            raise ValueError(f"a node is of {bytes(value)[:40]!r}; {_EXPECTED}")
        if number != _NODE_ATTRIBUTE:
            continue
        for kind, part in _fields(value):
            if kind in _ATTRIBUTE_TENSORS:
                _check_tensor(part)
            elif kind in (*_ATTRIBUTE_GRAPHS, *_ATTRIBUTE_SPARSE):
                raise ValueError(f"a node holds a graph or sparse tensors; {_EXPECTED}")


def _check_tensor(tensor):
    for number, value in _fields(tensor):
        if number == _TENSOR_EXTERNAL or (number == _TENSOR_LOCATION and value != 0):
            raise ValueError(f"a tensor lies in another file; {_EXPECTED}")


def _fields(message):
    """Yield numbers and values of the fields of a Protocol Buffers message."""
    if not isinstance(message, memoryview):
        raise ValueError("a number is where a message should be.")
    position = 0
    while position < len(message):
        key, position = _varint(message, position)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, position = _varint(message, position)
        elif kind in (_FIXED_32, _FIXED_64, _BYTES):
            size = {_FIXED_32: 4, _FIXED_64: 8}.get(kind)
            if size is None:
                size, position = _varint(message, position)
            value = message[position : position + size]
            position += size
        if kind not in (_VARINT, _FIXED_32, _FIXED_64, _BYTES) or number == 0:
            raise ValueError("its fields are not those of an ONNX file.")
        if position > len(message):
            raise ValueError("it is cut off.")
        yield number, value


def _varint(message, position):
    value = 0
    for shift in range(0, 70, 7):
        if position >= len(message):
            raise ValueError("it is cut off.")
        byte = message[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
    raise ValueError("its fields are not those of an ONNX file.")
