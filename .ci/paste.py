"""The code blocks of pages as what is pasted into a shell; see ``.ci/paste``.

Python blocks of a page build on each other: each is pasted after those before it. What
would not end, or takes a quarter of an hour and is run elsewhere, is shortened.
"""

import re
import sys
from pathlib import Path

# (what stands on the page, what is pasted)
CHANGES = (
    ("-m pytest -n auto --dist loadfile", "-m pytest tests/test_letters.py"),
    (
        "skl-signlang serve",
        "timeout --preserve-status --signal INT 60 skl-signlang serve",
    ),
)
# what the page assumes: a folder with a folder of photographs for each letter
MYFOLDER = """
from pathlib import Path
from PIL import Image
from skl_signlang.datasets import make_fingerspelling
hands = make_fingerspelling(48, letters="ABC", image_size=96, random_state=1)
for number, (image, letter) in enumerate(zip(hands.images, hands.target)):
    Path("MYFOLDER", letter).mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(f"MYFOLDER/{letter}/{number}.jpg")
"""


def blocks(page):
    """Yield the language and the text of the code blocks of a page."""
    pattern = r"^```(sh|python)\n(.*?)^```$"
    yield from re.findall(pattern, page.read_text(), re.DOTALL | re.MULTILINE)


def main(pages):
    """Print what is pasted."""
    for page in map(Path, pages):
        before = ""
        for language, code in blocks(page):
            print(f"echo '--- {page}: {language}'")
            if language == "python":
                # as in one interpreter that stays open
                print(f"python - <<'END'\n{before}{code}END")
                before += re.sub(r"^print\(.*\n", "", code, flags=re.MULTILINE)
                continue
            for old, new in CHANGES:
                code = code.replace(old, new)
            if "MYFOLDER" in code:
                print(f"python - <<'END'\n{MYFOLDER}END")
            for line in code.splitlines():
                # bash -e overlooks what fails before &&
                print(f"{line}\ntest $? = 0")


if __name__ == "__main__":
    main(sys.argv[1:])
