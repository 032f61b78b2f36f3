import pytest

from skl_signlang.inference import Letter, LetterFrame, LetterStream
from skl_signlang.inference._lexicon import Lexicon, open_words

WORDS = ["THE", "MAN", "HELLO", "HELP", "NAME", "BOOK", "CAT", "CAR", "LOOK"]


def letters(text, unsure=()):
    """Letters of which some are confused: (position, the other letter, probability)."""
    found = []
    for i, letter in enumerate(text):
        others = {other: p for at, other, p in unsure if at == i}
        row = {letter: 0.98 - sum(others.values()), **others}
        best = max(row, key=row.get)
        found.append(Letter(best, row[best], i, i + 0.5, row))
    return found


def best(text, words=WORDS, unsure=()):
    return Lexicon(words).decode(letters(text, unsure))[0][0]


def test_a_confused_letter_is_corrected():
    assert best("HELLO", unsure=[(4, "S", 0.6)]) == "HELLO"
    assert best("NAN", unsure=[(0, "M", 0.4)]) == "MAN"


def test_missed_doubled_and_added_letters_are_corrected():
    assert best("HELO") == "HELLO"
    assert best("BOK") == "BOOK"
    assert best("NAKME", unsure=[(2, "X", 0.5)]) == "NAME"


def test_certain_words_that_are_not_in_the_lexicon_remain():
    for word in ("MARTHA", "ZOE", "KRYPTON", "JASON"):
        assert best(word) == word


def test_the_more_frequent_word_wins_where_letters_leave_it_open():
    unsure = [(2, "R", 0.49)]
    assert best("CAT", ["CAT", "CAR"], unsure) == "CAT"
    assert best("CAT", ["CAR", "CAT"], unsure) == "CAR"


def test_candidates_have_probabilities():
    found = Lexicon(WORDS).decode(letters("HELO"))
    assert [p for _, p in found] == sorted([p for _, p in found], reverse=True)
    assert 0.5 < sum(p for _, p in found) <= 1 + 1e-9
    assert {"HELLO", "HELO"} <= {word for word, _ in found}


def test_words_are_completed():
    found = [word for word, _ in Lexicon(WORDS).complete(letters("HE"))]
    assert {"HELLO", "HELP"} <= {*found}
    assert found.index("HELLO") < found.index("HELP")


def test_words_of_a_stream_are_corrected_at_the_pause():
    stream = LetterStream(words=WORDS)
    text = "HELO"
    for i, letter in enumerate("".join(12 * letter for letter in text) + 30 * "."):
        shown = LetterFrame({"A" if letter == "." else letter: 1.0}, letter != ".")
        stream.push(shown, i / 15)
        if i == 40:
            assert stream.settled == ""
            assert "HELLO" in dict(stream.candidates)
    assert stream.text == stream.settled == "HELLO "
    assert stream.candidates[0][0] == "HELLO"
    assert stream.finish() == "HELLO"


def test_lists_and_files_hold_the_same_words(tmp_path):
    path = tmp_path / "words.txt"
    path.write_text("the\n\nMan\ncat\n", "utf-8")
    assert open_words(path) == open_words(str(path)) == ["the", "Man", "cat"]
    assert best("THE", open_words(path)) == "THE"


def test_what_are_no_words(tmp_path):
    latin = tmp_path / "latin.txt"
    latin.write_bytes("señor".encode("latin-1"))
    for words, error, reason in (
        ([], ValueError, "one or more words"),
        (["A1"], ValueError, r"A to Z; got \['A1'\]"),
        (["A" * 41], ValueError, "1 to 40 letters"),
        ([3], ValueError, r"got \[3\]"),
        (3, TypeError, "words must be a list of words"),
        (tmp_path / "none.txt", FileNotFoundError, "a word in each line"),
        (latin, ValueError, "not a text file in UTF-8"),
    ):
        with pytest.raises(error, match=reason):
            LetterStream(words=words)


def test_a_language_needs_wordfreq():
    try:
        import wordfreq  # noqa: F401
    except ImportError:
        with pytest.raises(ImportError, match=r"skl_signlang\[words\]"):
            LetterStream(words="en")
    else:
        assert "the" in open_words("en")[:5]
        with pytest.raises(ValueError, match="no words of the language 'xx'"):
            LetterStream(words="xx")
