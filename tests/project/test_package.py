import os
import pkgutil
import platform
import subprocess
import sys

import pytest

import skl_signlang

SETTINGS = "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "TF_ENABLE_ONEDNN_OPTS"


def test_every_sub_package_is_reached_by_its_name():
    found = {
        module.name
        for module in pkgutil.iter_modules(skl_signlang.__path__)
        if module.ispkg
        and not module.name.startswith("_")
        and module.name not in ("cli", "training")  # nothing public
    }
    assert len(found) > 5
    assert found <= set(skl_signlang.__all__)
    for name in found:
        assert getattr(skl_signlang, name).__name__ == f"skl_signlang.{name}"


def settings_after_import(**environment):
    """Give what TensorFlow would read in a process that has imported the package."""
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    script = f"import os, skl_signlang; print([os.environ.get(n) for n in {SETTINGS}])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=clean | {"OMP_NUM_THREADS": "3"} | environment,
    )
    return done.stdout.strip()


def test_tensorflow_is_told_of_threads_and_of_onednn():
    onednn = "1" if platform.machine() in ("x86_64", "AMD64") else None
    assert settings_after_import() == str(["3", "3", onednn])


@pytest.mark.parametrize("name", SETTINGS)
def test_what_the_user_has_set_stays(name):
    found = settings_after_import(**{name: "0"})
    assert found.strip("[]").split(", ")[SETTINGS.index(name)] == "'0'"
