"""Options of ``skl-signlang completion``."""

from skl_signlang.cli.options._shared_options import add_command


def add_completion(commands):
    parser = add_command(
        commands,
        "completion",
        "print the completion of a shell",
        'For bash: eval "$(skl-signlang completion bash)", there or in ~/.bashrc; for '
        "zsh, write it to _skl-signlang in a folder of fpath.",
        reports=False,
    )
    parser.add_argument(
        "shell", choices=("bash", "zsh", "tcsh"), help="the shell that completes"
    )
