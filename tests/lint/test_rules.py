"""Every rule: its documentation is whole, its good example is silent, its bad example fires."""

from __future__ import annotations

import pytest
from looked_at import found

from rfcalc.library import analyze, load
from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import SEVERITIES, Finding
from rfcalc.lint.registry import MODULE_OF, find_rule
from rfcalc.lint.rule import Subject

# Their findings need more than a network that has been built: a text, a configuration, a baseline.
ELSEWHERE = {"RF303", "RF304", "RF305", "RF306", "RF900", "RF901", "RF909"}
CODES = tuple(code for code in MODULE_OF if code not in ELSEWHERE)


def shipped(name: str, code: str) -> tuple[Finding, ...]:
    description = load(name)
    return run_rules(Subject(description.network, analyze(description)), [code])


@pytest.mark.parametrize("code", CODES)
def test_the_good_example_of_a_rule_is_silent(code: str) -> None:
    assert found(find_rule(code).silent, code) == ()


@pytest.mark.parametrize("code", CODES)
def test_the_bad_example_of_a_rule_fires_and_points_to_a_line(code: str) -> None:
    rule = find_rule(code)
    findings = found(rule.fires, code)
    assert findings
    for finding in findings:
        assert (finding.code, finding.rule) == (code, rule.name)
        assert finding.severity in SEVERITIES
        assert finding.position is not None
        assert finding.position.source.line(finding.position.line).strip()


@pytest.mark.parametrize("code", MODULE_OF)
def test_the_documentation_of_a_rule_is_whole(code: str) -> None:
    rule = find_rule(code)
    assert rule.code == code
    assert MODULE_OF[code] == f"{code.lower()}_{rule.name.replace('-', '_')}"
    assert rule.severity in SEVERITIES
    for text in (rule.what, rule.why, rule.instead):
        assert text[0].isupper() or text[0] == "`", text
        assert text.endswith("."), text
    assert rule.source
    assert rule.fires
    assert rule.silent


# Networks of which a rule must say nothing, since its reason does not hold there.
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("alexnet", "RF201"),
        ("vgg16", "RF201"),
        ("unet", "RF202"),
        ("context-module", "RF203"),
        ("wavenet", "RF203"),
        ("deeplabv3-resnet50", "RF203"),
        ("googlenet", "RF204"),
        ("squeezenet1.1", "RF204"),
        ("efficientnet-b0", "RF206"),
        ("convnext-tiny", "RF401"),
        ("alexnet", "RF401"),
        ("resnet50", "RF402"),
        ("deformable", "RF403"),
        ("resnext50-32x4d", "RF404"),
        ("convnext-tiny", "RF501"),
        ("resnet50", "RF501"),
        ("mobilenet-v1", "RF502"),
        ("mobilenet-v2", "RF502"),
        ("mobilenet-v3-small", "RF502"),
        ("shufflenet-v2-x1.0", "RF502"),
        ("efficientnet-b0", "RF504"),
        ("nin", "RF505"),
        ("resnet152", "RF506"),
        ("densenet121", "RF506"),
        ("mobilenet-v1", "RF506"),
        ("resnet50", "RF905"),
        ("highway19", "RF907"),
        ("densenet121", "RF907"),
        ("shufflenet-v2-x1.0", "RF907"),
    ],
)
def test_a_shipped_network_is_not_blamed_for_what_it_does_on_purpose(name: str, code: str) -> None:
    assert shipped(name, code) == ()


def test_a_large_kernel_is_told_in_the_terms_of_the_book() -> None:
    (finding,) = shipped("conv7x7", "RF401")
    assert "49C² weights" in finding.message
    assert "27C² weights" in finding.message


def test_a_fully_connected_layer_is_told_with_its_share() -> None:
    # 7 · 7 · 512 · 4096 + 4096 of 138,357,544; after pooling 512 · 4096 + 4096 are left.
    (finding,) = shipped("vgg16", "RF402")
    assert "102,764,544 of 138,357,544 parameters (74.3 %)" in finding.message
    assert finding.figures["saved"] == 48 * 512 * 4096


def test_a_bias_that_a_layer_without_normalisation_shares_is_of_use() -> None:
    text = """
input: 8x8x4
layers:
  - add: [[conv f=3 p=1 d=4 as one, bn], [conv f=3 p=1 d=4 weights=one, relu]]
"""
    assert found(text, "RF501") == ()


def test_two_softmaxes_leave_a_loss_that_cannot_vanish() -> None:
    # The best that the first can give is 1 against nine times 0: log((e + 9) / e).
    (finding,) = found(find_rule("RF505").fires, "RF505")
    assert "1.461" in finding.message


def test_the_residual_output_that_no_layer_of_wavenet_reads_is_found() -> None:
    # The last 1x1 convolution, 32 · 32 + 32 parameters, its identity and the addition.
    (finding,) = shipped("wavenet", "RF905")
    assert "3 layers with 1,056 parameters" in finding.message


def test_a_plain_network_of_34_layers_is_deep() -> None:
    (finding,) = shipped("plain34", "RF506")
    assert finding.figures["layers"] == 34
