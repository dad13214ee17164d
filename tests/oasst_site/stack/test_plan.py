"""What `manage.py up` is told and what it tells."""

from pathlib import Path

from oasst_site.stack import options
from oasst_site.stack.given import masked
from oasst_site.stack.ports import FREE_PORTS, free_port, is_free, listen
from oasst_site.stack.postgres import PostgresServer
from oasst_site.stack.welcome import welcome


def test_options_win_over_the_environment_and_that_over_the_defaults() -> None:
    nothing = options.read({}, {})
    assert (nothing.host, nothing.port, nothing.model, nothing.web) == ("127.0.0.1", 8000, "demo", 1)
    assert nothing.folder == options.ROOT / ".local"
    environ = {"PORT": "9000", "MODEL_CONFIG_NAME": "_lorem", "LOCAL_DIR": "/data", "HOST": " "}
    told = options.read({"port": "9001", "engine_url": "http://gpu:8080"}, environ)
    assert (told.host, told.port, told.model, told.folder) == ("127.0.0.1", 9001, "_lorem", Path("/data"))
    assert told.given("INFERENCE_SERVER_URL") == "http://gpu:8080"


def test_the_welcome_warns_when_strangers_could_log_in() -> None:
    open_to_all = options.read({"host": "0.0.0.0"}, {})
    on, off = {"DEBUG": "true", "ALLOW_DEBUG_AUTH": "true"}, {"DEBUG": "false", "ALLOW_DEBUG_AUTH": "false"}
    assert any("without a password" in line for line in welcome(open_to_all, on, ".local", "", 1))
    told = "\n".join(welcome(open_to_all, off, ".local", "", 1))
    assert "without a password" not in told
    assert "createsuperuser" in told
    assert "admin, password admin" not in told


def test_the_welcome_tells_what_the_worker_waits_for() -> None:
    told = welcome(options.read({}, {}), {}, ".local", "the engine is not healthy", 1)
    assert told[0] == "The worker of demo takes no work yet: the engine is not healthy"


def test_passwords_are_not_repeated() -> None:
    assert masked("redis://:p@ss@host:1/0") == "'redis://:***@host:1/0'"
    assert masked("redis://host:1/0") == "'redis://host:1/0'"


def test_a_free_port_lies_below_those_of_outgoing_connections() -> None:
    port = free_port()
    assert port in FREE_PORTS
    with listen("127.0.0.1", port):
        assert not is_free(port)


def test_the_database_server_says_nothing_of_its_password_in_the_process_list(tmp_path: Path) -> None:
    server = PostgresServer(data=tmp_path / "postgres", port=1, password="hush")
    assert "hush" not in " ".join(server.command.argv)
