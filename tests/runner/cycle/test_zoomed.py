from __future__ import annotations

import base64

from nbformat.v4 import new_code_cell, new_notebook, new_output

from lib.contract.price_block import BLOCK_TYPE, PriceBlock
from runner.cycle.reports import title_and_body
from runner.cycle.zoomed import has_chart

PICTURES = [base64.b64encode(bytes([137, 80, 78, 71, place] * 40)).decode() for place in range(3)]
BLOCK = PriceBlock(start=0, first=0, last=60).model_dump()


def shown(picture: str, kept: object = None):
    data = {"image/png": f"{picture}\n"} | ({} if kept is None else {BLOCK_TYPE: kept})
    return new_output("display_data", data=data, metadata={"image/png": {"alt": "Price > 1"}})


def body_of(*outputs) -> str:
    return title_and_body(new_notebook(cells=[new_code_cell("x", outputs=list(outputs))]), "title")[1]


def test_a_block_stands_with_its_own_picture():
    body = body_of(shown(PICTURES[0]), shown(PICTURES[1], BLOCK), shown(PICTURES[2]))
    assert body.count("<img") == 3 and body.count('<div class="zoomable">') == 1 and has_chart(body)
    inside = body.split('<div class="zoomable">')[1].split("</script></div>")[0]
    assert PICTURES[1] in inside and PICTURES[0] not in inside and PICTURES[2] not in inside


def test_what_is_no_block_leaves_the_picture_alone():
    body = body_of(shown(PICTURES[0], {"start": "</script>"}))
    assert PICTURES[0] in body and not has_chart(body)


def test_what_a_notebook_says_is_no_block():
    attack = '<script type="application/json">{"start": 0}</script>'
    output = new_output("display_data", data={"text/html": f'<div class="zoomable">{attack}</div>'})
    assert not has_chart(body_of(output))
