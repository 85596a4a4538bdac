"""Which definitions hold the cursor, for every language, in finished and in unfinished code."""

import pytest

from fimble.syntax.languages import languages
from fimble.syntax.scopes import enclosing_scopes
from fimble.text.position import Position, Range
from support.parsed_source import parsed, parsed_at_cursor

CASES: dict[str, list[tuple[str, str]]] = {
    "python": [
        ("class A:\n    def f(self):\n        x = <|cursor|>1\n", "class A > method f"),
        ("class A:\n    def f(self):\n        x = 1\n        <|cursor|>\n", "class A > method f"),
        ("class A:\n    def f(self):\n        x = 1\n    <|cursor|>\n", "class A"),
        ("class A:\n    def f(self):\n        x = 1\n<|cursor|>\n", ""),
        ("class A:\n    def f(self):\n        <|cursor|>\n", "class A > method f"),
        (
            "class A:\n    def f(self):\n\n        <|cursor|>\n    def g(): ...\n",
            "class A > method f",
        ),
        ("class A:\n    def f(self): ...\n\n    <|cursor|>\n    def g(): ...\n", "class A"),
        ("def f():\n    return {<|cursor|>\n", "function f"),
        ("def f():\n    x = [1,\n    <|cursor|>\n", "function f"),
        ("@d\ndef f(a):\n    return 1<|cursor|>", "function f"),
        ("<|cursor|>class A: pass\n", ""),
    ],
    "typescript": [
        ("class A {\n  f() {\n    x<|cursor|>\n  }\n}\n", "class A > method f"),
        ("class A {\n  f() {\n    <|cursor|>\n", "class A > method f"),
        ("class A {\n  f() {\n  }\n  <|cursor|>\n}\n", "class A"),
        ("const f = (a) => {\n  <|cursor|>\n};\n", "function f"),
        ("foo(() => {\n  <|cursor|>\n});\n", "function "),
        ("function f(a) { }<|cursor|>\n", ""),
        ("function f(a) {<|cursor|>", "function f"),
        ("namespace N { interface I { <|cursor|> } }\n", "namespace N > interface I"),
    ],
    "tsx": [("const A = () => <b><|cursor|></b>;\n", "function A")],
    "javascript": [("const o = { m: function() { <|cursor|> } };\n", "function m")],
    "go": [
        ("package a\nfunc (r *R) M() {\n\t<|cursor|>\n}\n", "method M"),
        (
            "package a\nfunc F() {\n\tgo func() {\n\t\t<|cursor|>\n\t}()\n}\n",
            "function F > function ",
        ),
        ("package a\ntype T struct {\n\t<|cursor|>\n}\n", "struct T"),
    ],
    "rust": [
        (
            "mod n {\n    fn f() {\n        if a {\n            b();\n            <|cursor|>",
            "namespace n > function f",
        ),
        (
            "impl T for S {\n    fn f(&self) {\n        <|cursor|>\n    }\n}\n",
            "implementation S > method f",
        ),
        ("mod n {\n    struct A { <|cursor|> }\n}\n", "namespace n > struct A"),
    ],
    "java": [
        ("class A {\n  void m() {\n    <|cursor|>\n  }\n}\n", "class A > method m"),
        ("class A {\n  void m() {\n    <|cursor|>\n", "class A > method m"),
    ],
    "c": [
        ("int f(int a) {\n  if (a) {\n    b();\n    <|cursor|>", "function f"),
        ("static int *f(int a) {\n  <|cursor|>\n}\n", "function f"),
        ("struct S {\n  <|cursor|>\n};\n", "struct S"),
        ("int f(void);\n<|cursor|>\n", ""),
    ],
    "cpp": [
        (
            "namespace N {\n  void f() {\n    if (a) {\n      b();\n      <|cursor|>",
            "namespace N > function f",
        ),
        (
            "namespace N {\nclass A {\n  void m() {\n    <|cursor|>\n  }\n};\n}\n",
            "namespace N > class A > method m",
        ),
        ("void A::m() {\n  auto l = [&]() { <|cursor|> };\n}\n", "function A::m > function "),
    ],
    "csharp": [
        (
            "namespace N {\n  class C {\n    void M() {\n      <|cursor|>\n    }\n  }\n}\n",
            "namespace N > class C > method M",
        ),
        ("class C {\n  public int P { get { <|cursor|> } }\n}\n", "class C > field P"),
    ],
    "ruby": [
        (
            "module M\n  class A\n    def f\n      <|cursor|>\n    end\n  end\nend\n",
            "namespace M > class A > method f",
        ),
        ("class A\n  def f(a)\n    <|cursor|>\nend\n", "class A > method f"),
        ("def f(a)\n  <|cursor|>\n", "function f"),
    ],
    "php": [
        ("<?php\nclass A {\n  function m() {\n    <|cursor|>\n  }\n}\n", "class A > method m"),
        ("<?php\n$f = function() {\n  <|cursor|>\n};\n", "function "),
    ],
    "bash": [
        ("f() {\n  <|cursor|>\n}\n", "function f"),
        ("function g {\n  if a; then\n    <|cursor|>\n  fi\n}\n", "function g"),
    ],
    "lua": [
        ("local q = function()\n  x()\n  <|cursor|>\nend\n", "function q"),
        ("function M.f()\n  <|cursor|>\nend\n", "function M.f"),
        ("local q = function()\n  <|cursor|>\nend\n", "function q"),
        ("function f()\n  if a then\n    <|cursor|>\nend\n", "function f"),
    ],
    "kotlin": [("class A {\n  fun m() {\n    <|cursor|>\n  }\n}\n", "class A > method m")],
    "scala": [
        ("class A {\n  def m() = {\n    <|cursor|>\n  }\n}\n", "class A > method m"),
        ("class Q:\n  def z =\n    1\n    <|cursor|>\n", "class Q > method z"),
        ("class Q:\n  def z =\n    1\n  <|cursor|>\n", "class Q"),
    ],
    "html": [("<body>\n<p>\na<|cursor|>\n</p>\n</body>\n", "element body > element p")],
    "css": [("@media print {\n  .a {\n    <|cursor|>\n  }\n}\n", "rule print > rule .a")],
    "json": [('{"a": {"b": {<|cursor|>}}}\n', "key a > key b")],
    "yaml": [
        ("a:\n  b:\n    c: <|cursor|>1\n", "key a > key b > key c"),
        ("a:\n  b:\n    c: 1\n    <|cursor|>\n", "key a > key b"),
        ("a:\n  b:\n    c: 1\n  <|cursor|>\n", "key a"),
    ],
    "toml": [
        ("[t]\nk = 1\n<|cursor|>\n", "section t"),
        ("[t]\nk = 1\n[u]\nv = <|cursor|>2\n", "section u"),
    ],
    "markdown": [
        ("# A\n## B\ntext<|cursor|>\n", "section A > section B"),
        ("# A\ntext\n\n<|cursor|>", "section A"),
    ],
}


def check(language: str, source: str, expected: str):
    tree, cursor = parsed_at_cursor(language, source)
    found = " > ".join(f"{scope.kind} {scope.name}" for scope in enclosing_scopes(tree, cursor))

    assert expected == found


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        pytest.param(language, *case, id=f"{language}-{number}")
        for language, cases in CASES.items()
        for number, case in enumerate(cases)
    ],
)
def test_the_scopes(language: str, source: str, expected: str):
    check(language, source, expected)


def test_every_language_has_a_case():
    assert {row.name for row in languages()} == CASES.keys()


def test_a_scope_knows_its_places_and_its_header():
    tree, cursor = parsed_at_cursor(
        "python", "é = 1\n@d\ndef f(a, *, b):  # why\n    é<|cursor|>\n"
    )
    (scope,) = enclosing_scopes(tree, cursor)

    assert scope.range == Range(Position(2, 0), Position(3, 5))
    assert scope.body_range == Range(Position(3, 4), Position(3, 5))
    assert scope.header == "def f(a, *, b)"


def test_an_empty_document_has_no_scopes():
    assert enclosing_scopes(parsed("python", ""), Position(0, 0)) == ()
    assert enclosing_scopes(parsed("python", " \n\n"), Position(9, 9)) == ()
