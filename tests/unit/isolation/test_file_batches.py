from __future__ import annotations

from pathlib import Path

import pytest

from pluginary_tui.isolation.file_batches import Answer, File, FileBatches
from pluginary_tui.isolation.job_queue import work
from pluginary_tui.isolation.pool import Pool
from pluginary_tui.model import Outcome

ENTRY = "tests.support.file_jobs:run"


def read(
    folder: Path, texts: list[str], *, stop: bool = False, timeout_s: float = 30
) -> tuple[FileBatches, list[Answer]]:
    answers: list[Answer] = []
    files = []
    for number, text in enumerate(texts):
        path = folder / f"{number}"
        path.write_text(text)
        files.append(File(str(path), 1000 - number))
    batches = FileBatches(files, ENTRY, answers.extend, what="files", timeout_s=timeout_s, memory_limit_mb=0)
    if stop:
        batches.stop()
    work(Pool(2), batches)
    return batches, sorted(answers, key=lambda answer: int(Path(answer.path).name))


@pytest.mark.parametrize(
    ("text", "outcome", "word"),
    [
        ("crash", Outcome.CRASHED, "SIGSEGV"),
        ("hang", Outcome.TIMEOUT, "1"),
        ("leave", Outcome.FAILED, "no answer"),
        ("raise", Outcome.FAILED, "no such thing"),
    ],
)
def test_a_file_that_ends_its_process_costs_itself(tmp_path: Path, text: str, outcome: Outcome, word: str) -> None:
    texts = ["a", "b", text, "c", "d", text, "e"]
    batches, answers = read(tmp_path, texts, timeout_s=1 if text == "hang" else 30)
    assert [answer.outcome for answer in answers] == [outcome if each == text else Outcome.OK for each in texts]
    assert [answer.message.get("text") for answer in answers if answer.outcome is Outcome.OK] == list("abcde")
    assert all(word in answer.error for answer in answers if answer.outcome.bad)
    assert not batches.stopped


def test_an_answer_about_another_file_is_not_believed(tmp_path: Path) -> None:
    _, answers = read(tmp_path, ["a", "lie", "b"])
    assert [answer.outcome for answer in answers] == [Outcome.OK, Outcome.FAILED, Outcome.OK]


def test_many_files_are_each_answered_once(tmp_path: Path) -> None:
    _, answers = read(tmp_path, [str(number) for number in range(300)])
    assert [answer.message["text"] for answer in answers] == [str(number) for number in range(300)]


def test_stopping_leaves_the_rest(tmp_path: Path) -> None:
    batches, answers = read(tmp_path, ["a", "b"], stop=True)
    assert batches.stopped
    assert not answers
