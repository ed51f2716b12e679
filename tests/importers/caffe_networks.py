"""Networks of the time of Caffe as prototxt, written from the papers and the published architectures.

Nothing is copied: each is made by the few lines below it, in the first form of the format or the second.
"""

from __future__ import annotations

from rfcalc.importers.caffe.schema import V1_TYPES

_FIRST = {kind: word for word, kind in V1_TYPES.items()}


class Prototxt:
    """A file that is written layer by layer; each method returns the name of what it makes."""

    def __init__(self, name: str, *, first: bool = False) -> None:
        self.first = first
        self.lines = [f'name: "{name}"']

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    def input(self, *lengths: int, name: str = "data") -> str:
        if self.first:
            self.lines += [f'input: "{name}"', *[f"input_dim: {length}" for length in lengths]]
            return name
        dims = " ".join([f"dim: {length}" for length in lengths])
        self.lines += [
            f'layer {{ name: "{name}" type: "Input" top: "{name}"',
            f"  input_param {{ shape {{ {dims} }} }} }}",
        ]
        return name

    def layer(self, kind: str, name: str, bottoms: str | list[str], *text: str, top: str = "") -> str:
        below = [bottoms] if isinstance(bottoms, str) else bottoms
        head = "layers {" if self.first else "layer {"
        called = _FIRST[kind] if self.first else f'"{kind}"'
        tops = (top or name).split()
        self.lines += [
            head,
            f'  name: "{name}"',
            f"  type: {called}",
            *[f'  bottom: "{one}"' for one in below],
            *[f'  top: "{one}"' for one in tops],
            *[f"  {one}" for one in text],
            "}",
        ]
        return tops[0]

    def conv(
        self,
        name: str,
        x: str,
        d: int,
        f: int,
        s: int = 1,
        p: int = 0,
        *,
        group: int = 1,
        bias: bool = True,
        relu: bool = True,
        more: str = "",
        kind: str = "Convolution",
    ) -> str:
        text = [f"num_output: {d}", f"kernel_size: {f}"]
        text += [f"stride: {s}"] * (s != 1) + [f"pad: {p}"] * (p != 0) + [f"group: {group}"] * (group != 1)
        text += ["bias_term: false"] * (not bias) + [more] * bool(more)
        done = self.layer(kind, name, x, f"convolution_param {{ {' '.join(text)} }}")
        return self.relu(done) if relu else done

    def relu(self, x: str) -> str:
        path, slash, last = x.rpartition("/")
        return self.layer("ReLU", f"{path}{slash}relu_{last}", x, top=x)

    def pool(self, name: str, x: str, f: int, s: int = 1, p: int = 0, kind: str = "MAX") -> str:
        return self.layer(
            "Pooling", name, x, f"pooling_param {{ pool: {kind} kernel_size: {f} stride: {s} pad: {p} }}"
        )

    def global_pool(self, name: str, x: str) -> str:
        return self.layer("Pooling", name, x, "pooling_param { pool: AVE global_pooling: true }")

    def lrn(self, name: str, x: str, region: str = "") -> str:
        return self.layer("LRN", name, x, f"lrn_param {{ local_size: 5 alpha: 0.0001 beta: 0.75 {region} }}")

    def fc(self, name: str, x: str, d: int, *, relu: bool = False, dropout: bool = False) -> str:
        done = self.layer("InnerProduct", name, x, f"inner_product_param {{ num_output: {d} }}")
        if relu:
            self.relu(done)
        return self.dropout(done) if dropout else done

    def dropout(self, x: str) -> str:
        return self.layer("Dropout", f"drop_{x}", x, "dropout_param { dropout_ratio: 0.5 }", top=x)

    def concat(self, name: str, *several: str) -> str:
        return self.layer("Concat", name, list(several))

    def softmax(self, x: str) -> str:
        return self.layer("Softmax", "prob", x)

    def bn(self, x: str) -> str:
        self.layer("BatchNorm", f"{x}/bn", x, "batch_norm_param { use_global_stats: true }", top=x)
        return self.layer("Scale", f"{x}/scale", x, "scale_param { bias_term: true }", top=x)


def alexnet(*, pool_first: bool = False, first: bool = False) -> str:
    """Krizhevsky et al. 2012 in two groups; pool_first: as CaffeNet has it, pooling before normalising."""
    net = Prototxt("CaffeNet" if pool_first else "AlexNet", first=first)
    x = net.input(10, 3, 227, 227)
    for number, (d, f, s, p, group) in enumerate([(96, 11, 4, 0, 1), (256, 5, 1, 2, 2)], 1):
        x = net.conv(f"conv{number}", x, d, f, s, p, group=group)
        if pool_first:
            x = net.lrn(f"norm{number}", net.pool(f"pool{number}", x, 3, 2))
        else:
            x = net.pool(f"pool{number}", net.lrn(f"norm{number}", x), 3, 2)
    x = net.conv("conv3", x, 384, 3, p=1)
    x = net.conv("conv4", x, 384, 3, p=1, group=2)
    x = net.conv("conv5", x, 256, 3, p=1, group=2)
    x = net.pool("pool5", x, 3, 2)
    x = net.fc("fc6", x, 4096, relu=True, dropout=True)
    x = net.fc("fc7", x, 4096, relu=True, dropout=True)
    net.softmax(net.fc("fc8", x, 1000))
    return net.text


_INCEPTION = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}


def googlenet(*, first: bool = False) -> str:
    """Szegedy et al. 2015, table 1, without the auxiliary classifiers."""
    net = Prototxt("GoogleNet", first=first)
    x = net.conv("conv1/7x7_s2", net.input(10, 3, 224, 224), 64, 7, 2, 3)
    x = net.lrn("pool1/norm1", net.pool("pool1/3x3_s2", x, 3, 2))
    x = net.conv("conv2/3x3", net.conv("conv2/3x3_reduce", x, 64, 1), 192, 3, p=1)
    x = net.pool("pool2/3x3_s2", net.lrn("conv2/norm2", x), 3, 2)
    for number, (d1, r3, d3, r5, d5, pool) in _INCEPTION.items():
        path = f"inception_{number}"
        one = net.conv(f"{path}/1x1", x, d1, 1)
        three = net.conv(f"{path}/3x3", net.conv(f"{path}/3x3_reduce", x, r3, 1), d3, 3, p=1)
        five = net.conv(f"{path}/5x5", net.conv(f"{path}/5x5_reduce", x, r5, 1), d5, 5, p=2)
        pooled = net.conv(f"{path}/pool_proj", net.pool(f"{path}/pool", x, 3, 1, 1), pool, 1)
        x = net.concat(f"{path}/output", one, three, five, pooled)
        if number in ("3b", "4e"):
            x = net.pool(f"pool{int(number[0])}/3x3_s2", x, 3, 2)
    x = net.dropout(net.pool("pool5/7x7_s1", x, 7, 1, kind="AVE"))
    net.softmax(net.fc("loss3/classifier", x, 1000))
    return net.text


def vgg(depth: int, *, first: bool = False) -> str:
    """Simonyan and Zisserman 2015, configurations D and E."""
    net = Prototxt(f"VGG_ILSVRC_{depth}_layers", first=first)
    x = net.input(10, 3, 224, 224)
    counts = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}[depth]
    for stage, (count, d) in enumerate(zip(counts, (64, 128, 256, 512, 512), strict=True), 1):
        for number in range(1, count + 1):
            x = net.conv(f"conv{stage}_{number}", x, d, 3, p=1)
        x = net.pool(f"pool{stage}", x, 2, 2)
    x = net.fc("fc6", x, 4096, relu=True, dropout=True)
    x = net.fc("fc7", x, 4096, relu=True, dropout=True)
    net.softmax(net.fc("fc8", x, 1000))
    return net.text


def nin(*, first: bool = False) -> str:
    """Lin, Chen and Yan 2014, as the authors' model for ImageNet has it."""
    net = Prototxt("nin_imagenet", first=first)
    x = net.input(10, 3, 224, 224)
    stages = [(96, 11, 4, 0, 96), (256, 5, 1, 2, 256), (384, 3, 1, 1, 384), (1024, 3, 1, 1, 1000)]
    for number, (d, f, s, p, last) in enumerate(stages):
        x = net.conv(f"conv{number + 1}", x, d, f, s, p)
        x = net.conv(f"cccp{2 * number + 1}", x, d, 1)
        x = net.conv(f"cccp{2 * number + 2}", x, last, 1)
        if number < 3:
            x = net.pool(f"pool{number + 1}", x, 3, 2)
        if number == 2:
            x = net.dropout(x)
    net.softmax(net.layer("Pooling", "pool4", x, "pooling_param { pool: AVE kernel_size: 6 stride: 1 }"))
    return net.text


def resnet50() -> str:
    """He et al. 2016, with the stride in the first 1x1 convolution, as the authors have it."""
    net = Prototxt("ResNet-50")
    x = net.bn(net.conv("conv1", net.input(1, 3, 224, 224), 64, 7, 2, 3, bias=False, relu=False))
    x = net.pool("pool1", net.relu(x), 3, 2)
    for stage, (count, width) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True), 2):
        for number in range(count):
            path, s = f"res{stage}{'abcdef'[number]}", 2 if number == 0 and stage > 2 else 1
            across = x
            if number == 0:
                across = net.bn(net.conv(f"{path}_branch1", x, 4 * width, 1, s, bias=False, relu=False))
            y = net.relu(net.bn(net.conv(f"{path}_branch2a", x, width, 1, s, bias=False, relu=False)))
            y = net.relu(net.bn(net.conv(f"{path}_branch2b", y, width, 3, 1, 1, bias=False, relu=False)))
            y = net.bn(net.conv(f"{path}_branch2c", y, 4 * width, 1, bias=False, relu=False))
            x = net.relu(net.layer("Eltwise", path, [across, y]))
    x = net.pool("pool5", x, 7, 1, kind="AVE")
    net.softmax(net.fc("fc1000", x, 1000))
    return net.text


def _normalised(net: Prototxt, x: str, bn: str, scale: str, relu: str = "") -> str:
    """Batch normalisation, and an activation if it has a name, in place, called as the authors call them."""
    net.layer("BatchNorm", bn, x, "batch_norm_param { use_global_stats: true }", top=x)
    net.layer("Scale", scale, x, "scale_param { bias_term: true }", top=x)
    return net.layer("ReLU", relu, x, top=x) if relu else x


def resnet_of_the_authors(counts: tuple[int, ...] = (3, 4, 6, 3)) -> str:
    """He et al. 2016, with every name as the authors have it: `bn2a_branch2a` beside `res2a_branch2a`."""
    net = Prototxt("ResNet")
    x = net.conv("conv1", net.input(1, 3, 224, 224), 64, 7, 2, 3, bias=False, relu=False)
    x = net.pool("pool1", _normalised(net, x, "bn_conv1", "scale_conv1", "conv1_relu"), 3, 2)
    for stage, (count, width) in enumerate(zip(counts, (64, 128, 256, 512), strict=True), 2):
        for number in range(count):
            unit = (
                f"{stage}{'abcdef'[number]}" if count < 7 else f"{stage}b{number}" if number else f"{stage}a"
            )
            s = 2 if number == 0 and stage > 2 else 1

            def part(
                name: str, x: str, d: int, f: int, s: int = 1, unit: str = unit, *, relu: bool = True
            ) -> str:
                path = f"res{unit}_{name}"
                y = net.conv(path, x, d, f, s, f // 2, bias=False, relu=False)
                return _normalised(net, y, f"bn{unit}_{name}", f"scale{unit}_{name}", f"{path}_relu" * relu)

            across = part("branch1", x, 4 * width, 1, s, relu=False) if number == 0 else x
            y = part("branch2b", part("branch2a", x, width, 1, s), width, 3)
            y = part("branch2c", y, 4 * width, 1, relu=False)
            x = net.layer("Eltwise", f"res{unit}", [across, y])
            net.layer("ReLU", f"res{unit}_relu", x, top=x)
    net.softmax(net.fc("fc1000", net.pool("pool5", x, 7, 1, kind="AVE"), 1000))
    return net.text


def resnext_in_caffe() -> str:
    """Xie et al. 2017, ResNeXt-50 32x4d, called as in the port that was most used: `resx5_conv1`."""
    net = Prototxt("resnext50")
    x = net.conv("conv1", net.input(1, 3, 224, 224), 64, 7, 2, 3, bias=False, relu=False)
    x = net.pool("pool1", _normalised(net, x, "conv1_bn", "conv1_scale", "conv1_relu"), 3, 2)
    unit = 0
    for stage, (count, width) in enumerate(zip((3, 4, 6, 3), (128, 256, 512, 1024), strict=True)):
        for number in range(count):
            unit += 1
            s = 2 if number == 0 and stage else 1
            y = x
            for place, (d, f, group) in enumerate([(width, 1, 1), (width, 3, 32), (2 * width, 1, 1)], 1):
                path = f"resx{unit}_conv{place}"
                y = net.conv(path, y, d, f, s if f == 3 else 1, f // 2, group=group, bias=False, relu=False)
                y = _normalised(net, y, f"{path}_bn", f"{path}_scale", f"{path}_relu" * (place < 3))
            across = x
            if number == 0:
                path = f"resx{unit}_match_conv"
                across = net.conv(path, x, 2 * width, 1, s, bias=False, relu=False)
                _normalised(net, across, f"{path}_bn", f"{path}_scale")
            x = net.layer("Eltwise", f"resx{unit}_elewise", [across, y])
            net.layer("ReLU", f"resx{unit}_elewise_relu", x, top=x)
    net.softmax(net.fc("fc1000", net.pool("pool_ave", x, 7, 1, kind="AVE"), 1000))
    return net.text


def se_resnet() -> str:
    """Hu et al. 2018, SE-ResNet-50 as the authors have it: the sum is called like its unit, `conv2_1`."""
    net = Prototxt("SE-ResNet-50")
    x = net.conv("conv1/7x7_s2", net.input(1, 3, 224, 224), 64, 7, 2, 3, bias=False, relu=False)
    x = _normalised(net, x, f"{x}/bn", f"{x}/bn/scale", "conv1/relu_7x7_s2")
    x = net.pool("pool1/3x3_s2", x, 3, 2)
    for stage, (count, width) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True), 2):
        for number in range(1, count + 1):
            unit, s = f"conv{stage}_{number}", 2 if number == 1 and stage > 2 else 1
            y = x
            for name, d, f in (("1x1_reduce", width, 1), ("3x3", width, 3), ("1x1_increase", 4 * width, 1)):
                path = f"{unit}_{name}"
                y = net.conv(path, y, d, f, s if name == "1x1_reduce" else 1, f // 2, bias=False, relu=False)
                relu = "" if name == "1x1_increase" else f"{path}/relu"
                y = _normalised(net, y, f"{path}/bn", f"{path}/bn/scale", relu)
            gate = net.conv(f"{unit}_1x1_down", net.global_pool(f"{unit}_global_pool", y), width // 4, 1)
            gate = net.conv(f"{unit}_1x1_up", gate, 4 * width, 1, relu=False)
            gate = net.layer("Sigmoid", f"{unit}_prob", gate, top=gate)
            across = x
            if number == 1:
                path = f"{unit}_1x1_proj"
                across = net.conv(path, x, 4 * width, 1, s, bias=False, relu=False)
                _normalised(net, across, f"{path}/bn", f"{path}/bn/scale")
            x = net.layer("Axpy", unit, [gate, y, across])
            net.layer("ReLU", f"{unit}/relu", x, top=x)
    net.softmax(net.fc("classifier", net.pool("pool5/7x7_s1", x, 7, 1, kind="AVE"), 1000))
    return net.text


def nin_of_the_authors() -> str:
    """Lin, Chen and Yan 2014 with every name as in the model zoo: `relu0` behind `conv1`, `pool0`."""
    net = Prototxt("nin_imagenet")
    x = net.input(10, 3, 224, 224)
    stages = [(96, 11, 4, 0, 96), (256, 5, 1, 2, 256), (384, 3, 1, 1, 384), (1024, 3, 1, 1, 1000)]
    for number, (d, f, s, p, last) in enumerate(stages):
        more = "-1024" * (number == 3)
        names = [f"{'conv4' if more else f'conv{number + 1}'}{more}"]
        names += [f"cccp{2 * number + place}{more}" for place in (1, 2)]
        shapes = [(d, f, s, p), (d, 1, 1, 0), (last, 1, 1, 0)]
        for place, (name, shape) in enumerate(zip(names, shapes, strict=True)):
            x = net.conv(name, x, *shape, relu=False)
            net.layer("ReLU", f"relu{3 * number + place}", x, top=x)
        if number < 3:
            x = net.pool(("pool0", "pool2", "pool3")[number], x, 3, 2)
        if number == 2:
            x = net.layer("Dropout", "drop", x, top=x)
    net.softmax(net.layer("Pooling", "pool4", x, "pooling_param { pool: AVE kernel_size: 6 stride: 1 }"))
    return net.text


def squeezenet() -> str:
    """Iandola et al. 2016, version 1.1 of the authors' repository."""
    net = Prototxt("squeezenet_v1.1")
    x = net.conv("conv1", net.input(1, 3, 227, 227), 64, 3, 2)
    x = net.pool("pool1", x, 3, 2)
    for number, squeeze in enumerate((16, 16, 32, 32, 48, 48, 64, 64), 2):
        path = f"fire{number}"
        y = net.conv(f"{path}/squeeze1x1", x, squeeze, 1)
        one = net.conv(f"{path}/expand1x1", y, 4 * squeeze, 1)
        three = net.conv(f"{path}/expand3x3", y, 4 * squeeze, 3, p=1)
        x = net.concat(f"{path}/concat", one, three)
        if number in (3, 5):
            x = net.pool(f"pool{number}", x, 3, 2)
    x = net.conv("conv10", net.dropout(x), 1000, 1)
    net.softmax(net.global_pool("pool10", x))
    return net.text


def mobilenet(kind: str = "Convolution") -> str:
    """Howard et al. 2017, with biases left to Scale; kind: of the depthwise convolutions."""
    net = Prototxt("MOBILENET")
    x = net.relu(net.bn(net.conv("conv1", net.input(1, 3, 224, 224), 32, 3, 2, 1, bias=False, relu=False)))
    widths = [
        (64, 1),
        (128, 2),
        (128, 1),
        (256, 2),
        (256, 1),
        (512, 2),
        *[(512, 1)] * 5,
        (1024, 2),
        (1024, 1),
    ]
    channels = 32
    for number, (d, s) in enumerate(widths):
        path = f"conv{number + 2}"
        group = channels if kind == "Convolution" else 1
        x = net.conv(f"{path}/dw", x, channels, 3, s, 1, group=group, bias=False, relu=False, kind=kind)
        x = net.conv(f"{path}/sep", net.relu(net.bn(x)), d, 1, bias=False, relu=False)
        x = net.relu(net.bn(x))
        channels = d
    x = net.conv("fc7", net.global_pool("pool6", x), 1000, 1, relu=False)
    net.softmax(x)
    return net.text


def fcn8s(size: int = 500) -> str:
    """Long, Shelhamer and Darrell 2015: 21 classes, skips from pool3 and pool4, at once."""
    net = Prototxt("FCN8s")
    x = net.input(1, 3, size, size)
    kept = {}
    for stage, (count, d) in enumerate(zip((2, 2, 3, 3, 3), (64, 128, 256, 512, 512), strict=True), 1):
        for number in range(1, count + 1):
            x = net.conv(f"conv{stage}_{number}", x, d, 3, p=100 if stage == number == 1 else 1)
        x = kept[stage] = net.pool(f"pool{stage}", x, 2, 2)
    x = net.dropout(net.conv("fc6", x, 4096, 7))
    x = net.dropout(net.conv("fc7", x, 4096, 1))
    x = net.conv("score_fr", x, 21, 1, relu=False)
    for stage, offset, name in ((4, 5, "upscore2"), (3, 9, "upscore_pool4")):
        x = net.layer(
            "Deconvolution",
            name,
            x,
            "convolution_param { num_output: 21 bias_term: false kernel_size: 4 stride: 2 }",
        )
        score = net.conv(f"score_pool{stage}", kept[stage], 21, 1, relu=False)
        cut = net.layer(
            "Crop", f"score_pool{stage}c", [score, x], f"crop_param {{ axis: 2 offset: {offset} }}"
        )
        x = net.layer("Eltwise", f"fuse_pool{stage}", [x, cut], "eltwise_param { operation: SUM }")
    x = net.layer(
        "Deconvolution",
        "upscore8",
        x,
        "convolution_param { num_output: 21 bias_term: false kernel_size: 16 stride: 8 }",
    )
    net.layer("Crop", "score", [x, "data"], "crop_param { axis: 2 offset: 31 }")
    return net.text


def ssd300() -> str:
    """Liu et al. 2016: SSD with VGG-16 reduced, for 21 classes and images of 300x300."""
    net = Prototxt("VGG_VOC0712_SSD_300x300_deploy")
    x = net.input(1, 3, 300, 300)
    sources = []
    for stage, (count, d) in enumerate(zip((2, 2, 3, 3, 3), (64, 128, 256, 512, 512), strict=True), 1):
        for number in range(1, count + 1):
            x = net.conv(f"conv{stage}_{number}", x, d, 3, p=1)
        if stage == 4:
            norm = "norm_param { across_spatial: false channel_shared: false }"
            sources.append(net.layer("Normalize", "conv4_3_norm", x, norm))
        x = net.pool(f"pool{stage}", x, *((2, 2) if stage < 5 else (3, 1, 1)))
    x = net.conv("fc6", x, 1024, 3, p=6, more="dilation: 6")
    x = net.conv("fc7", x, 1024, 1)
    sources.append(x)
    for number, (r, d, s, p) in enumerate(
        [(256, 512, 2, 1), (128, 256, 2, 1), (128, 256, 1, 0), (128, 256, 1, 0)], 6
    ):
        x = net.conv(f"conv{number}_2", net.conv(f"conv{number}_1", x, r, 1), d, 3, s, p)
        sources.append(x)
    ratios = [[2], [2, 3], [2, 3], [2, 3], [2], [2]]
    flat: dict[str, list[str]] = {"loc": [], "conf": [], "priorbox": []}
    for source, each in zip(sources, ratios, strict=True):
        boxes = 2 + 2 * len(each)
        for kind, channels in (("loc", 4), ("conf", 21)):
            name = f"{source}_mbox_{kind}"
            y = net.conv(name, source, boxes * channels, 3, p=1, relu=False)
            y = net.layer(
                "Permute", f"{name}_perm", y, "permute_param { order: 0 order: 2 order: 3 order: 1 }"
            )
            flat[kind].append(net.layer("Flatten", f"{name}_flat", y, "flatten_param { axis: 1 }"))
        aspects = " ".join([f"aspect_ratio: {one}" for one in each])
        prior = (
            f"prior_box_param {{ min_size: 30 max_size: 60 {aspects} flip: true clip: false variance: 0.1 }}"
        )
        flat["priorbox"].append(net.layer("PriorBox", f"{source}_mbox_priorbox", [source, "data"], prior))
    loc = net.concat("mbox_loc", *flat["loc"])
    conf = net.concat("mbox_conf", *flat["conf"])
    prior = net.layer("Concat", "mbox_priorbox", flat["priorbox"], "concat_param { axis: 2 }")
    conf = net.layer(
        "Reshape", "mbox_conf_reshape", conf, "reshape_param { shape { dim: 0 dim: -1 dim: 21 } }"
    )
    conf = net.layer("Softmax", "mbox_conf_softmax", conf, "softmax_param { axis: 2 }")
    conf = net.layer("Flatten", "mbox_conf_flatten", conf, "flatten_param { axis: 1 }")
    detect = "detection_output_param { num_classes: 21 keep_top_k: 200 }"
    net.layer("DetectionOutput", "detection_out", [loc, conf, prior], detect)
    return net.text


def lenet_train() -> str:
    """LeCun et al. 1998 as Caffe's example trains it: both phases in one file."""
    net = Prototxt("LeNet")
    for phase, batch in (("TRAIN", 64), ("TEST", 100)):
        net.lines += [
            'layer { name: "mnist" type: "Data" top: "data" top: "label"',
            f"  include {{ phase: {phase} }} transform_param {{ scale: 0.00390625 }}",
            f'  data_param {{ source: "lmdb" batch_size: {batch} backend: LMDB }} }}',
        ]
    x = net.pool("pool1", net.conv("conv1", "data", 20, 5, relu=False), 2, 2)
    x = net.pool("pool2", net.conv("conv2", x, 50, 5, relu=False), 2, 2)
    x = net.fc("ip2", net.fc("ip1", x, 500, relu=True), 10)
    net.layer("Accuracy", "accuracy", [x, "label"], "include { phase: TEST }")
    net.layer("SoftmaxWithLoss", "loss", [x, "label"])
    return net.text
