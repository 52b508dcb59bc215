"""The command line: what it understands and what it says otherwise."""

import socket

import pytest

from arena_local import __main__, executor_alone, layout, parts
from arena_local.layout import Layout


def test_should_list_its_commands(capsys):
    assert __main__.main(["help"]) == 0
    text = capsys.readouterr().out
    for command in (
        "demo",
        "up",
        "down",
        "status",
        "logs",
        "build",
        "test",
        "images",
        "compose-test",
        "audit",
        "trace",
        "previous",
        "executor",
        "bench",
    ):
        assert f"./arena {command}" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["up", "--fast"],
        ["logs"],
        ["logs", "nothing"],
        ["test", "-m", "nothing"],
        ["status", "--port-offset", "many"],
        ["bench", "nothing"],
        ["executor", "--port", "any"],
        ["images", "--all"],
    ],
)
def test_should_show_the_usage_for_what_it_does_not_understand(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        __main__.main(arguments)
    assert end.value.code == 2
    assert "./arena demo" in capsys.readouterr().err


def test_should_want_a_registry_and_a_path_to_push_to(capsys):
    assert __main__.main(["images", "--jib", "registry.example.org"]) == 1
    assert "registry.example.org/rl-arena" in capsys.readouterr().err


def test_should_fail_when_asked_for_the_status_of_what_does_not_run(tmp_path, capsys):
    assert __main__.main(["status", "--state", str(tmp_path)]) == 1
    assert "./arena up" in capsys.readouterr().out


def test_options_should_win_over_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("ARENA_STATE", "/elsewhere")
    monkeypatch.setenv("ARENA_PORT_OFFSET", "5")
    assert Layout.of(str(tmp_path), 7) == Layout(tmp_path, 7)
    assert Layout.of(None, None).port_offset == 5


def test_should_start_only_the_executor_on_loopback_and_without_a_bearer(tmp_path):
    chosen = executor_alone.settings([str(tmp_path)], ["example.org"], 50051)
    assert chosen["ARENA_EXECUTOR_HOST"] == "127.0.0.1"
    assert chosen["ARENA_EXECUTOR_PORT"] == "50051"
    assert chosen["ARENA_EXECUTOR_LOCAL_ROOTS"] == str(tmp_path.resolve())
    assert chosen["ARENA_EXECUTOR_ALLOWED_HOSTS"] == "example.org"
    assert not any("TOKEN" in name for name in chosen)


def test_should_refuse_a_local_root_that_is_not_there(tmp_path, capsys):
    assert __main__.main(["executor", "--local-root", str(tmp_path / "nothing")]) == 1
    assert "there is no such folder" in capsys.readouterr().err


def test_should_name_a_busy_port(tmp_path):
    offset = 4000
    with socket.create_server(("127.0.0.1", layout.SERVICES[0].port + offset)):
        busy = parts.busy_ports(Layout(tmp_path, offset))
    assert busy == [f"port {8081 + offset}, wanted by auth-service"]


def test_should_keep_secrets_from_others(tmp_path):
    from arena_local.secret_files import secret

    suite = Layout(tmp_path / "state")
    suite.make_folders()
    value = secret(suite, "key")
    assert len(value) >= 32
    assert secret(suite, "key") == value
    assert (suite.secrets / "key").stat().st_mode & 0o777 == 0o600
    assert suite.secrets.stat().st_mode & 0o777 == 0o700
