"""What a user prefers: for new chats, and presets of their own."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chats.api.serializers import NewChat, ObjectSerializer, SamplingParametersField, TextField
from chats.models import Preferences, SavedPreset
from chats.repository.preferring import change_preset, prefer, preset_of, save_preset
from inference.parameters import MAX_SEED


class PreferencesUpdate(NewChat):
    """PUT /preferences. A missing or null field stays as it is; an empty text takes an instruction away."""


class NewPreset(ObjectSerializer):
    """POST /presets."""

    name = TextField()
    sampling_parameters = SamplingParametersField()
    seed = serializers.IntegerField(min_value=0, max_value=MAX_SEED, required=False, allow_null=True)


class PresetUpdate(ObjectSerializer):
    """PUT /presets/{preset_id}. A missing field stays as it is; a null seed is a fresh one for each reply."""

    name = TextField(required=False)
    sampling_parameters = SamplingParametersField(required=False)
    seed = serializers.IntegerField(min_value=0, max_value=MAX_SEED, required=False, allow_null=True)


class PreferencesView(APIView):
    """/preferences"""

    def get(self, request: Request) -> Response:
        """What every new chat of one's own begins with."""
        return Response(preferences_read(Preferences.objects.of(request.user)))

    def put(self, request: Request) -> Response:
        """Change what the body names; leave the rest. Chats that are there stay as they are."""
        body = PreferencesUpdate.read(request.data)
        changes = {name: value for name, value in body.items() if value is not None}
        return Response(preferences_read(prefer(request.user, **changes)))


class Presets(APIView):
    """/presets"""

    def get(self, request: Request) -> Response:
        """One's own presets by name."""
        return Response([preset_read(each) for each in SavedPreset.objects.owned_by(request.user).order_by("name")])

    def post(self, request: Request) -> Response:
        """Keep sampling parameters under a name."""
        body = NewPreset.read(request.data)
        return Response(preset_read(save_preset(user=request.user, **body)))


class PresetDetail(APIView):
    """/presets/{preset_id}"""

    def put(self, request: Request, preset_id: str) -> Response:
        """Change what the body names; leave the rest."""
        preset = preset_of(request.user, preset_id)
        body = PresetUpdate.read(request.data)
        return Response(preset_read(change_preset(preset, **body)))

    def delete(self, request: Request, preset_id: str) -> Response:
        """Forget it. Replies keep the parameters that they were asked for with."""
        preset_of(request.user, preset_id).delete()
        return Response()


def preferences_read(preferences: Preferences) -> dict[str, Any]:
    """The preferences by name."""
    return {name: getattr(preferences, name) for name in Preferences.OF_CHATS}


def preset_read(preset: SavedPreset) -> dict[str, Any]:
    """A preset."""
    return {
        "id": str(preset.pk),
        "name": preset.name,
        "sampling_parameters": preset.sampling_parameters,
        "seed": preset.seed,
    }
