"""Presets of one's own: kept by name, checked like any request, nobody else's."""

import pytest

from chats.models import SavedPreset
from tests.chats.shapes import SavedPresetRead

COOL = {"name": "Cool", "sampling_parameters": {"temperature": 0.2, "top_k": None}}


def make(person, **fields):
    return person.api.post("presets", COOL | fields).read(SavedPresetRead)


def raw(person):
    return person.api.get("presets").json


def test_a_preset_keeps_every_parameter_and_the_seed(person):
    preset = make(person, seed=7)
    assert preset.seed == 7
    assert preset.sampling_parameters.temperature == 0.2
    assert (preset.sampling_parameters.top_k, preset.sampling_parameters.max_new_tokens) == (None, 100)
    assert [each["id"] for each in raw(person)] == [str(preset.id)]


def test_they_are_listed_by_name(person):
    for name in ("b", "a"):
        make(person, name=name)
    assert [each["name"] for each in raw(person)] == ["a", "b"]


def test_what_the_body_names_is_changed_and_the_rest_stays(person):
    preset = make(person, seed=7)
    person.api.put(f"presets/{preset.id}", {"name": " Cooler "})
    person.api.put(f"presets/{preset.id}", {"sampling_parameters": {"temperature": 0.1}})
    changed = person.api.put(f"presets/{preset.id}", {}).read(SavedPresetRead)
    assert (changed.name, changed.seed, changed.sampling_parameters.temperature) == ("Cooler", 7, 0.1)
    assert person.api.put(f"presets/{preset.id}", {"seed": None}).read(SavedPresetRead).seed is None


def test_a_deleted_preset_is_gone(person):
    preset = make(person)
    assert person.api.delete(f"presets/{preset.id}").status == 200
    assert raw(person) == []
    person.api.delete(f"presets/{preset.id}").refused(404)


def test_a_name_is_given_once_and_each_person_has_their_own(person, stranger):
    first = make(person)
    refused = person.api.post("presets", COOL).refused(422)
    assert (refused.field, "'Cool'" in refused.detail) == ("name", True)
    other = make(person, name="Other")
    assert person.api.put(f"presets/{other.id}", {"name": "Cool"}).refused(422).field == "name"
    assert person.api.put(f"presets/{first.id}", {"name": "Cool"}).status == 200
    make(stranger)


@pytest.mark.parametrize(
    ("fields", "status", "field"),
    [
        ({"name": " "}, 400, "name"),
        ({"name": "x" * 61}, 413, "name"),
        ({"name": 7}, 422, "name"),
        ({"sampling_parameters": {"temperature": 0}}, 422, "sampling_parameters.temperature"),
        ({"sampling_parameters": {"top_p": 1.5}}, 422, "sampling_parameters.top_p"),
        ({"sampling_parameters": []}, 422, "sampling_parameters"),
        ({"seed": -1}, 422, "seed"),
    ],
)
def test_a_senseless_preset_is_refused_by_the_field_at_fault(person, fields, status, field):
    assert person.api.post("presets", COOL | fields).refused(status).field == field
    assert not SavedPreset.objects.exists()
    preset = make(person)
    assert person.api.put(f"presets/{preset.id}", fields).refused(status).field == field
    assert raw(person) == [preset.model_dump(mode="json")]


def test_there_is_an_end_of_presets(person, monkeypatch):
    monkeypatch.setattr("chats.repository.preferring.MOST_PRESETS", 2)
    make(person, name="1")
    make(person, name="2")
    assert "2 presets" in person.api.post("presets", COOL).refused(413).detail
