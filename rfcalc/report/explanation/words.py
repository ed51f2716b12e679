"""The words of explanations in English and Chinese."""

from __future__ import annotations

from rfcalc.report.words import Language, Vocabulary

# What can be explained, in the order it is.
SUBJECTS = ("size", "field", "params", "macs", "memory")

_WORDS: dict[str, tuple[str, str]] = {
    # Titles.
    "title": ("{layer} of {network}: {operator}", "{network}的{layer}：{operator}"),
    "size": ("Output size", "输出大小"),
    "field": ("Receptive field", "感受野"),
    "params": ("Parameters", "参数量"),
    "macs": ("Multiply-adds", "乘加数"),
    "memory": ("Memory", "内存"),
    "field of axes": ("{axes} of the input {input}", "输入{input}的{axes}"),
    # About the layer.
    "line": ("described as `{line}` ({place})", "描述为`{line}`（{place}）"),
    "called": ("called as {name} by `{line}` ({place})", "由`{line}`调用为{name}（{place}）"),
    "in line": ("line {number}", "第{number}行"),
    "given": ("{text} in {place}", "{text}（{place}）"),
    "known as": ("{text}", "{text}"),
    "computes": ("{layer} = {formula}", "{layer} = {formula}"),
    "residual": (
        "a residual block: y = F(x) + x, where F ends in {transform} and x is {carried} "
        "(解析卷积神经网络 section 3.2.4)",
        "残差模块：y = F(x) + x，其中F止于{transform}，x为{carried}（3.2.4节）",
    ),
    "highway": (
        "a highway block: y = F(x) · T(x) + x · C(x), formula 3.4 of 解析卷积神经网络, with the carry gate "
        "C = 1 − T: y = F(x) · T(x) + x · (1 − T(x)), formula 3.5; F ends in {transform}, the transform gate "
        "T in {gate}, and x is {carried}",
        "高速公路网络模块：y = F(x) · T(x) + x · C(x)（式3.4），携带门 C = 1 − T，即 "
        "y = F(x) · T(x) + x · (1 − T(x))（式3.5）；F止于{transform}，变换门T止于{gate}，x为{carried}",
    ),
    "note": ("note: {text}", "注：{text}"),
    "tensors": ("input {inputs}; output {output}", "输入{inputs}；输出{output}"),
    "no output": ("none", "无"),
    "from": ("{size} ({layer})", "{size}（{layer}）"),
    "scope": (
        "{text} is a block of {count} layers; explained is the last of them, {layer}",
        "{text}为含{count}层的模块；此处解释其末层{layer}",
    ),
    "network": (
        "no layer was named: this is {layer}, whose field is the receptive field of the network",
        "未指定层：{layer}的感受野即网络的感受野",
    ),
    "source": ("Source: {source}.", "出处：{source}。"),
    # Names of figures.
    "axis 1 0": ("length", "长度"),
    "axis 2 0": ("height", "高度"),
    "axis 2 1": ("width", "宽度"),
    "axis 3 0": ("depth", "深度"),
    "axis 3 1": ("height", "高度"),
    "axis 3 2": ("width", "宽度"),
    "and": (" and ", "与"),
    "semicolon": ("; ", "；"),
    "comma": (", ", "、"),
    "figure channels": ("channels", "通道数"),
    "figure params": ("parameters", "参数量"),
    "figure macs": ("multiply-adds", "乘加数"),
    "figure params_bytes": ("parameter bytes", "参数字节数"),
    "figure activations_bytes": ("activation bytes", "激活字节数"),
    "result size": ("The output is {size}: {elements} elements.", "输出为{size}，共{elements}个元素。"),
    "sink": (
        "The layer passes nothing on; it consumes {size}, which is the network's output.",
        "该层无输出；其输入{size}即网络的输出。",
    ),
    # Variables.
    "variable": ("name", "符号"),
    "value": ("value", "值"),
    "meaning": ("meaning", "含义"),
    "origin": ("from", "来源"),
    "meaning params": ("learned parameters", "可学习参数个数"),
    "meaning bytes_per_parameter": ("bytes of one parameter", "每个参数的字节数"),
    "meaning bytes_per_activation": ("bytes of one element of an output", "输出中每个元素的字节数"),
    "meaning batch": ("examples in the batch", "每批样本数"),
    "meaning channels": ("output channels", "输出通道数"),
    "origin inputs": ("input {sizes}", "输入{sizes}"),
    "origin output": ("output {size}", "输出{size}"),
    "origin written": ("attribute {text}", "参数{text}"),
    "origin default": ("default of {text}", "{text}的默认值"),
    "origin decided": ("{text} left out: the rest decides it", "{text}未给出：由其余决定"),
    "origin derived": ("attributes of `{line}`", "`{line}`的参数"),
    "origin figure": ("see its parameters", "见参数量"),
    "origin option": ("{text}", "{text}"),
    # Sentences about counts.
    "learns nothing": ("The layer learns nothing: 0 parameters.", "该层无可学习参数：0。"),
    "shared": (
        "They are the parameters of {owner}, counted there; here 0 are counted.",
        "参数与{owner}共享，已在该处计入；此处计0。",
    ),
    "shared weight": (
        "Its weight is that of {owner} and is counted there; the rest is its own.",
        "其权重即{owner}的权重，在该处计数；其余为自身参数。",
    ),
    "share": ("That is {share} of the network's {total}.", "占网络总数{total}的{share}。"),
    "no macs": (
        "The layer does no multiply-adds: 0. Its other operations are counted apart.",
        "该层无乘加运算：0。其他运算另计。",
    ),
    "unknown": ("It is not known: no formula holds.", "未知：没有适用的公式。"),
    "macs convention": (
        "Multiply-adds are those of convolutions, fully connected layers and matrix products; "
        "FLOPs = 2 · MACs = {flops}.",
        "卷积、全连接与矩阵乘法的乘加次数；FLOPs = 2 · 乘加数 = {flops}。",
    ),
    "memory convention": (
        "Bytes are numbers times the size of one; buffers, gradients and an optimiser's state do not count.",
        "字节数为数值个数乘以每个数值的字节数；不计缓冲区、梯度与优化器状态。",
    ),
    "no params bytes": ("It learns nothing, so its parameters take no bytes.", "无可学习参数，不占字节。"),
    "shared bytes": (
        "Its parameters are those of {owner} and take no bytes here.",
        "参数与{owner}共享，此处不占字节。",
    ),
    "no activations": ("It passes nothing on, so it keeps no activations.", "无输出，不占激活内存。"),
    # The field.
    "chain both": (
        "Along {axes} one chain of layers carries both ends of the field. Each layer reads taps that lie "
        "(f − 1) · r positions apart, and a position there stands for `stride` positions of the input:",
        "沿{axes}，感受野的两端由同一条层链决定。每层所读的最外两点相距(f − 1) · r个位置，"
        "而该处一个位置相当于输入的“步长”个位置：",
    ),
    "chain none": (
        "Along {axes} no layer on the way reads more than one position.",
        "沿{axes}，途中各层均只读一个位置。",
    ),
    "chain low": ("Along {axes} the first position is set by this chain:", "沿{axes}，首端由此链决定："),
    "chain high": ("Along {axes} the last position is set by this chain:", "沿{axes}，末端由此链决定："),
    "two chains": (
        "Along {axes} the two ends of the field come by different chains; they are those of position {unit}.",
        "沿{axes}，感受野的两端由不同的层链决定；所列为{unit}号位置的层链。",
    ),
    "column layer": ("layer", "层"),
    "column branch": ("branch", "分支"),
    "column reads": ("reads", "读取"),
    "column extent": ("(f−1)·r", "(f−1)·r"),
    "column stride": ("stride before", "此前步长"),
    "column after": ("stride after", "此后步长"),
    "column contribution": ("adds", "贡献"),
    "column moved": ("moves the end", "端点移动"),
    "column reach": ("field", "感受野"),
    "column size": ("field", "感受野"),
    "column rate": ("stride", "步长"),
    "column first": ("first position", "首位置"),
    "column centre": ("centre", "中心"),
    "left out": (
        "{count} layers on the chain that read one position in place are left out.",
        "链上另有{count}层逐位置读取，未列出。",
    ),
    "one left out": (
        "1 layer on the chain that reads one position in place is left out.",
        "链上另有1层逐位置读取，未列出。",
    ),
    "sum text": ("1 + Σ (f − 1) · r · stride", "1 + Σ (f − 1) · r · 步长"),
    "sum latex": (
        r"1 + \sum_i (f_i - 1) \cdot r_i \cdot \text{stride}_i",
        r"1 + \sum_i (f_i - 1) \cdot r_i \cdot \text{步长}_i",
    ),
    "added text": ("1 + Σ of what each layer adds", "1 + Σ 各层贡献"),
    "added latex": (r"1 + \sum_i \text{what layer $i$ adds}", r"1 + \sum_i \text{第$i$层的贡献}"),
    "first text": (
        "position · stride − Σ of what each layer moves the end",
        "单元位置 · 步长 − Σ 各层的端点移动",
    ),
    "first latex": (
        r"\text{position} \cdot \text{stride} - \sum_i \text{what layer $i$ moves}",
        r"\text{单元位置} \cdot \text{步长} - \sum_i \text{第$i$层的端点移动}",
    ),
    "last text": (
        "position · stride + Σ of what each layer moves the end",
        "单元位置 · 步长 + Σ 各层的端点移动",
    ),
    "last latex": (
        r"\text{position} \cdot \text{stride} + \sum_i \text{what layer $i$ moves}",
        r"\text{单元位置} \cdot \text{步长} + \sum_i \text{第$i$层的端点移动}",
    ),
    "apart text": ("last − first + 1", "末位置 − 首位置 + 1"),
    "apart latex": (r"\text{last} - \text{first} + 1", r"\text{末位置} - \text{首位置} + 1"),
    "field name": ("field", "感受野"),
    "first name": ("first position", "首位置"),
    "last name": ("last position", "末位置"),
    "resampled": (
        "{layer} reads {before} units {stride} apart for {behind} of its own {own} apart: it adds "
        "({before} − 1) · {stride} − ({behind} − 1) · {own} = {adds}.",
        "{layer}的{behind}个单元（间距{own}）读取{before}个单元（间距{stride}）："
        "贡献({before} − 1) · {stride} − ({behind} − 1) · {own} = {adds}。",
    ),
    "taken": (
        "At joins the chain takes the branch with the larger local field: {joins}.",
        "在汇合处，链取局部感受野较大的分支：{joins}。",
    ),
    "taken join": ("at {join} {operand} ({size})", "{join}取{operand}（{size}）"),
    "taken not": (", not {others}", "，而非{others}"),
    "taken without": (", leaving out {others} over the whole axis", "，不计覆盖整条轴的{others}"),
    "taken other": ("{operand} ({size})", "{operand}（{size}）"),
    "taken more": ("{joins}; and at {count} more", "{joins}；另有{count}处"),
    "place": (
        "On the input, neighbouring units lie {stride} apart; the field of unit 0 begins at {first} and is "
        "centred at {centre}.",
        "相邻单元在输入上相距{stride}；0号单元的感受野始于{first}，中心为{centre}。",
    ),
    "told of time": ("{told}.", "{told}。"),
    "padded": (
        "Padding counts as part of the signal, so the field is not cut at the borders.",
        "填充视为信号的一部分，感受野不在边界处截断。",
    ),
    "collapsed": (
        "A window has covered the whole map at {layer}: one position is left, and nothing slides any more.",
        "{layer}的窗口覆盖整个特征图：仅余一个位置，不再滑动。",
    ),
    "global": (
        "At {layer} a path over the whole map (a gate, attention, normalisation) lets units see {positions} "
        "positions along {axes}. The field above is what remains without that path.",
        "{layer}处有覆盖整图的路径（门控、注意力或规范化），使单元沿{axes}可见{positions}个位置。"
        "以上感受野不计该路径。",
    ),
    "nothing left": (
        "At {layer} a path over the whole map lets units see {positions} positions along {axes}; without it "
        "nothing remains of the field.",
        "{layer}处有覆盖整图的路径，使单元沿{axes}可见{positions}个位置；不计该路径则感受野为空。",
    ),
    "range": (
        "The size depends on the position, {low} to {high}, and repeats every {phases} positions{sizes}. The "
        "chain is that of position {unit}, which sees the most.",
        "感受野因位置而异，为{low}至{high}，每{phases}个位置重复{sizes}。所列层链取自感受野最大的{unit}号位置。",
    ),
    "range sizes": (" ({sizes})", "（{sizes}）"),
    "per-position": (
        "The branches that meet in {layer} have different strides, so the field has no period: over the "
        "positions at this input size it is {sizes}. The chain is that of position {unit}.",
        "在{layer}汇合的分支步长不同，感受野不具周期性：在此输入尺寸下各位置为{sizes}。所列层链取自{unit}号位置。",
    ),
    "holes": (
        "{holes} of the positions between the ends are not seen: a step between taps leaves them out.",
        "两端之间有{holes}个位置不可见：由采样间隔略去。",
    ),
    "bound": (
        "From {layer} on the field is an upper bound, at most {size}: {reason}.",
        "自{layer}起感受野为上界，至多{size}：{reason}。",
    ),
    "bound phases": (
        "it has too many phases to follow each, so no chain is shown",
        "相位过多，未逐一跟踪，故不列层链",
    ),
    "bound channels": (
        "some channels are taken of a join whose branches do not all see the same",
        "所取通道来自汇合，而各分支所见不尽相同",
    ),
    "data-dependent": (
        "At {layer} the positions read depend on the data; the field is that of the undeformed grid.",
        "{layer}的读取位置取决于数据；此处为未变形网格的感受野。",
    ),
    "field unknown": (
        "The field along {axes} is not known from {layer} on: {reason}.",
        "沿{axes}的感受野自{layer}起未知：{reason}。",
    ),
    "no reason": ("the layer does not say what it reads", "该层未说明读取的位置"),
    "not followed": (
        "Along {axes} the field is {size}. Axes have been taken apart or put together on the way, so the "
        "layers that set it are not followed.",
        "沿{axes}的感受野为{size}。途中有轴被拆分或合并，故不跟踪其层链。",
    ),
    "sees no input": ("The layer depends on no input along an axis.", "该层不沿任何轴依赖输入。"),
    "off-centre": (
        "The branches that meet in {layer} are off-centre to each other along {axes}{since}:",
        "在{layer}汇合的分支沿{axes}中心不一致{since}：",
    ),
    "rates": (
        "The branches that meet in {layer} have different strides along {axes}{since}:",
        "在{layer}汇合的分支沿{axes}步长不同{since}：",
    ),
    "since": (", counted since they part at {layer}", "（自{layer}分开后）"),
    "more off-centre": ("{count} more joins like it follow.", "其后另有{count}处同类汇合。"),
    "one more off-centre": ("1 more join like it follows.", "其后另有1处同类汇合。"),
    "unchanged": ("passes on what it is given", "原样传递"),
    # How a layer reads.
    "reads window": ("window of {kernel}{more}", "窗口{kernel}{more}"),
    "reads every": (", stride {stride}", "，步长{stride}"),
    "reads apart": (", {dilation} apart", "，间隔{dilation}"),
    "reads shifted": ("one position", "一个位置"),
    "reads moved": ("one position, moved by {shift}", "一个位置，移{shift}"),
    "reads one of": ("one position of every {stride}", "每{stride}个取一"),
    "reads transposed": (
        "transposed window of {kernel}, stride {stride}: at most {taps}",
        "转置窗口{kernel}，步长{stride}：至多{taps}",
    ),
    "reads repeat": ("one position, given {factor} times", "一个位置，重复{factor}次"),
    "reads tile": ("whole tile of {size}", "整块{size}个位置"),
    "reads bins": ("bins: {size} positions into {bins}", "将{size}个位置分为{bins}箱"),
    "reads resample": (
        "{taps}-tap {method} resampling, {down} to {up}",
        "由{down}个位置重采样为{up}个，读{taps}个（{method}）",
    ),
    "reads whole": ("the whole map", "整个特征图"),
    "reads point": ("the one position there is", "仅有的一个位置"),
}


_VOCABULARY = Vocabulary(_WORDS)
say, listed_in = _VOCABULARY.say, _VOCABULARY.listed


def axis_names(axes: tuple[int, ...], rank: int, language: Language) -> str:
    """What some axes of a tensor of `rank` axes are called: `height and width`."""
    return listed_in([say(f"axis {rank} {axis}", language) for axis in axes], language)
