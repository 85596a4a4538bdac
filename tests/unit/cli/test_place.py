"""FILE:LINE:COLUMN on the command line."""

import os
from pathlib import Path

import pytest

from fimble.text.position import Position
from fimble.text.snapshot import Snapshot
from fimble_cli.place import Place, parse_place, read_document
from fimble_cli.usage import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.py:1:1", Place(path=Path("a.py"), line=1, column=1)),
        (r"C:\src\a.py:12:5", Place(path=Path(r"C:\src\a.py"), line=12, column=5)),
        ("odd:name\n:3:4", Place(path=Path("odd:name\n"), line=3, column=4)),
    ],
)
def test_a_place_is_read(text, expected):
    assert parse_place(text) == expected


@pytest.mark.parametrize(
    "text", ["", "a.py", "a.py:1", "a.py:1:", ":1:1", "a.py:x:1", "a.py:-1:1", "a.py:١:1", "a:1:²"]
)
def test_what_names_no_place_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match=r"names no place in a file\. Write FILE:LINE:COLUMN"):
        parse_place(text)


@pytest.mark.parametrize("text", ["a.py:0:1", "a.py:1:0"])
def test_there_is_no_line_or_column_zero(text):
    with pytest.raises(UsageError, match="count from 1"):
        parse_place(text)


@pytest.mark.parametrize(
    ("line", "column", "position"), [(1, 1, (0, 0)), (1, 4, (0, 3)), (2, 3, (1, 2)), (3, 1, (2, 0))]
)
def test_columns_count_characters(line, column, position):
    snapshot = Snapshot.from_text("abc\r\n𝄞é\n")

    assert Place(path=Path("a"), line=line, column=column).cursor_in(snapshot) == Position(
        *position
    )


@pytest.mark.parametrize(
    ("line", "column", "message"),
    [
        (4, 1, "a has 3 lines; there is no line 4."),
        (1, 5, "line 1 of a has 3 characters; there is no column 5. The last column is 4"),
        (3, 2, "line 3 of a has 0 characters; there is no column 2."),
    ],
)
def test_a_place_outside_the_file_is_refused_with_its_size(line, column, message):
    snapshot = Snapshot.from_text("abc\r\n𝄞é\n")

    with pytest.raises(UsageError) as raised:
        Place(path=Path("a"), line=line, column=column).cursor_in(snapshot)

    assert str(raised.value).startswith(message)


@pytest.mark.parametrize(
    ("data", "text", "damaged"),
    [
        (b"", "", False),
        (b"\xef\xbb\xbfx = 1\r\n", "x = 1\r\n", False),
        (b"caf\xe9\n", "caf\ufffd\n", True),
        ("\ufffd".encode(), "\ufffd", False),
    ],
)
def test_a_file_is_read_as_editors_read_it(tmp_path, data, text, damaged):
    (tmp_path / "file").write_bytes(data)

    document = read_document(tmp_path / "file")

    assert (document.text, document.damaged) == (text, damaged)


def test_f18_a_missing_file_a_folder_and_a_binary_are_refused(tmp_path):
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0")
    for name, message in [
        ("none", "there is no file"),
        ("", "is a folder, not a file|is not a regular file|cannot be read"),
        ("binary", "is a binary file"),
        ("nul\0", "cannot be read"),
    ]:
        with pytest.raises(UsageError, match=message):
            read_document(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_f18_a_fifo_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo")

    with pytest.raises(UsageError, match="is not a regular file"):
        read_document(tmp_path / "fifo")
