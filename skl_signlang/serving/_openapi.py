"""OpenAPI schemas of requests and responses."""

_TEXT = {"type": "string"}
_PROBABILITY = {"type": "number", "minimum": 0, "maximum": 1}
_INSTANCE = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"b64": {"type": "string", "format": "byte"}},
            "required": ["b64"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"pixels": {"type": "array", "items": {}, "minItems": 1}},
            "required": ["pixels"],
            "additionalProperties": False,
        },
        {"type": "array", "items": {}, "minItems": 1},
    ]
}
_LETTER = {
    "type": "object",
    "properties": {"letter": _TEXT, "probability": _PROBABILITY},
    "required": ["letter", "probability"],
}
_PREDICTION = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        **_LETTER["properties"],
        "top": {"type": "array", "items": _LETTER},
        "crop": {"type": "string", "description": "PNG as a data URL"},
    },
    "required": ["name", "letter", "probability", "top"],
}
_ERRORS = {
    400: "The request or an image in it is invalid",
    401: "The API key is missing or wrong",
    403: "The request comes from a page of another site",
    404: "There is no such model",
    408: "The request was received too slowly",
    413: "The request is too large",
    415: "The Content-Type is not supported",
    422: "A query parameter is invalid",
    429: "Too many requests are in flight",
    503: "The timeout was exceeded",
}


def json_responses(schema):
    """Return the responses of an endpoint."""
    return {
        "200": {
            "description": "Success",
            "content": {"application/json": {"schema": schema}},
        },
        **error_responses(*_ERRORS),
    }


def error_responses(*statuses):
    """Return the error responses of an endpoint."""
    error = {"type": "object", "properties": {"error": _TEXT}, "required": ["error"]}
    return {
        str(status): {
            "description": _ERRORS[status],
            "content": {"application/json": {"schema": error}},
        }
        for status in statuses
    }


def _list_of(items, name="predictions"):
    array = {"type": "array", "items": items, "minItems": 1}
    return {"type": "object", "properties": {name: array}, "required": [name]}


def describe_predict(app):
    """Add the prediction endpoints to the OpenAPI schema."""
    describe = app.openapi

    def openapi():
        description = describe()
        description["paths"].update(_PREDICT)
        return description

    app.openapi = openapi


_INSTANCES = {
    "application/json": {
        "schema": {
            "oneOf": [_list_of(_INSTANCE, "instances"), _list_of(_INSTANCE, "inputs")]
        }
    }
}
_UPLOADS = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "additionalProperties": {"type": "string", "format": "binary"},
            "minProperties": 1,
        }
    },
    "application/json": {
        "schema": {
            "oneOf": [
                _TEXT,
                {"type": "array", "items": _TEXT, "minItems": 1},
                {"type": "object", "additionalProperties": _TEXT},
            ]
        }
    },
    "text/plain": {"schema": _TEXT},
}
_NAME, _VERSION = (
    {"name": name, "in": "path", "required": True, "schema": _TEXT}
    for name in ("name", "version")
)
_ROWS = {"type": "array", "items": _PROBABILITY}


def _describe_instances(summary, *parameters):
    forms = [_list_of(_ROWS), _list_of(_ROWS, "outputs")]
    return {
        "post": {
            "summary": summary,
            "parameters": list(parameters),
            "requestBody": {"required": True, "content": _INSTANCES},
            "responses": json_responses({"oneOf": forms}),
        }
    }


_PREDICTIONS = _list_of(_PREDICTION)
_PREDICTIONS["properties"]["model"] = _TEXT
_PREDICTIONS["required"].append("model")
_PREDICT = {
    "/v1/models/{name}:predict": _describe_instances(
        "Probabilities in TensorFlow Serving's format", _NAME
    ),
    "/v1/models/{name}/versions/{version}:predict": _describe_instances(
        "Probabilities of the current version", _NAME, _VERSION
    ),
    "/predict": {
        "post": {
            "summary": "The letters of image files and data URLs",
            "parameters": [
                {
                    "name": "crop",
                    "in": "query",
                    "description": "Whether to return the cropped images",
                    "schema": {"type": "boolean", "default": False},
                }
            ],
            "requestBody": {"required": True, "content": _UPLOADS},
            "responses": json_responses(_PREDICTIONS),
        }
    },
}
