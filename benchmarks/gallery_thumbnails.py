"""Write the thumbnails of the examples, which the site shows without running them.

Build the site with all examples first, which leaves their images in
``docs/auto_gallery/images`` (docs/contributing.md says how), then

``python -m benchmarks.gallery_thumbnails [--images FOLDER]``
"""

import argparse
from pathlib import Path

from PIL import Image, ImageOps

from benchmarks.display_gallery import OUT

BUILT = OUT.parent / "auto_gallery" / "images"
SIZE = (400, 280)


def thumbnail(path):
    """Scale an image, or the last frame of a film, into a white one of one size."""
    image = Image.open(path)
    image.seek(getattr(image, "n_frames", 1) - 1)
    small = ImageOps.contain(image.convert("RGB"), SIZE, Image.Resampling.LANCZOS)
    return ImageOps.pad(small, SIZE, color="white").quantize(64)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, default=BUILT)
    options = parser.parse_args(argv)
    folder = OUT / "thumbnails"
    folder.mkdir(exist_ok=True)
    for path in sorted(options.images.glob("sphx_glr_plot_*_001.*")):
        number = path.stem.split("_")[3]
        thumbnail(path).save(folder / f"example_{number}.png", optimize=True)
        print(folder / f"example_{number}.png")


if __name__ == "__main__":
    main()
