import numpy as np
import pytest
from onnx import helper

from benches.workers.floor import multiplications


def test_a_convolution_sums_over_its_kernel_and_input_channels() -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    weights = {"w": np.zeros((8, 4, 3), np.float32)}
    assert multiplications(node, weights, {"x": (1, 4, 10), "y": (1, 8, 10)}) == 8 * 10 * 4 * 3


def test_a_grouped_convolution_costs_as_many_times_less() -> None:
    node = helper.make_node("Conv", ["x", "w"], ["y"], group=4)
    weights = {"w": np.zeros((4, 1, 3), np.float32)}
    assert multiplications(node, weights, {"x": (1, 4, 10), "y": (1, 4, 10)}) == 4 * 10 * 3


def test_a_transposed_convolution_spreads_each_input_over_its_kernel() -> None:
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"])
    weights = {"w": np.zeros((4, 2, 16), np.float32)}
    assert multiplications(node, weights, {"x": (1, 4, 10), "y": (1, 2, 80)}) == 4 * 10 * 2 * 16


@pytest.mark.parametrize("left", ["x", "w"])
def test_a_product_of_matrices_sums_over_the_inner_side(left: str) -> None:
    node = helper.make_node("MatMul", [left, "z"], ["y"])
    shapes: dict[str, tuple[int, ...]] = {"x": (5, 7), "z": (7, 3), "y": (5, 3)}
    weights = {"w": np.zeros((5, 7), np.float32)}
    assert multiplications(node, weights, shapes) == 5 * 7 * 3
