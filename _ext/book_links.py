"""How `make links-external` follows the links to other hosts, with Sphinx' own link check."""

DOI = "https://doi.org/"


def setup(app):
    """Ask for a DOI itself, not for the page of a publisher, which may turn programs away."""
    app.connect("linkcheck-process-uri", lambda app, uri: registered(uri))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def registered(uri):
    """Return where doi.org says whether a DOI is registered; None for any other address."""
    return f"{DOI}api/handles/{uri.removeprefix(DOI)}" if uri.startswith(DOI) else None
