"""Options of ``skl-signlang predict``."""

from skl_signlang.cli.options._shared_options import add_command, add_model_file


def add_predict(commands):
    parser = add_command(
        commands,
        "predict",
        "predict the letters in images",
        "Prints the name, the letter and the probability of each image, and with "
        "--json a line of JSON for each. Images that "
        "are not square are cropped around the center, except by the pretrained "
        "classifier. FILE may also be an exported ONNX or LiteRT file. The exit "
        "status is 1 if an image could not be read.",
    )
    parser.add_argument(
        "images",
        nargs="+",
        metavar="IMAGE",
        help="an image file, a folder of images, a pattern such as photos/*.jpg, - for "
        "one image on standard input, or with --allow-url a URL",
    )
    parser.add_argument(
        "--allow-url",
        action="store_true",
        help="download images whose URLs are given; default: URLs are an error",
    )
    add_model_file(parser)
