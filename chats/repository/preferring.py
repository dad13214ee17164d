"""Preferring: what a user keeps for new chats, and the presets of their own."""

from typing import Any

from django.db import IntegrityError, transaction

from chats.content import check_text
from chats.errors import NotFound, TooLarge, Unprocessable
from chats.ids import parse_id
from chats.models import INSTRUCTIONS, INSTRUCTIONS_LENGTH, PRESET_NAME_LENGTH, Preferences, SavedPreset
from inference.parameters import SamplingParameters

MOST_PRESETS = 100
"""Presets of one user."""


def check_instructions(given: dict[str, Any]) -> None:
    """Raises BadRequest or TooLarge for instructions that cannot be stored."""
    for name in INSTRUCTIONS:
        if (text := given.get(name)) is not None:
            check_text(text, field=name, max_length=INSTRUCTIONS_LENGTH, may_be_empty=True)


def prefer(user: Any, **changes: Any) -> Preferences:
    """Store what is named and leave the rest. Raises what `check_instructions` does."""
    check_instructions(changes)
    return Preferences.objects.update_or_create(user=user, defaults=changes)[0]


def save_preset(
    *, user: Any, name: str, sampling_parameters: SamplingParameters, seed: int | None = None
) -> SavedPreset:
    """A new preset. Raises Unprocessable for a taken name, BadRequest for an empty one, TooLarge for one too many."""
    name = _checked(name)
    if SavedPreset.objects.owned_by(user).count() >= MOST_PRESETS:
        raise TooLarge(f"You have {MOST_PRESETS} presets already: delete one that you do not use any more.")
    preset = SavedPreset(user=user, name=name, sampling_parameters=sampling_parameters.model_dump(), seed=seed)
    return _stored(preset)


def change_preset(preset: SavedPreset, **changes: Any) -> SavedPreset:
    """The preset with these fields changed. Raises as `save_preset` does."""
    if "name" in changes:
        preset.name = _checked(changes["name"])
    if "sampling_parameters" in changes:
        preset.sampling_parameters = changes["sampling_parameters"].model_dump()
    if "seed" in changes:
        preset.seed = changes["seed"]
    return _stored(preset)


def preset_of(user: Any, preset_id: object) -> SavedPreset:
    """The user's preset. Raises NotFound for an unknown, malformed or stranger's id."""
    key = parse_id(preset_id)
    preset = SavedPreset.objects.owned_by(user).filter(pk=key).first() if key else None
    if preset is None:
        raise NotFound(f"There is no preset {preset_id}.", field="preset_id")
    return preset


def _checked(name: str) -> str:
    return check_text(name.strip(), field="name", max_length=PRESET_NAME_LENGTH)


def _stored(preset: SavedPreset) -> SavedPreset:
    try:
        with transaction.atomic():
            preset.save()
    except IntegrityError as error:
        raise Unprocessable(
            f"You have a preset named {preset.name!r} already: choose another name, or change that one.", field="name"
        ) from error
    return preset
