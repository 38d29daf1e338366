"""What is said of networks that are the lecture's ResNet, and of those that are not quite."""

import itertools
from typing import Any

import pytest

from grader.checks.blockfaults import Aspect, Place
from grader.checks.blocks import take_apart
from grader.checks.graphs import INPUT, Network, NetworkBuilder
from grader.checks.networks import (
    activation,
    add,
    average_pool,
    batch_norm,
    conv,
    dense,
    dropout,
    flatten,
    global_average_pool,
    max_pool,
    sequential,
    zero_padding,
)
from grader.checks.resnet import Built, shows
from grader.checks.resnetfaults import depth_of, find_faults, places_of
from grader.checks.students import Call
from grader.records import Returned
from tests.checks.resnets import Style, resnet, wanted

RIGHT = {
    "batch normalisation": Style(norm=True, bias=False),
    "no biases": Style(bias=False),
    "zeros around the windows": Style(zeros=True),
    "the stride on the 3x3": Style(strided=1),
    "activations as arguments": Style(apart=False),
    "normalised projections": Style(normed_shortcut=True, strided=1),
    "as it is usually written": Style(norm=True, zeros=True),
    "an average over all of the last maps, flattened": Style(
        head=(average_pool((2, 3)), flatten(), dense(10), activation("softmax"))
    ),
    "ReLU behind the pooling": Style(first=conv(64, 7, strides=2, padding="same")),
    "a dropout of nothing": Style(head=(global_average_pool(), dropout(0), dense(10, activation="softmax"))),
}


def briefs(network: Network, aspect: Aspect | None = None, **asked: Any) -> list[str]:
    """The sentences about a network, or those of one aspect."""
    return [each.brief for each in find_faults(network, wanted(**asked)) if aspect in (None, each.aspect)]


def of(style: Style, **asked: Any) -> list[str]:
    """The sentences about a network of this style."""
    return briefs(resnet(wanted(**asked), style), **asked)


class TestRight:
    @pytest.mark.parametrize("style", RIGHT.values(), ids=RIGHT)
    def test_nothing_is_said_of_it(self, style: Style) -> None:
        assert of(style) == []

    @pytest.mark.parametrize("cfg", [(1, 1, 1, 1), (2, 1, 1, 2), (3, 4, 6, 3)])
    def test_the_depth_is_that_of_the_lecture(self, cfg: tuple[int, ...]) -> None:
        asked = wanted(cfg)
        for style in RIGHT.values():
            assert depth_of(resnet(asked, style)) == 3 * sum(cfg) + 2

    @pytest.mark.parametrize("shape", [(33, 48, 1), (32, 48, 1), (64, 64, 3), (37, 53, 4)])
    def test_any_size_of_image_will_do(self, shape: tuple[int, ...]) -> None:
        for norm, strided in itertools.product((True, False), (0, 1)):
            assert of(Style(norm=norm, strided=strided), input_shape=shape) == []

    def test_an_activation_may_be_written_once_for_each_reader(self) -> None:
        builder = NetworkBuilder((8, 8, 4))
        start = builder.add(max_pool(1))
        left, right = builder.add(activation("relu"), start), builder.add(activation("relu"), start)
        end = builder.add(conv(4, 1), builder.add(conv(4, 3, padding="same"), builder.add(conv(4, 1), left)))
        builder.add(add(), right, end)
        trunk = take_apart(builder.network())

        assert [step.activations for step in trunk.stem] == [["relu"]]
        assert len(trunk.blocks) == 1
        assert trunk.blocks[0].shortcut == ()


class TestStem:
    def test_another_first_convolution(self) -> None:
        assert of(Style(first=conv(32, 3, strides=1, padding="same"))) == [
            "stem: the first convolution has windows of 3x3, 7x7 is due.",
            "stem: the first convolution has stride 1, 2 is due.",
            "stem: the first convolution has 32 filters, 64 are due.",
        ]

    def test_no_padding(self) -> None:
        (told,) = of(Style(first=conv(64, 7, strides=2)))

        assert told == (
            "stem: the first convolution is padded so that its maps have the wrong size; "
            "half the size, rounded up, is due."
        )

    def test_another_pooling(self) -> None:
        assert of(Style(pool=average_pool(2, padding="same"))) == [
            "stem: the pooling layer is an AveragePooling2D layer, a maximum is due.",
            "stem: the pooling layer has windows of 2x2, 3x3 is due.",
        ]

    def test_no_pooling(self) -> None:
        assert of(Style(pool=activation("relu"))) == ["stem: there is no pooling layer before the first block."]

    def test_another_input(self) -> None:
        assert "stem: the network takes images of another shape than `input_shape`." in briefs(
            resnet(wanted(input_shape=(96, 64, 3)))
        )

    def test_no_relu(self) -> None:
        style = Style(first=conv(64, 7, strides=2, padding="same", activation="tanh"), apart=False)

        assert of(style) == ["stem: it ends in tanh, ReLU is due."]


class TestShortcuts:
    def test_a_block_without_one_is_named(self) -> None:
        told = briefs(resnet(wanted(), Style(sums=lambda stage, block: (stage, block) != (1, 1))), Aspect.SHORTCUTS)

        assert told == ["stage 2, block 2: it has no shortcut: nothing is added to what its layers make."]

    def test_blocks_are_found_where_none_has_one(self) -> None:
        network = resnet(wanted(), Style(sums=lambda stage, block: False))

        assert len(briefs(network, Aspect.SHORTCUTS)) == 5
        assert len(briefs(network, Aspect.PROJECTIONS)) == 5
        assert not briefs(network, Aspect.FILTERS) + briefs(network, Aspect.STRIDES) + briefs(network, Aspect.DEPTH)

    def test_a_projection_where_nothing_changes(self) -> None:
        assert of(Style(projects=lambda stage, block: True)) == [
            "stage 2, block 2: its shortcut is a projection, the identity is due: the shape does not change."
        ]

    def test_an_identity_where_the_shape_changes(self) -> None:
        """Keras adds them where one of the two has a single channel."""
        builder = NetworkBuilder((8, 8, 3))
        at = builder.add(max_pool(3, strides=2, padding="same"), builder.add(conv(1, 7, strides=2, padding="same")))
        inner = builder.add(conv(64, 3, padding="same"), builder.add(conv(64, 1), at))
        builder.add(add(), builder.add(conv(256, 1), inner), at)
        told = briefs(builder.network(), Aspect.PROJECTIONS)

        assert told[0] == "stage 1, block 1: its shortcut is the identity, a 1x1 projection is due."

    def test_a_pooling_layer_is_no_projection(self) -> None:
        def begins_the_second(stage: int, block: int) -> bool:
            return (stage, block) == (1, 0)

        style = Style(
            narrow=lambda stage: 64,
            wide=1,
            projects=begins_the_second,
            projection=max_pool(2, padding="same"),
            stride=lambda stage, block: 2 if begins_the_second(stage, block) else 1,
        )

        assert briefs(resnet(wanted(), style), Aspect.PROJECTIONS) == [
            "stage 2, block 1: its shortcut is a MaxPooling2D layer, a 1x1 projection with stride 2 is due."
        ]

    def test_a_projection_is_a_convolution_of_1x1_and_nothing_else(self) -> None:
        style = Style(
            projection=conv(256, 3, padding="same", activation="relu"),
            projects=lambda stage, block: stage == block == 0,
            narrow=lambda stage: 64,
            stride=lambda stage, block: 1,
        )

        assert briefs(resnet(wanted(), style), Aspect.PROJECTIONS)[:2] == [
            "stage 1, block 1: its projection has filters of 3x3, 1x1 is due.",
            "stage 1, block 1: its projection ends in relu, it is a convolution and nothing else.",
        ]

    def test_a_projection_that_is_repeated_over_the_channels(self) -> None:
        style = Style(projection=conv(1, 1), stride=lambda stage, block: 1)
        told = briefs(resnet(wanted(), style), Aspect.PROJECTIONS)

        assert told[0].startswith("stage 1, block 1: its projection gives another shape than its layers")

    def test_normalisation_is_no_identity(self) -> None:
        builder = NetworkBuilder((8, 8, 3))
        at = builder.add(max_pool(3, strides=2, padding="same"), builder.add(conv(64, 7, strides=2, padding="same")))
        inner = builder.add(conv(64, 3, padding="same"), builder.add(conv(64, 1), at))
        builder.add(add(), builder.add(conv(64, 1), inner), builder.add(batch_norm(), at))

        assert briefs(builder.network(), Aspect.PROJECTIONS)[0].startswith(
            "stage 1, block 1: its shortcut is a BatchNormalization layer"
        )


class TestBlocks:
    def test_other_sizes(self) -> None:
        told = of(Style(sizes=(3, 3, 1)))

        assert told[0] == "stage 1, block 1: its filters are 3x3, 3x3, 1x1, they should be 1x1, 3x3, 1x1."

    def test_two_convolutions_are_no_bottleneck(self) -> None:
        network = resnet(wanted(), Style(sizes=(3, 3)))

        assert briefs(network, Aspect.FILTERS)[0] == "stage 1, block 1: it has 2 convolutions, three are due."
        assert briefs(network, Aspect.DEPTH) == ["The main path has another depth than 3 * sum(cfg) + 2."]

    def test_filters_that_are_not_wide(self) -> None:
        told = of(Style(wide=2))

        assert told[0] == "stage 1, block 1: its third convolution has 128 filters, 256 are due."
        assert len(told) == 5

    def test_filters_that_never_double(self) -> None:
        """The stages are then told apart by cfg."""
        told = of(Style(narrow=lambda stage: 64))

        assert told[0] == "stage 2, block 1: its first convolution has 64 filters, 128 are due."
        assert len(told) == 3 * 4

    def test_relus(self) -> None:
        assert of(Style(inner="tanh"))[0] == ("stage 1, block 1: behind its convolution 1 there is tanh, ReLU is due.")
        assert of(Style(third="relu", after="linear"))[:2] == [
            "stage 1, block 1: there is relu before the sum; it belongs behind it.",
            "stage 1, block 1: behind the sum there is no activation, ReLU is due.",
        ]

    def test_an_activation_in_front_of_the_convolutions(self) -> None:
        builder = NetworkBuilder((8, 8, 64))
        at = builder.add(conv(64, 7, strides=2, padding="same", activation="relu"))
        at = builder.add(max_pool(3, strides=2, padding="same"), at)
        for _ in range(2):
            inner = builder.add(conv(64, 1), builder.add(activation("relu"), builder.add(batch_norm(), at)))
            inner = builder.add(conv(64, 3, padding="same", activation="relu"), inner)
            at = builder.add(add(), builder.add(conv(64, 1), inner), at)
        told = briefs(builder.network(), Aspect.RELUS)

        assert told[0] == (
            "stage 1, block 1: an activation stands in front of its convolutions; it belongs behind the sum."
        )

    def test_strides(self) -> None:
        assert of(Style(stride=lambda stage, block: 1))[0] == (
            "stage 2, block 1: its stride is 1; the first block of a later stage has 2."
        )
        assert of(Style(stride=lambda stage, block: 1 if block else 2)) == [
            "stage 1, block 1: it has another stride than 1; the first stage keeps the size."
        ]
        assert of(Style(strided=2))[0] == (
            "stage 2, block 1: its stride of 2 belongs on the first convolution or on the second, and only there."
        )

    @pytest.mark.parametrize("layer", [dropout(0.5), zero_padding(1)])
    def test_a_layer_that_does_not_belong_into_a_block(self, layer: Any) -> None:
        builder = NetworkBuilder((8, 8, 64))
        at = builder.add(max_pool(3, strides=2, padding="same"), builder.add(conv(64, 7, strides=2, padding="same")))
        inner = builder.add(conv(64, 3, padding="same"), builder.add(conv(64, 1), at))
        inner = builder.add(layer, builder.add(conv(64, 1), inner))
        builder.add(add(), inner, builder.add(layer, at))

        assert any("layer stands in it" in each for each in briefs(builder.network(), Aspect.FILTERS))


class TestDepth:
    def test_a_block_too_many(self) -> None:
        network = resnet(wanted((1, 2, 2, 1)))

        assert briefs(network) == [
            "stage 3 has more blocks than `cfg` says.",
            "The main path has another depth than 3 * sum(cfg) + 2.",
        ]

    def test_a_block_too_few(self) -> None:
        assert briefs(resnet(wanted((1, 1, 1, 1))))[0] == "stage 2 has fewer blocks than `cfg` says."

    def test_blocks_in_the_wrong_stage(self) -> None:
        assert briefs(resnet(wanted((2, 1, 1, 1)))) == [
            "stage 1 has more blocks than `cfg` says.",
            "stage 2 has fewer blocks than `cfg` says.",
        ]

    def test_a_network_without_blocks_is_right_in_nothing(self) -> None:
        network = sequential(
            (64, 96, 3),
            conv(64, 7, strides=2, padding="same", activation="relu"),
            max_pool(3, strides=2, padding="same"),
            global_average_pool(),
            dense(10, activation="softmax"),
        )
        found = find_faults(network, wanted())

        assert {each.aspect for each in found} == set(Aspect) - {Aspect.STEM, Aspect.HEAD}
        assert "stage 1 has no block." in {each.brief for each in found}

    def test_no_numbers_of_the_test_in_a_sentence(self) -> None:
        (told, _) = find_faults(resnet(wanted((1, 2, 2, 1))), wanted())

        assert "cfg (1, 2, 1, 1)" in told.detail
        assert "1, 2" not in told.brief


class TestHead:
    def test_flattened_maps(self) -> None:
        assert of(Style(head=(flatten(), dense(10, activation="softmax")))) == [
            "head: a Flatten layer too many, behind the last block.",
            "head: behind the last block the maps are not averaged to one number each.",
        ]

    def test_no_softmax_and_other_classes(self) -> None:
        assert of(Style(head=(global_average_pool(), dense(11)))) == [
            "head: the network does not give one number for each of `classes`.",
            "head: behind the last dense layer there is nothing, softmax is due.",
        ]

    def test_layers_in_between(self) -> None:
        head = (global_average_pool(), dropout(0.5), dense(100), dense(10, activation="softmax"))

        assert of(Style(head=head))[1:] == [
            "head: a Dropout layer too many, behind the last block.",
            "head: a Dense layer too many, behind the last block.",
        ]

    def test_no_dense_layer(self) -> None:
        assert of(Style(head=(global_average_pool(),)))[-1] == "head: there is no dense layer behind the pooling."


class TestAnythingElse:
    """Whatever is handed in, something is said, and nothing is raised."""

    def test_a_branch_that_forks_again(self) -> None:
        builder = NetworkBuilder((8, 8, 4))
        start = builder.add(max_pool(2))
        left = builder.add(conv(4, 1), start)
        inner = builder.add(add(), left, builder.add(conv(4, 1), left))
        builder.add(add(), inner, start)
        told = briefs(builder.network(), Aspect.SHORTCUTS)

        assert told == ["Behind the stem the network is no chain of blocks: a branch forks again, or comes to no sum."]

    def test_three_branches(self) -> None:
        builder = NetworkBuilder((8, 8, 4))
        start = builder.add(max_pool(2))
        builder.add(add(), builder.add(conv(4, 1), start), builder.add(conv(4, 1), start), start)

        assert "goes to more than two places" in briefs(builder.network(), Aspect.DEPTH)[0]

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_chains_of_any_layers(self, count: int) -> None:
        layers = (conv(4, 1), flatten(), dense(3), dropout(0.5), max_pool(), add())
        for chosen in itertools.product(layers[:-1], repeat=count):
            try:
                network = sequential((8, 8, 3), *chosen)
            except ValueError:
                continue

            assert find_faults(network, wanted())

    def test_a_sum_of_the_input_with_itself(self) -> None:
        builder = NetworkBuilder((8, 8, 3))
        builder.add(add(), INPUT, INPUT)

        assert find_faults(builder.network(), wanted())


class TestRecognisers:
    def test_a_mistake_in_just_these_blocks(self) -> None:
        needless = shows(needless=lambda place: place.block > 0)

        assert needless(_noted(Style(projects=lambda stage, block: True), Aspect.PROJECTIONS))
        assert not needless(_noted(Style(), Aspect.PROJECTIONS))
        assert not needless(_noted(Style(wide=2), Aspect.FILTERS))

    def test_not_where_it_is_only_in_some(self) -> None:
        narrow = shows(wide=lambda place: True)

        assert narrow(_noted(Style(wide=1), Aspect.FILTERS))
        assert not narrow(_noted(Style(narrow=lambda stage: 128 if stage == 2 else 64 * 2**stage), Aspect.FILTERS))

    def test_not_where_more_is_wrong(self) -> None:
        softmax = shows("softmax")

        assert softmax(_noted(Style(head=(global_average_pool(), dense(10))), Aspect.HEAD))
        assert not softmax(_noted(Style(head=(flatten(), dense(10))), Aspect.HEAD))

    def test_not_where_nothing_was_noted(self) -> None:
        assert not shows("softmax")([])


def _noted(style: Style, aspect: Aspect) -> list[Call]:
    network = resnet(wanted(), style)
    found = tuple(each for each in find_faults(network, wanted()) if each.aspect is aspect)
    built = Built(places=places_of(take_apart(network), wanted()), findings=found)
    return [Call(args=(), kwargs={}, reply=Returned(value=built))]


def test_a_place_is_counted_from_one() -> None:
    assert str(Place(stage=2, block=0)) == "stage 3, block 1"
