"""Transformers of images: rows, grey images or images with channels.

All of them are stateless: they may be used without `fit`, which only remembers what
images, and what weights, are expected. Their parameter ``image_shape`` says how rows
of pixels are to be read; None takes them for squares, grey or RGB.

Classes
-------
BackboneFeatures
    Describes images by the features of a network that others trained.
ColorConverter
    Turns images grey, or gives grey ones three channels.
HandLandmarks
    Describes images of hands by the joints that a landmark model finds.
HOGTransformer
    Describes images by histograms of oriented gradients.
ImageDecoder
    Turns paths, bytes, base64 text and Pillow images into images.
ImageReshaper
    Gives rows of pixels the form of images, and back.
ImageResizer
    Brings images to another height and width.
ImageScaler
    Maps pixel values from one range to another, and back.
"""

from skl_signlang.preprocessing._backbone_features import BackboneFeatures
from skl_signlang.preprocessing._color_converter import ColorConverter
from skl_signlang.preprocessing._hand_landmarks import HandLandmarks
from skl_signlang.preprocessing._hog_transformer import HOGTransformer
from skl_signlang.preprocessing._image_decoder import ImageDecoder
from skl_signlang.preprocessing._image_reshaper import ImageReshaper
from skl_signlang.preprocessing._image_resizer import ImageResizer
from skl_signlang.preprocessing._image_scaler import ImageScaler

__all__ = [
    "BackboneFeatures",
    "ColorConverter",
    "HOGTransformer",
    "HandLandmarks",
    "ImageDecoder",
    "ImageReshaper",
    "ImageResizer",
    "ImageScaler",
]
