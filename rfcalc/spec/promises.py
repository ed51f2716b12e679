"""What a description promises of its sizes, which is taken away where other sizes are asked for."""

from __future__ import annotations

from rfcalc.spec.syntax import Body, Item, Join, Line, Loop, NamedPart, Network, When


def without_promises(network: Network) -> Network:
    """The same layers without what is said of sizes: `-> 7x7x512`, `in=…` and the lines of `check:`."""
    return network._replace(
        layers=_body(network.layers),
        blocks=tuple([block._replace(body=_body(block.body)) for block in network.blocks]),
        checks=(),
    )


def _body(items: Body) -> Body:
    return tuple(map(_item, items))


def _item(item: Item) -> Item:
    if isinstance(item, Line):
        return item._replace(expects=None, promises=None) if item.expects or item.promises else item
    if isinstance(item, Loop):
        return _loop(item)
    if isinstance(item, NamedPart):
        return item._replace(body=_body(item.body))
    if isinstance(item, When):
        return item._replace(then=_body(item.then), otherwise=_body(item.otherwise))
    if isinstance(item, Join):
        branches = item.branches
        return item._replace(
            promises=None,
            branches=_loop(branches)
            if isinstance(branches, Loop)
            else tuple([branch._replace(body=_body(branch.body)) for branch in branches]),
        )
    return item


def _loop(loop: Loop) -> Loop:
    return loop._replace(body=_body(loop.body))
