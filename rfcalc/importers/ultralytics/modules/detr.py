"""RT-DETR's decoder: queries that are chosen among all positions look at all maps, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.importers.ultralytics.registry import OneOrMore, WrongArgument, module
from rfcalc.importers.ultralytics.scope import RowScope
from rfcalc.ops.attributes import PerAxis


def _mlp(at: RowScope, x: int, inner: int, out: int, layers: int) -> int:
    for number in range(layers):
        last = number == layers - 1
        x = at.linear(f"layers.{number}", x, out if last else inner)
        x = x if last else at.part("act", "ReLU").add("relu", x)
    return x


def _chosen(at: RowScope, kind: str, queries: int, *operands: int, channels: int) -> int:
    """What is looked up where the input says: anything may be seen, and nothing is multiplied."""
    return at.add(
        "opaque",
        *operands,
        type=kind,
        size=PerAxis((queries, channels)),
        params=0,
        macs=0,
        reads="all",
    )


@module("RTDETRDecoder", width="kept", several=True, original=False)
def rtdetr_decoder(
    at: RowScope,
    maps: Sequence[int],
    nc: OneOrMore = 80,
    hd: OneOrMore = 256,
    nq: OneOrMore = 300,
    ndp: OneOrMore = 4,
    nh: OneOrMore = 8,
    ndl: OneOrMore = 6,
    d_ffn: OneOrMore = 1024,
) -> tuple[int, ...]:
    """RT-DETR's decoder: queries that are chosen among all positions look at all maps."""
    projected = []
    for place, x in enumerate(maps):
        y = at.plain(f"input_proj.{place}.0", x, hd, bias=False)
        projected.append(at.tokens(at.part(f"input_proj.{place}.1", "BatchNorm2d").add("bn", y)))
    memory = at.add("concat", *projected, axis=0) if len(projected) > 1 else projected[0]
    positions = at.axes(memory)[0]
    if positions < nq:
        raise WrongArgument(
            f"{nq} queries are chosen among the positions of all maps, of which there are {positions}"
        )
    features = at.part("enc_output.1", "LayerNorm").add("ln", at.linear("enc_output.0", memory, hd))
    scores = at.linear("enc_score_head", features, nc)
    at.idle("denoising_class_embed", "Embedding", nc * hd)
    query = _chosen(at, "TopK", nq, features, scores, channels=hd)
    anchors = at.add("learned", size=PerAxis((positions, 4)), learned=False)
    near = _chosen(at, "Gather", nq, anchors, scores, channels=4)
    box = at.add("add", _mlp(at.part("enc_bbox_head", "MLP"), query, hd, 4, 3), near)
    box = at.add("sigmoid", box)
    for number in range(ndl):
        place = _mlp(at.part("query_pos_head", "MLP"), box, 2 * hd, hd, 2)
        layer = at.part(f"decoder.layers.{number}", "DeformableTransformerDecoderLayer")
        query = _decoded(layer, query, place, box, memory, (nh, len(maps) * ndp, d_ffn))
        y = _mlp(at.part(f"dec_bbox_head.{number}", "MLP"), query, hd, 4, 3)
        before = at.add("function", box, of="log")
        box = at.add("sigmoid", at.add("add", y, before))
    for number in range(ndl - 1):
        at.idle(f"dec_score_head.{number}", "Linear", (hd + 1) * nc)
    classes = at.add("sigmoid", at.linear(f"dec_score_head.{ndl - 1}", query, nc))
    return (_chosen(at, "TopK", nq, at.concat(box, classes), channels=6),)


def _decoded(at: RowScope, query: int, place: int, box: int, memory: int, sizes: tuple[int, int, int]) -> int:
    """One layer: queries look at each other, then at some points of the maps, near their boxes."""
    heads, points, d_ffn = sizes
    hd = at.channels(query)
    q = at.add("add", query, place)
    y = at.part("self_attn", "MultiheadAttention").add("attention", q, q, query, heads=heads)
    query = at.part("norm1", "LayerNorm").add("ln", at.add("add", query, y))
    cross = at.part("cross_attn", "MSDeformAttn")
    q = at.add("add", query, place)
    values = cross.linear("value_proj", memory, hd)
    offsets = cross.linear("sampling_offsets", q, heads * points * 2)
    weights = cross.linear("attention_weights", q, heads * points)
    number = at.axes(query)[0]
    weights = cross.add("reshape", weights, to=PerAxis((number, heads, points)))
    weights = cross.add("softmax", weights)
    y = _chosen(cross, "GridSample", number, values, offsets, box, weights, channels=hd)
    y = cross.linear("output_proj", y, hd)
    query = at.part("norm2", "LayerNorm").add("ln", at.add("add", query, y))
    y = at.part("act", "ReLU").add("relu", at.linear("linear1", query, d_ffn))
    y = at.linear("linear2", y, hd)
    return at.part("norm3", "LayerNorm").add("ln", at.add("add", query, y))
