"""REST API and web page for a saved model.

It needs the extra ``serve``: ``pip install "skl_signlang[serve]"``.

Functions
---------
create_app
    Build the web application that ``skl-signlang serve`` runs.
"""

from skl_signlang.serving._app import create_app

__all__ = ["create_app"]
