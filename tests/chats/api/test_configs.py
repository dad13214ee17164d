"""What a client may choose from."""

from inference import catalogue
from tests.chats.people import Api
from tests.chats.shapes import MODEL_CONFIGS


def test_the_catalogues_models_are_listed_in_its_order(database):
    listed = MODEL_CONFIGS.validate_json(Api().get("configs/model_configs").content)
    assert [each.name for each in listed] == [config.name for config in catalogue.current()]
    assert "_lorem" in {each.name for each in listed}


def test_a_models_presets_name_all_their_parameters(database):
    listed = MODEL_CONFIGS.validate_json(Api().get("configs/model_configs").content)
    presets = {preset.name: preset for each in listed for preset in each.parameter_configs}
    assert presets["k50"].sampling_parameters.model_dump() == {
        "top_k": 50,
        "top_p": 0.95,
        "typical_p": None,
        "temperature": 0.75,
        "repetition_penalty": 1.2,
        "max_new_tokens": 1024,
    }


def test_there_are_no_plugins(person):
    assert person.api.get("configs/builtin_plugins").json == []
    assert person.api.post("configs/plugin_config", {"url": "https://example.org"}).refused(422).field == "url"
