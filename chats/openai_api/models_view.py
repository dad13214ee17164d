"""/v1/models: the catalogue in OpenAI's shape."""

from collections.abc import Callable

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.openai_api.completions import model_named
from chats.openai_api.errors import openai_exception_handler
from chats.openai_api.shapes import model_object
from inference import catalogue


class Models(APIView):
    """/v1/models"""

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return openai_exception_handler

    def get(self, request: Request) -> Response:
        """All models."""
        return Response({"object": "list", "data": [model_object(config) for config in catalogue.current()]})


class ModelDetail(APIView):
    """/v1/models/{model}"""

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return openai_exception_handler

    def get(self, request: Request, model: str) -> Response:
        """One model."""
        return Response(model_object(model_named(model)))
