"""Decorating functions: options, their mistakes, and how calls become lists of arguments."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from ligase import Function, Image, LigaseError, Volume, env, function
from ligase.codec import UNDEFINED
from ligase.function import registry, signature_of


def plain(a: int, b: int = 2, *, c: int = 3) -> int:
    """Adds up."""
    return a + b + c


def other(a: int) -> int:
    return a


def test_is_the_function_when_it_is_called_plainly() -> None:
    made = function(plain)
    assert isinstance(made, Function)
    assert (made(1), made.local(1, 3), made(1, c=0)) == (6, 7, 3)
    assert (made.__name__, made.__doc__, made.name) == ("plain", "Adds up.", "plain")


def test_writes_options_as_typescript_names_them() -> None:
    made = function(
        name="named",
        image=Image(python_packages=["biopython"]),
        cpu="500m",
        memory="32Gi",
        gpu="A100:2",
        disk=10**9,
        processes=10,
        volumes=[Volume("seq", "seq/"), Volume("ref", "/ref", read_only=True)],
        secrets=["NCBI_API_KEY"],
        network=True,
        timeout="2h",
        retries={"times": 2, "max_delay": "1 min"},
        cache=False,
        limits=["ncbi"],
        priority=3,
        tags={"a": "b"},
        env={"LANG": "C"},
        version=None,
    )(plain)
    assert made.options == {
        "name": "named",
        "image": {"layers": [{"debian": "12"}, {"python": "3.11"}, {"pip": ["biopython"]}]},
        "cpu": 0.5,
        "memory": "32Gi",
        "gpu": "A100:2",
        "disk": 10**9,
        "processes": 10,
        "volumes": {"./seq": {"volume": "seq", "readOnly": False}, "/ref": {"volume": "ref", "readOnly": True}},
        "secrets": ["NCBI_API_KEY"],
        "network": True,
        "timeout": "2h",
        "retries": {"times": 2, "maxDelay": "1 min"},
        "cache": False,
        "limits": ["ncbi"],
        "priority": 3,
        "tags": {"a": "b"},
        "env": {"LANG": "C"},
    }


def test_asks_a_function_of_the_attempt_for_every_attempt() -> None:
    made = function(memory=lambda attempt: attempt * 2**30, retries=2)(plain)
    assert made.options["memory"] == {"attempts": [2**30, 2**31, 3 * 2**30]}
    assert function(cpu=lambda attempt: attempt)(other).options == {"cpu": 1}


@pytest.mark.parametrize(
    "options, says",
    [
        ({"memroy": "4Gi"}, 'the options of plain have no "memroy"\n  did you mean memory?'),
        ({"gpu_count": 2}, 'gpu="A100:2"'),
        ({"nothing": 1}, "options are: name, version"),
        ({"cpu": 0}, "the option cpu of plain should be a number above 0, or a function of the attempt"),
        ({"cpu": True}, "it is True"),
        ({"memory": "much"}, "should be an amount"),
        ({"memory": 1024}, '"1024Mi" (a number alone is bytes)'),
        ({"memory": lambda attempt: "much"}, "should be an amount"),
        ({"gpu": True}, "how many GPUs"),
        ({"timeout": "soon"}, 'a duration: seconds, or text such as "2h"'),
        ({"retries": -1}, "a whole number, or {"),
        ({"retries": {"time": 1}}, "a whole number, or {"),
        ({"image": "debian"}, "an Image: Image("),
        ({"volumes": ["seq"]}, "a list of volumes: [Volume("),
        ({"volumes": [Volume("a", "./x"), Volume("b", "x")]}, "two are at ./x"),
        ({"secrets": "KEY"}, "names of secrets"),
        ({"secrets": ["A B"]}, "names of secrets"),
        ({"network": "yes"}, "True or False"),
        ({"limits": {"ncbi": 0}}, "names of limits"),
        ({"check": "deep"}, '"full" or "shallow"'),
        ({"env": {"A": 1}}, "a dict of texts"),
        ({"processes": 0}, "a whole number from 1"),
    ],
)
def test_refuses_options_where_they_stand(options: Any, says: str) -> None:
    with pytest.raises(LigaseError) as refused:
        function(**options)(plain)
    assert refused.value.code == "LIGASE_E_OPTION" and says in str(refused.value)
    assert registry == {}


def test_refuses_what_another_process_could_not_find() -> None:
    def inner() -> None: ...

    for wrong, says in (
        (inner, "is not at the top of a module"),
        (lambda: 1, "is not at the top of a module"),
        (Image, "@function was given the class Image"),
        (len, "@function was given <built-in function len>"),
        (function(plain), "plain is decorated twice"),
    ):
        with pytest.raises(LigaseError, match=says):
            function(wrong)


def test_refuses_two_functions_of_one_name() -> None:
    function(plain)
    with pytest.raises(LigaseError, match="two functions are called plain: the other is in .*test_function.py, line 16"):
        function(name="plain")(other)
    function(plain)  # the same again: a module that was read anew


def test_changes_options_at_a_call() -> None:
    made = function(memory="1Gi")(plain)
    changed = made.with_options(memory="64Gi").with_options(cpu=2)
    assert changed._call((1,), {}).options == {"memory": "64Gi", "cpu": 2}
    assert made._call((1,), {}).options is None
    for options, says in (({"image": Image()}, "cannot be changed"), ({"memory": lambda n: n}, "a call is data")):
        with pytest.raises(LigaseError, match=says):
            made.with_options(**options)


def test_lists_the_arguments_of_a_call() -> None:
    listed = signature_of(plain).listed
    assert listed((1,), {}) == [1]
    assert listed((1,), {"c": 5}) == [1, UNDEFINED, 5]
    assert listed((), {"b": 1, "a": 0}) == [0, 1]
    with pytest.raises(TypeError, match=r"plain\(\) missing a required argument: 'a'"):
        listed((), {"b": 1})
    with pytest.raises(TypeError, match=r"plain\(\) got an unexpected keyword argument 'd'"):
        listed((1,), {"d": 1})


def test_calls_with_such_a_list() -> None:
    def many(a: Any, /, b: Any = 2, *rest: Any, c: Any = 3, **more: Any) -> Any:
        return a, b, rest, c, more

    signature = signature_of(many)
    for args, kwargs in (((1,), {}), ((1, 5, 6, 7), {"c": 8, "d": 9}), ((1,), {"e": 1})):
        assert signature.call(signature.listed(args, kwargs)) == many(*args, **kwargs)


def test_can_be_pickled_by_name() -> None:
    global plain
    original, plain = plain, function(plain)  # type: ignore[assignment]
    try:
        assert pickle.loads(pickle.dumps(plain)) is plain
    finally:
        plain = original


def test_has_an_environment_outside_of_jobs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LIGASE_JOB", "LIGASE_CPU", "LIGASE_MEMORY"):
        monkeypatch.delenv(name, raising=False)
    assert (env.is_remote(), env.job, env.attempt, env.memory) == (False, None, 1, None)
    assert env.cpu >= 1 and env.work_dir == Path.cwd()
    monkeypatch.setenv("LIGASE_MEMORY", "1024")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,2")
    assert (env.memory, env.gpus) == (1024, [0, 2])
