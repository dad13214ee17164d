"""What a client may choose from: models with their presets; plugins, of which there are none."""

from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.errors import Unprocessable
from chats.repository.availability import availability
from inference import catalogue


class ModelConfigs(APIView):
    """/configs/model_configs, without login."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """The models of the catalogue in its order."""
        return Response(
            [
                {
                    "name": config.name,
                    "description": config.description,
                    "max_input_length": config.max_input_length,
                    "max_total_length": config.max_total_length,
                    "reasoning": config.reasoning,
                    "licence": config.licence,
                    "link": config.link,
                    "parameter_configs": [
                        {
                            "name": preset.name,
                            "description": preset.description,
                            "sampling_parameters": config.offered(preset).model_dump(),
                        }
                        for preset in config.presets
                    ],
                }
                for config in catalogue.current()
            ]
        )


class ModelAvailability(APIView):
    """/configs/availability"""

    def get(self, request: Request) -> Response:
        """How many workers serve each model now, what they have free, and who waits."""
        return Response(availability())


class BuiltinPlugins(APIView):
    """/configs/builtin_plugins"""

    def get(self, request: Request) -> Response:
        """None yet."""
        return Response([])


class PluginConfig(APIView):
    """/configs/plugin_config"""

    def post(self, request: Request) -> Response:
        """Refused until there are tools."""
        raise Unprocessable("This server runs no plugins, so it reads no plugin configuration.", field="url")
