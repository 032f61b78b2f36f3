import pkgutil

import skl_signlang


def test_every_sub_package_is_reached_by_its_name():
    found = {
        module.name
        for module in pkgutil.iter_modules(skl_signlang.__path__)
        if module.ispkg and not module.name.startswith("_")
    }
    assert len(found) > 5
    assert found <= set(skl_signlang.__all__)
    for name in found:
        assert getattr(skl_signlang, name).__name__ == f"skl_signlang.{name}"
