"""Transformers of images: rows of pixels, gray images or images with channels.

All of them are stateless: `fit` only stores the expected shape of images and the
weights. The parameter ``image_shape`` gives the shape of images that are passed as
rows; None infers a square, gray or RGB.

Classes
-------
BackboneFeatures
    Extract features with a pretrained network.
ColorConverter
    Convert images to gray or RGB.
HandCropper
    Crop hands, upright and as right hands.
HandFinder
    Find all hands in images.
HandLandmarks
    Extract hand landmarks with MediaPipe's model.
HandTracker
    Follow one hand through the frames of a video.
HOGTransformer
    Compute histograms of oriented gradients.
ImageDecoder
    Decode paths, bytes, base64 strings and Pillow images.
ImageReshaper
    Reshape rows of pixels to images, and back.
ImageResizer
    Resize images.
ImageScaler
    Map pixel values from one range to another, and back.

Functions
---------
draw_hands
    Draw hands on an image.
"""

from skl_signlang.preprocessing._backbone_features import BackboneFeatures
from skl_signlang.preprocessing._color_converter import LUMA as LUMA
from skl_signlang.preprocessing._color_converter import ColorConverter
from skl_signlang.preprocessing._hand_cropper import HandCropper
from skl_signlang.preprocessing._hand_finder import HandFinder, draw_hands
from skl_signlang.preprocessing._hand_geometry import (
    describe_hands as describe_hands,
)
from skl_signlang.preprocessing._hand_landmarks import HandLandmarks
from skl_signlang.preprocessing._hand_model_files import has_models as has_models
from skl_signlang.preprocessing._hand_tracker import HandTracker
from skl_signlang.preprocessing._hand_transformer import (
    HandTransformer as HandTransformer,
)
from skl_signlang.preprocessing._hog_transformer import HOGTransformer
from skl_signlang.preprocessing._image_decoder import ImageDecoder
from skl_signlang.preprocessing._image_reshaper import ImageReshaper
from skl_signlang.preprocessing._image_resizer import ImageResizer
from skl_signlang.preprocessing._image_scaler import ImageScaler
from skl_signlang.preprocessing._image_transformer import (
    StatelessTransformer as StatelessTransformer,
)

# names without an entry here are for the other packages, not for users
__all__ = [
    "BackboneFeatures",
    "ColorConverter",
    "HOGTransformer",
    "HandCropper",
    "HandFinder",
    "HandLandmarks",
    "HandTracker",
    "ImageDecoder",
    "ImageReshaper",
    "ImageResizer",
    "ImageScaler",
    "draw_hands",
]
