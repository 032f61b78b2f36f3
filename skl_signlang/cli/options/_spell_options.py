"""Options of ``skl-signlang spell``."""

import argparse

from skl_signlang.cli.options._integer import bounded_integer
from skl_signlang.cli.options._shared_options import (
    add_command,
    add_model_file,
    add_overwrite,
    add_words,
)


def add_spell(commands):
    parser = add_command(
        commands,
        "spell",
        "convert a video, or what a camera shows, to text",
        "Follows one hand, and prints letters once they settle; J and Z are recognized "
        "by their movement. With --json each line has the text so far, and the new "
        "letters with times in seconds and probabilities. It ends with the video, or "
        "with Ctrl-C. The exit status is 1 if an image of a folder could not be read.",
    )
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a video file (MP4, MOV, Matroska, WebM, AVI or Ogg), the number of a "
        "camera, 0 for the first, or a folder of images, which are sorted by the "
        "numbers in their names",
    )
    parser.add_argument(
        "--fps",
        type=bounded_integer(1, 240),
        metavar="N",
        help="images of a folder that make a second; default: 15",
    )
    add_words(parser)
    parser.add_argument(
        "--rejection-threshold",
        type=float,
        default=argparse.SUPPRESS,  # the default is that of LetterStream
        metavar="P",
        help="letters are not written below this probability; default: 0.3",
    )
    parser.add_argument(
        "--draw",
        metavar="FILE",
        help="write a video, .mp4, with the joints of the hand and the text",
    )
    add_overwrite(parser)
    add_model_file(
        parser,
        "letters-landmarks, with MediaPipe's landmark model if that is downloaded and "
        "LiteRT is installed, else with the package's own",
    )
