"""`/decision/ID`: why it decided that, as `ribbon why` tells it, read anew for each that asks."""

from __future__ import annotations

from urllib.parse import quote

from tornado.web import HTTPError

from lib.errors import MissingDataError, ParameterError
from runner.serve.view import Viewer


def decision_page(viewer: Viewer, decision_id: str) -> str:
    """The page of a decision. Raises HTTPError 404 with what is there instead."""
    # Drawing and analyses are imported for who asks: a server that nobody asks this stays small.
    from runner.why.page import why_page
    from runner.why.read import read_why

    try:
        found = read_why(viewer.folder, viewer.trade.rails, viewer.terms, decision_id)
        beside = {"previous decision": found.before, "next decision": found.after}
        links = {name: f"/decision/{quote(one, safe='')}" for name, one in beside.items() if one}
        return why_page(found, assets="/static/", links={"Now": "/", **viewer.links(), **links})
    except (ParameterError, MissingDataError) as error:
        raise HTTPError(404, "%s", f"There is no such decision: {error}") from None
