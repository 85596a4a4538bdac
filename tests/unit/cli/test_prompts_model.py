"""`fimble prompts test --model`: real HTTP to a scripted Ollama."""

import json
import shutil
from pathlib import Path

import pytest

from fimble_cli.exit_codes import ExitCode
from fimble_cli.main import main
from support.prompting import write
from support.stub_ollama import Reply, Script, StubModel, StubOllama, fixed, queue

MODEL = "qwen3.6:27b"
TESTS = """\
prompt: edit/ours
cases:
  - name: doubled
    files: {a.py: "def f(x):\\n    return <|cursor|>x\\n"}
    assert:
      - contains: return x
    answer:
      - parses: file
      - contains: return 2
      - latency: 60
  - name: the prompt alone
    files: {a.py: "y = <|cursor|>1\\n"}
    assert:
      - contains: y = 1
"""
GOOD = "```python\ndef f(x):\n    return 2 * x\n```\n"


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Path:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".fimble" / "prompts"
    (folder / "edit").mkdir(parents=True)
    (folder / "tests").mkdir()
    front = "think: off\nbudget: {answer: 300}\nsampling: {temperature: 0.1}\n"
    text = write("[[system]]\nBe right.\n[[user]]\n${selection}\n", kind="edit", front=front)
    (folder / "edit" / "ours.prompt.md").write_text(text.replace("name: example", "name: ours"))
    (folder / "tests" / "ours.test.yaml").write_text(TESTS)
    return tmp_path


@pytest.fixture
def ollama(configure):
    """Start a stub with an answer and point the configuration at it."""
    stubs: list[StubOllama] = []

    def start(answer, **script) -> StubOllama:
        stub = StubOllama(Script(answer=answer, **script))
        stubs.append(stub.__enter__())
        configure(f'[ollama]\nendpoint = "{stub.url}"\nmodel = "{MODEL}"\n')
        return stub

    yield start
    for stub in stubs:
        stub.__exit__(None, None, None)


def run(*arguments: str) -> ExitCode:
    return main(["prompts", "test", *arguments])


@pytest.mark.usefixtures("workspace")
def test_an_answer_that_holds(capsys, ollama):
    stub = ollama(fixed(GOOD))

    assert run("--model") == ExitCode.OK

    shown = capsys.readouterr()
    first, second = shown.out.splitlines()
    assert first.startswith("ok    edit/ours: doubled (")
    assert " tokens; answer " in first
    assert " s, first after " in first
    assert "answer" not in second
    assert shown.err == (
        f"fimble: asking {MODEL} for 1 answer.\nfimble: 2 cases in 1 file, none failed.\n"
    )
    (asked,) = [each for each in stub.requests if each.path == "/api/chat"]
    assert asked.body["messages"] == [
        {"role": "system", "content": "Be right."},
        {"role": "user", "content": "def f(x):\n    return x"},
    ]
    assert asked.body["think"] is False
    assert asked.body["options"]["num_predict"] == 300
    assert asked.body["options"]["temperature"] == 0.1


@pytest.mark.usefixtures("workspace")
def test_an_answer_that_does_not_hold_is_shown(capsys, ollama):
    ollama(fixed("```python\ndef f(x:\n    return 3\n```\n"))

    assert run("--model") == ExitCode.PROBLEMS

    shown = capsys.readouterr()
    assert "ours.test.yaml:8: In the place of the selection the answer is no python" in shown.out
    assert "ours.test.yaml:9: The answer does not contain `return 2`." in shown.out
    assert "ours.test.yaml:3: The answer:\n        ```python\n        def f(x:\n" in shown.out
    assert shown.err.endswith("fimble: 2 cases in 1 file, 1 failed.\n")


@pytest.mark.usefixtures("workspace")
def test_answers_are_data_too(capsys, ollama):
    ollama(fixed(GOOD))

    code = run("--model", "--json")
    (file,) = json.loads(capsys.readouterr().out)

    assert code == ExitCode.OK
    answer = file["cases"][0]["answer"]
    assert (answer["text"], answer["complete"]) == (GOOD, True)
    assert 0 <= answer["first_text_seconds"] <= answer["seconds"]
    assert file["cases"][1]["answer"] is None


def test_a_thinking_template_thinks_and_its_thoughts_are_no_answer(workspace, capsys, ollama):
    path = workspace / ".fimble" / "prompts" / "edit" / "ours.prompt.md"
    path.write_text(path.read_text().replace("think: off", "think: on"))
    stub = ollama(queue([Reply(text=GOOD, thinking="return 7, perhaps?")]))

    assert run("--model") == ExitCode.OK, capsys.readouterr()

    (asked,) = [each for each in stub.requests if each.path == "/api/chat"]
    assert asked.body["think"] is True


@pytest.mark.usefixtures("workspace")
def test_another_model_can_be_named(capsys, ollama):
    stub = ollama(fixed(GOOD), models=(StubModel(), StubModel(name="other:7b")))

    assert run("--model=other:7b", "ours") == ExitCode.OK, capsys.readouterr()
    assert {each.body["model"] for each in stub.requests if each.path == "/api/chat"} == {
        "other:7b"
    }


@pytest.mark.usefixtures("workspace")
def test_a_model_that_is_not_there_has_an_exit_code_of_its_own(capsys, ollama):
    ollama(fixed(GOOD))

    assert run("--model=nope:1b") == ExitCode.ENGINE
    assert "nope:1b" in capsys.readouterr().err


@pytest.mark.usefixtures("workspace", "no_ollama")
def test_a_server_that_is_down_has_an_exit_code_of_its_own(capsys):
    assert run("--model") == ExitCode.ENGINE
    assert "Ollama" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.usefixtures("workspace")
def test_without_a_model_one_line_says_what_was_not_looked_at(capsys):
    assert run() == ExitCode.OK
    assert capsys.readouterr().err.endswith(
        "fimble: 1 case asks for a model's answer and got none (--model).\n"
    )


def test_nothing_to_ask_is_said_and_is_not_success(workspace, capsys, ollama):
    (workspace / ".fimble" / "prompts" / "tests" / "ours.test.yaml").write_text(
        TESTS.partition("    answer:")[0]
    )
    stub = ollama(fixed(GOOD))

    assert run("--model") == ExitCode.NOTHING_FOUND
    assert "no case says anything of an answer" in capsys.readouterr().err
    assert stub.requests == ()


def test_a_prompt_that_is_wrong_already_is_not_sent(workspace, capsys, ollama):
    path = workspace / ".fimble" / "prompts" / "tests" / "ours.test.yaml"
    path.write_text(TESTS.replace("contains: return x", "contains: return y"))
    stub = ollama(fixed(GOOD))

    assert run("--model") == ExitCode.PROBLEMS
    assert [each for each in stub.requests if each.path == "/api/chat"] == []
    shutil.rmtree(workspace / ".fimble")
    assert run("--model") == ExitCode.NOTHING_FOUND
    assert "FAIL" in capsys.readouterr().out


@pytest.mark.usefixtures("workspace")
def test_t06_prompts_go_to_no_other_machine(capsys, configure):
    configure('[ollama]\nendpoint = "http://203.0.113.7:11434"\n')

    assert run("--model") == ExitCode.ENGINE
    assert "203.0.113.7" in capsys.readouterr().err
