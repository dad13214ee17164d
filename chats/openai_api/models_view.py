"""/v1/models: the catalogue in OpenAI's shape."""

from rest_framework.request import Request
from rest_framework.response import Response

from chats.openai_api.completions import model_named
from chats.openai_api.errors import OpenAIView
from chats.openai_api.shapes import model_object
from inference import catalogue


class Models(OpenAIView):
    """/v1/models"""

    def get(self, request: Request) -> Response:
        """All models."""
        return Response({"object": "list", "data": [model_object(config) for config in catalogue.current()]})


class ModelDetail(OpenAIView):
    """/v1/models/{model}"""

    def get(self, request: Request, model: str) -> Response:
        """One model."""
        return Response(model_object(model_named(model)))
