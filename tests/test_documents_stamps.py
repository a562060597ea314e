"""A file that is as it was when it was read last is not read again."""

import os
import time

import pytest

from rag.documents import count_documents, read_documents
from rag.documents.stamps import reader_version, stamp_of

TEXT = "The ferry sails at noon. It carries forty cars.\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "ferry.txt"
    path.write_text(TEXT)
    return path


def test_a_stamp_stays_while_the_file_does(file):
    assert stamp_of(file) == stamp_of(file)
    assert len(stamp_of(file)) == 16


def rewritten(file):
    file.write_text(TEXT.replace("noon", "dawn"))


def rewritten_with_its_old_date(file):
    before = file.stat()
    rewritten(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(file):
    other = file.with_name("other")
    rewritten(other)
    other.replace(file)


@pytest.mark.parametrize("change", [rewritten, rewritten_with_its_old_date, replaced])
def test_a_stamp_changes_with_the_file_even_at_the_same_size(file, change):
    before = stamp_of(file)
    change(file)
    assert stamp_of(file) != before


def test_the_same_text_elsewhere_has_another_stamp(file):
    (file.parent / "copy").mkdir()
    assert stamp_of(file) != stamp_of(file.rename(file.parent / "copy" / file.name))


def test_a_file_of_the_future_or_none_at_all_has_no_stamp(file):
    os.utime(file, (time.time() + 3600,) * 2)
    assert stamp_of(file) is None
    assert stamp_of(file.with_name("nothing.txt")) is None


def test_a_path_of_any_bytes_has_a_stamp(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.txt")
    path.write_text(TEXT)
    assert stamp_of(path)


def test_the_readers_version_is_a_digest():
    assert len(reader_version()) == 64


def test_a_known_file_is_named_and_not_read(file):
    (first,) = read_documents([file])
    (known,) = read_documents([file], known={first.stamp: "ferry"}.get)
    assert (known.documents, known.unchanged, known.problem) == ((), "ferry", None)


def test_the_id_of_a_known_file_is_taken(tmp_path, file):
    (first,) = read_documents([file])
    (tmp_path / "records.jsonl").write_text('{"id": "ferry", "text": "Another text."}\n')
    _, second = read_documents([tmp_path], known={first.stamp: "ferry"}.get)
    assert "taken" in second.problem


def test_files_and_records_are_counted_without_being_read(tmp_path, file):
    (tmp_path / "records.jsonl").write_bytes(b"not even JSON\n" * 3)
    (tmp_path / "picture.png").write_bytes(b"x")
    assert count_documents([tmp_path]) == 4


def test_a_last_line_without_an_end_is_counted(tmp_path):
    (tmp_path / "records.jsonl").write_bytes(b"one\ntwo")
    assert count_documents([tmp_path]) == 2
