"""Text that hands spell in videos, before cameras and in folders of frames."""

from contextlib import closing
from itertools import chain

from skl_signlang._language import translate
from skl_signlang._quiet import nothing_on_standard_error
from skl_signlang.cli._drawn_video import check_drawing, open_drawing
from skl_signlang.cli._interrupts import single_interrupt
from skl_signlang.cli._output import print_result
from skl_signlang.cli._predict import UNREADABLE
from skl_signlang.cli._video_model import open_predictor
from skl_signlang.cli._video_sources import read_frames
from skl_signlang.inference import LetterStream


def spell(
    source,
    *,
    model=None,
    saved_model=None,
    words=None,
    fps=None,
    draw=None,
    overwrite=False,
    **options,
):
    """Print the text that a hand spells, as it settles."""
    check_drawing(draw, overwrite)
    unreadable = []
    with closing(read_frames(source, fps, unreadable.append)) as frames:
        # before the model is loaded, for an early error
        first = next(frames, None)
        if first is None:
            raise ValueError(
                translate("{source} has no images that can be read.", source=source)
            )
        predictor = open_predictor(model, saved_model)
        stream = LetterStream(predictor, words=words, **options)
        with single_interrupt("the text") as interrupts, open_drawing(draw) as drawing:
            stopped_by = _spell(chain([first], frames), stream, drawing, interrupts)
    interrupts.raise_deferred()
    if stopped_by is not None:
        raise stopped_by
    return UNREADABLE if unreadable else 0


def _spell(frames, stream, drawing, interrupts):
    """Print the text of frames; return the interruption if there was one."""
    printer, stopped_by = _Printer(stream), None
    try:
        for time, pixels in frames:
            printer.time = time
            with nothing_on_standard_error():  # LiteRT prints a banner
                stream.push(pixels, time)
            printer.show()
            drawing.add(time, pixels, getattr(stream.predictor, "hand", None), stream)
    except KeyboardInterrupt as interrupt:
        # a camera has no other end
        stopped_by = interrupt
    finally:
        interrupts.defer()
        stream.finish()
        printer.show_last()
    return stopped_by


class _Printer:
    """What settles, printed once: characters, or lines of JSON."""

    def __init__(self, stream):
        self.time = 0.0
        self._stream, self._shown, self._letters = stream, "", []

    def show(self):
        """Print what has settled since the last call."""
        self._letters += self._stream.newly_settled
        if self._stream.settled.rstrip() != self._shown:
            self._print(end="")

    def show_last(self):
        """Print the rest, and end the line."""
        self._letters += self._stream.newly_settled
        self._print(end="\n")

    def _print(self, end):
        text = self._stream.settled.rstrip()
        piece = text.removeprefix(self._shown)
        if not text.startswith(self._shown):
            piece = f"\n{text}"  # a letter was deleted
        print_result(
            piece,
            end=end,
            time=self.time,
            text=text,
            letters=[letter._asdict() for letter in self._letters],
            candidates=dict(self._stream.candidates),
        )
        self._shown, self._letters = text, []
