"""What `make run-local MODEL=...` takes, refuses and writes, without an engine; tests/engine runs one."""

import json
from pathlib import Path

import pytest

from inference.catalogue import PACKAGED_FILE, load_catalogue
from inference.prompts import FORMATS
from inference.prompts.recognise import TRIAL
from oasst_site.stack import local_engine, options
from oasst_site.stack.errors import StackError
from oasst_site.stack.folder import LocalFolder
from oasst_site.stack.local_engine import LocalModel, local_model


@pytest.fixture
def folder(tmp_path: Path) -> LocalFolder:
    folder = LocalFolder(tmp_path / "local")
    folder.claim()
    return folder


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder as transformers saves one."""
    path = tmp_path / "my model"
    path.mkdir()
    (path / "config.json").write_text("{}")
    return path


def test_a_folder_is_served_under_its_own_name(saved: Path):
    assert local_model(str(saved)) == LocalModel("my model", saved)


@pytest.mark.parametrize("name", ["gpt2", "Qwen/Qwen3-0.6B", "HuggingFaceTB/SmolLM2-135M-Instruct"])
def test_a_name_of_the_hub_is_taken_as_it_is(name: str):
    assert local_model(name) == LocalModel(name, None)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("/nowhere/at/all", "MODEL '/nowhere/at/all' is no folder"),
        ("./nowhere", "MODEL './nowhere' is no folder"),
        ("a/b/c", "MODEL 'a/b/c' is no folder"),
        ("two words", "MODEL 'two words' is no name of a model"),
        ("tests", "MODEL 'tests' has no config.json"),
    ],
)
def test_what_is_no_model_is_refused_with_the_way_out(
    given: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "tests").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StackError) as refused:
        local_model(given)
    assert str(refused.value).startswith(f"{told}. Give a folder that transformers has saved, or a hub id")


def test_an_engine_of_ones_own_and_another_one_exclude_each_other():
    with pytest.raises(StackError, match="LOCAL_MODEL 'gpt2' and INFERENCE_SERVER_URL exclude each other"):
        options.read({"local_model": "gpt2", "engine_url": "http://gpu:8080"}, {})


def test_a_python_without_transformers_is_named(tmp_path: Path):
    chosen = options.read({}, {"LOCAL_ENGINE_PYTHON": str(tmp_path / "bin" / "python")})
    with pytest.raises(StackError, match=r"bin/python has no transformers\. make run-local installs it"):
        local_engine.engine_python(chosen)


def test_the_catalogues_own_entry_counts():
    found = local_engine.known(LocalModel("Qwen/Qwen3-0.6B", None), PACKAGED_FILE)
    assert found is not None
    assert found.name == "Qwen3-0.6B"
    assert local_engine.known(LocalModel("me/mine", None), PACKAGED_FILE) is None


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (
            {"max_length": 40960, "rendered": FORMATS["chatml"].render(TRIAL, None), "thinks": True},
            ("chatml", 7936, 8192, True, False),
        ),
        (
            {"max_length": 512, "rendered": FORMATS["gemma"].render(TRIAL, None) + "<think>\n", "thinks": False},
            ("gemma", 384, 512, True, True),
        ),
        ({"max_length": None, "rendered": None, "thinks": False}, ("engine", 7936, 8192, False, False)),
    ],
)
def test_an_entry_is_written_behind_the_catalogue(folder: LocalFolder, told: dict, wanted: tuple):
    name, path = local_engine.write_entry(LocalModel("me/mine", None), told, PACKAGED_FILE, folder)
    catalogue = load_catalogue(path)
    added = catalogue.get(name)
    written = (
        *(added.prompt_format, added.max_input_length, added.max_total_length),
        *(added.reasoning, added.opens_thoughts),
    )
    assert written == wanted
    assert (name, added.model_id, added.max_parallel_requests) == ("mine", "me/mine", 1)
    assert len(catalogue) == len(load_catalogue(PACKAGED_FILE)) + 1


def test_a_name_that_is_taken_gets_another(folder: LocalFolder):
    told = {"max_length": 100, "rendered": None, "thinks": False}
    assert local_engine.write_entry(LocalModel("me/demo", None), told, PACKAGED_FILE, folder)[0] == "demo-local"


def test_the_engine_hears_of_no_path_and_needs_no_network_for_a_folder(folder: LocalFolder, saved: Path):
    service = local_engine.service(Path("/v/bin/python"), local_model(str(saved)), 80, folder, {})
    assert str(saved) not in " ".join(service.command.argv)
    assert service.command.cwd == saved.parent
    assert service.command.env is not None
    assert service.command.env["HF_HUB_OFFLINE"] == "1"
    messages = local_engine.describe_command(Path("/v/bin/python"), local_model("gpt2"), saved, {"HF_HOME": str(saved)})
    assert json.loads(messages.argv[3])[-1] == {"role": "user", "content": TRIAL[-1].content}
