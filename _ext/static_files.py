"""The book's own files in the site's folder `_static`, for the pages that load them."""

from pathlib import Path
import shutil


def static_folder(app):
    """Return the folder `_static` of the site that is built; it is made if it is not there."""
    folder = Path(app.outdir, "_static")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def provide(app, *paths):
    """Let every build of a site copy these files into its `_static`."""

    def copy(app):
        if app.builder.format == "html":
            for path in paths:
                shutil.copy(path, static_folder(app))

    app.connect("builder-inited", copy)


def script_tag(context, name, attributes="defer "):
    """Return the HTML by which a page, whose context is given, loads a script of `_static`."""
    source = context["pathto"](f"_static/{name}", resource=True)
    return f'<script {attributes}src="{source}"></script>'
