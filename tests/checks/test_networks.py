"""Networks as data: the lecture's numbers, other ways of writing them, and what is said where one differs."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.checks.lecture import CIFAR_CNN, DROPOUT_CNN, LENET
from grader.checks.networks import (
    INPUT,
    LayerSpec,
    Network,
    NetworkBuilder,
    NetworkError,
    activation,
    add,
    as_plain,
    average_pool,
    batch_norm,
    changed,
    conv,
    counterparts,
    dense,
    depthwise_conv,
    dropout,
    first_difference,
    flatten,
    from_plain,
    global_average_pool,
    max_pool,
    normalised,
    rescaling,
    reshape,
    separable_conv,
    sequential,
    zero_padding,
)

LECTURE = pytest.mark.parametrize("network", [LENET, DROPOUT_CNN, CIFAR_CNN], ids=["6-1b", "6-2b", "6-4"])


def specs(network: Network) -> list[LayerSpec]:
    return [LayerSpec(kind=layer.kind, settings=layer.settings) for layer in network.layers]


def without(network: Network, index: int) -> Network:
    layers = specs(network)
    return sequential(network.input_shape, *layers[:index], *layers[index + 1 :])


def test_a_mistake_needs_a_layer_to_stand_in() -> None:
    for at in (3, -4):
        with pytest.raises(NetworkError, match="the network has 3 layers of kind conv2d"):
            changed(LENET, "conv2d", at=at, padding="valid")
    with pytest.raises(NetworkError, match="conv2d_2: a window of 5x5 does not fit maps of 4x4"):
        changed(LENET, "conv2d", padding="valid")


def said(got: Network, wanted: Network) -> str:
    return str(first_difference(got, wanted))


class TestArithmetic:
    @pytest.mark.parametrize(
        ("network", "parameters"), [(LENET, 545_546), (DROPOUT_CNN, 1_199_882), (CIFAR_CNN, 890_410)]
    )
    def test_the_lecture_s_networks_have_the_lecture_s_parameters(self, network: Network, parameters: int) -> None:
        assert network.parameters == parameters
        assert network.output_shape == (10,)
        assert sum(math.prod(shape) for shape in network.weight_shapes) == parameters

    def test_the_cifar_network_has_the_shapes_of_script_6_5(self) -> None:
        shapes: list[tuple[int, ...]] = [
            (30, 30, 32),
            (28, 28, 32),
            (14, 14, 32),
            (14, 14, 32),
            (12, 12, 64),
            (10, 10, 64),
            (5, 5, 64),
        ]
        shapes += [(5, 5, 64), (1600,), (512,), (512,), (10,)]

        assert [layer.output_shape for layer in CIFAR_CNN.layers] == shapes

    @pytest.mark.parametrize(
        ("layer", "shape", "weights"),
        [
            (conv(8, (3, 5), strides=2), (4, 9, 8), ((3, 5, 6, 8), (8,))),
            (conv(8, 3, strides=(3, 2), padding="same"), (4, 11, 8), ((3, 3, 6, 8), (8,))),
            (conv(8, 3, dilation=2, use_bias=False), (6, 17, 8), ((3, 3, 6, 8),)),
            (conv(4, 3, groups=2), (8, 19, 4), ((3, 3, 3, 4), (4,))),
            (depthwise_conv(3, depth_multiplier=2), (8, 19, 12), ((3, 3, 6, 2), (12,))),
            (separable_conv(7, 3), (8, 19, 7), ((3, 3, 6, 1), (1, 1, 6, 7), (7,))),
            (max_pool(3, strides=2), (4, 10, 6), ()),
            (average_pool(2, padding="same"), (5, 11, 6), ()),
            (global_average_pool(), (6,), ()),
            (flatten(), (1260,), ()),
            (dense(5), (10, 21, 5), ((6, 5), (5,))),
            (batch_norm(scale=False), (10, 21, 6), ((6,), (6,), (6,))),
            (zero_padding((1, 2, 3, 4)), (13, 28, 6), ()),
            (reshape(-1, 6), (210, 6), ()),
            (rescaling(1 / 255), (10, 21, 6), ()),
            (dropout(0.5), (10, 21, 6), ()),
        ],
    )
    def test_each_kind_makes_its_shape_and_weights(
        self, layer: LayerSpec, shape: tuple[int, ...], weights: tuple[tuple[int, ...], ...]
    ) -> None:
        (made,) = sequential((10, 21, 6), layer).layers

        assert made.output_shape == shape
        assert made.weight_shapes == weights

    def test_a_size_that_is_not_fixed_stays_so(self) -> None:
        network = sequential((None, 28, 1), conv(4, 3), max_pool(), flatten())

        assert [layer.output_shape for layer in network.layers] == [(None, 26, 4), (None, 13, 4), (None,)]

    @pytest.mark.parametrize(
        ("layers", "sentence"),
        [
            ([conv(4, 9)], "conv2d: a window of 9x9 does not fit maps of 8x8"),
            ([flatten(), max_pool()], "max_pooling2d: it takes maps (rows, columns, channels), and gets 192"),
            ([conv(4, 3, groups=2)], "conv2d: 3 channels and 4 filters do not fall into 2 groups"),
            ([reshape(5, -1)], "reshape: 8x8x3 cannot become 5x-1"),
            ([conv(0, 3)], "conv2d: filters cannot be 0"),
            ([conv(4, 3, padding="full")], "conv2d: padding cannot be 'full'"),
            ([dense(3, activation="maxout")], "dense: activation cannot be 'maxout'"),
            ([dropout(1.0)], "dropout: rate cannot be 1.0"),
            ([LayerSpec(kind="lambda")], "there is no kind of layer `lambda`"),
            ([LayerSpec(kind="dropout")], "dropout has the settings rate; `rate` is not as it should be"),
            ([add()], "add cannot have 1 inputs"),
            ([flatten(name="a"), flatten(name="a")], "two layers are called `a`"),
        ],
    )
    def test_what_cannot_be_is_said(self, layers: list[LayerSpec], sentence: str) -> None:
        with pytest.raises(NetworkError) as caught:
            sequential((8, 8, 3), *layers)

        assert str(caught.value) == sentence

    def test_dense_needs_a_fixed_number_of_inputs(self) -> None:
        with pytest.raises(NetworkError, match="dense: the number of values that come in is not fixed"):
            sequential((None, 28, 1), flatten(), dense(10))

    def test_a_sum_needs_equal_shapes(self) -> None:
        builder = NetworkBuilder((8, 8, 3))
        builder.add(conv(4, 3))

        with pytest.raises(NetworkError, match="add: it adds 6x6x4 and 8x8x3: the shapes differ"):
            builder.add(add(), 0, INPUT)


def block(*, projection: bool, swapped: bool = False, early: bool = False) -> Network:
    """A residual block of 8 channels; the graph can be written in several ways."""
    builder = NetworkBuilder((8, 8, 8))
    shortcut = builder.add(conv(8, 1), INPUT) if projection and early else INPUT
    first = builder.add(conv(8, 3, padding="same"), INPUT)
    second = builder.add(conv(8, 3, padding="same"), builder.add(activation("relu"), first))
    if projection and not early:
        shortcut = builder.add(conv(8, 1), INPUT)
    builder.add(activation("relu"), builder.add(add(), *((shortcut, second) if swapped else (second, shortcut))))
    return builder.network()


class TestNormalForm:
    @LECTURE
    def test_activations_may_be_layers_of_their_own(self, network: Network) -> None:
        layers = []
        for each in specs(network):
            ends_in = each.settings.get("activation")
            plain = {**each.settings, "activation": "linear"} if ends_in else each.settings
            layers.append(LayerSpec(kind=each.kind, settings=plain))
            layers += [activation(str(ends_in))] if ends_in else []
        written = sequential(network.input_shape, *layers)

        assert written != network
        assert normalised(written) == normalised(network)
        assert first_difference(written, network) is None

    @pytest.mark.parametrize(
        "idle", [activation("linear"), dropout(0), rescaling(1), zero_padding(0), activation("relu")]
    )
    def test_what_changes_nothing_is_left_out(self, idle: LayerSpec) -> None:
        before = [conv(6, 5, padding="same", activation="relu"), max_pool()]
        plain = sequential((28, 28, 1), *before)

        assert normalised(sequential((28, 28, 1), before[0], idle, before[1])) == normalised(plain)

    def test_a_reshape_to_a_row_is_a_flatten(self) -> None:
        assert normalised(sequential((4, 5, 3), reshape(-1))) == normalised(sequential((4, 5, 3), flatten()))

    def test_names_mean_nothing(self) -> None:
        assert first_difference(sequential((4,), dense(2, name="C1")), sequential((4,), dense(2))) is None

    def test_an_activation_is_not_folded_into_what_others_read(self) -> None:
        """The sum adds what the convolution gives before its ReLU."""
        builder = NetworkBuilder((8, 8, 3))
        maps = builder.add(conv(4, 3), INPUT)
        builder.add(add(), builder.add(activation("relu"), maps), maps)

        assert [layer.kind for layer in normalised(builder.network()).layers] == ["conv2d", "activation", "add"]

    @pytest.mark.parametrize("other", [changed(LENET, "conv2d", padding="valid", at=0), without(DROPOUT_CNN, 3)])
    def test_padding_and_dropout_are_not_normalised(self, other: Network) -> None:
        assert all(first_difference(other, network) is not None for network in (LENET, DROPOUT_CNN))

    @pytest.mark.parametrize("projection", [True, False])
    def test_a_sum_may_be_written_in_any_order(self, projection: bool) -> None:
        plain = block(projection=projection)

        for swapped, early in [(True, False), (False, True), (True, True)]:
            assert first_difference(block(projection=projection, swapped=swapped, early=early), plain) is None

    def test_counterparts_pair_layers_with_the_same_place(self) -> None:
        """The projection comes first in one, last in the other."""
        early, late = block(projection=True, early=True), block(projection=True)

        for one, other in [(early, late), (late, early)]:
            pairs = counterparts(one, other)
            weighted = [layer for layer in other.layers if layer.parameters]
            assert [one.layers[index].weights for index in pairs] == [layer.weights for layer in weighted]

    def test_networks_that_differ_have_no_counterparts(self) -> None:
        with pytest.raises(ValueError, match="the networks differ"):
            counterparts(LENET, CIFAR_CNN)


class TestFirstDifference:
    @LECTURE
    def test_a_network_does_not_differ_from_itself(self, network: Network) -> None:
        assert first_difference(network, network) is None

    @pytest.mark.parametrize(
        ("got", "wanted", "sentence"),
        [
            (
                changed(LENET, "conv2d", at=1, padding="valid"),
                LENET,
                "conv2d_1: padding is valid, the lecture's is same: 10x10 instead of 14x14",
            ),
            (
                changed(LENET, "conv2d", size=(3, 3)),
                LENET,
                "conv2d: the filter is 3x3, the lecture's is 5x5: 60 parameters instead of 156",
            ),
            (
                changed(LENET, "dense", at=-1, activation="linear"),
                LENET,
                "dense_1: activation is linear, the lecture's is softmax: the outputs are no probabilities",
            ),
            (
                changed(LENET, "conv2d", at=0, activation="linear"),
                LENET,
                "conv2d: activation is linear, the lecture's is relu: the layer is linear",
            ),
            (
                changed(CIFAR_CNN, "dropout", rate=0.5),
                CIFAR_CNN,
                "dropout: the rate is 0.5, the lecture's is 0.25",
            ),
            (
                changed(LENET, "conv2d", at=0, filters=8, activation="tanh"),
                LENET,
                "conv2d: the number of filters is 8, the lecture's is 6; activation is tanh, the lecture's is relu: "
                "208 parameters instead of 156",
            ),
            (
                changed(LENET, "max_pooling2d", kind="average_pooling2d"),
                LENET,
                "average_pooling2d is an AveragePooling2D layer (2x2), "
                "the lecture has a MaxPooling2D layer (2x2) there",
            ),
            (
                without(DROPOUT_CNN, 3),
                DROPOUT_CNN,
                "after max_pooling2d the lecture has a Dropout layer (rate 0.25), here comes a Flatten layer: "
                "nothing is dropped instead of a quarter",
            ),
            (
                without(CIFAR_CNN, 4),
                CIFAR_CNN,
                "after conv2d_2 the lecture has a Conv2D layer (64 filters, 3x3, valid, relu), here comes a "
                "MaxPooling2D layer (2x2): 1,213,930 parameters in all instead of 890,410",
            ),
            (
                without(CIFAR_CNN, 11),
                CIFAR_CNN,
                "after dropout_2 the lecture has a Dense layer (10 units, softmax), here the network ends: "
                "885,280 parameters in all instead of 890,410",
            ),
            (
                DROPOUT_CNN,
                without(DROPOUT_CNN, 3),
                "dropout is a Dropout layer (rate 0.25), the lecture has a Flatten layer there: "
                "a quarter is dropped instead of nothing",
            ),
            (
                sequential((28, 28, 1), rescaling(1 / 255), *specs(LENET)),
                LENET,
                "rescaling is a Rescaling layer, the lecture has a Conv2D layer (6 filters, 5x5, same, relu) there",
            ),
            (
                sequential((28, 28, 1), *specs(LENET), dense(10)),
                LENET,
                "dense_2 is a Dense layer (10 units), the lecture ends before it: "
                "545,656 parameters in all instead of 545,546",
            ),
            (
                sequential((28, 28, 3), *LENET.specs),
                LENET,
                "the input is 28x28x3, the lecture's is 28x28x1",
            ),
            (
                sequential((None, 28, 1), conv(6, 5)),
                sequential((28, 28, 1), conv(6, 5)),
                "the input is anyx28x1, the lecture's is 28x28x1",
            ),
        ],
    )
    def test_it_names_the_layer_and_what_it_costs(self, got: Network, wanted: Network, sentence: str) -> None:
        assert said(got, wanted) == sentence
        assert sentence.isascii()

    def test_a_stride_where_a_pool_belongs_is_found_in_the_convolution(self) -> None:
        layers = [each for each in specs(LENET) if each.kind != "max_pooling2d"]
        strided = [
            LayerSpec(kind=each.kind, settings={**each.settings, "strides": (2, 2)}) if index < 2 else each
            for index, each in enumerate(layers)
        ]

        assert said(sequential((28, 28, 1), *strided), LENET) == (
            "conv2d: the stride is 2, the lecture's is 1: 14x14 instead of 28x28"
        )

    def test_a_missing_shortcut_is_named(self) -> None:
        builder = NetworkBuilder((8, 8, 8))
        first = builder.add(conv(8, 3, padding="same", activation="relu"))
        builder.add(conv(8, 3, padding="same", activation="relu"), first)

        assert said(builder.network(), block(projection=False)) == (
            "conv2d_1: activation is relu, the lecture's is linear"
        )
        builder = NetworkBuilder((8, 8, 8))
        builder.add(conv(8, 3, padding="same"), builder.add(conv(8, 3, padding="same", activation="relu")))
        assert said(builder.network(), block(projection=False)) == (
            "after conv2d_1 the lecture has an Add layer, here the network ends: there is no shortcut"
        )

    def test_an_identity_where_a_projection_belongs_is_named(self) -> None:
        sentence = said(block(projection=False), block(projection=True))

        assert sentence.startswith("after the input the lecture has a Conv2D layer (8 filters, 1x1, valid), here comes")

    def test_a_sum_of_the_wrong_layers_is_named(self) -> None:
        builder = NetworkBuilder((8, 8, 8))
        first = builder.add(conv(8, 3, padding="same", activation="relu"))
        second = builder.add(conv(8, 3, padding="same"), first)
        builder.add(activation("relu"), builder.add(add(), second, first))

        assert said(builder.network(), block(projection=False)) == (
            "add: it adds conv2d_1 and conv2d, the lecture's adds conv2d_1 and the input"
        )

    def test_a_name_that_keras_did_not_give_stays_out_of_the_sentence(self) -> None:
        """A training that knows hidden images could write them there."""
        renamed = sequential((28, 28, 1), *specs(LENET)[:-1], dense(10, name="label_of_image_7_is_3"))
        difference = first_difference(renamed, LENET)

        assert difference is not None
        assert difference.brief.startswith("layer 8 (Dense): activation is linear")
        assert "label_of_image_7_is_3" in difference.detail
        assert (difference.layer, difference.aspect) == (7, "activation")

    def test_the_owner_is_named_as_asked(self) -> None:
        difference = first_difference(without(DROPOUT_CNN, 3), DROPOUT_CNN, owner="build_model")

        assert "after max_pooling2d build_model has a Dropout layer" in str(difference)


# --- any network --------------------------------------------------------------

ENDS = st.sampled_from(["linear", "relu", "tanh", "softmax"])
SIZES, PADDING = st.integers(1, 3), st.sampled_from(["valid", "same"])
LAYERS = st.one_of(
    st.builds(conv, st.integers(1, 4), SIZES, strides=SIZES, padding=PADDING, activation=ENDS),
    st.builds(max_pool, SIZES, padding=PADDING),
    st.builds(activation, ENDS),
    st.builds(dropout, st.sampled_from([0, 0.25, 0.5])),
    st.builds(batch_norm),
    st.builds(dense, st.integers(1, 4), activation=ENDS),
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    builder = NetworkBuilder((draw(st.integers(4, 9)), draw(st.integers(4, 9)), draw(st.integers(1, 3))))
    for layer in draw(st.lists(LAYERS, max_size=8)):
        last = len(builder.network().layers) - 1
        try:
            builder.add(layer, draw(st.integers(INPUT, last)))
        except NetworkError:
            continue
        now, earlier = len(builder.network().layers) - 1, draw(st.integers(INPUT, max(last, INPUT)))
        if builder.shape_of(now) == builder.shape_of(earlier) and draw(st.booleans()):
            builder.add(add(), now, earlier)
    return builder.network()


@given(networks())
def test_plain_data_is_json_and_gives_the_network_back(network: Network) -> None:
    assert from_plain(json.loads(json.dumps(as_plain(network)))) == network


@given(networks())
def test_a_normal_form_is_its_own(network: Network) -> None:
    once = normalised(network)

    assert normalised(once) == once
    assert once.output_shape == network.output_shape
    assert first_difference(network, once) is None


@given(networks(), networks())
def test_a_difference_is_found_exactly_where_normal_forms_differ(one: Network, other: Network) -> None:
    difference = first_difference(one, other)

    assert (difference is None) == (normalised(one) == normalised(other))
    assert difference is None or difference.brief.isascii()


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"input_shape": 3, "layers": []},
        {"input_shape": [0], "layers": []},
        {"input_shape": [4], "layers": [{"kind": "dense"}]},
        {"input_shape": [4], "layers": [{"kind": "flatten", "name": "a", "inputs": [0], "settings": {}}]},
        {"input_shape": [4], "layers": [{"kind": "flatten", "name": "a", "inputs": ["x"], "settings": {}}]},
        {"input_shape": [4], "layers": [{"kind": "flatten", "name": "a", "inputs": [-1], "settings": {"rate": 1}}]},
    ],
)
def test_plain_data_that_is_no_network_is_refused(plain: dict[str, object]) -> None:
    with pytest.raises(NetworkError):
        from_plain(plain)
