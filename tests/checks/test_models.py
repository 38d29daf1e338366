"""Saved models are read as data: what is honest becomes a network, what is not becomes a sentence."""

import copy
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.checks.lecture import CIFAR_CNN, DROPOUT_CNN, LENET
from grader.checks.models import ModelFault, ModelLimits, expected_weights, is_hdf5, read_model
from grader.checks.networks import (
    Network,
    activation,
    add,
    batch_norm,
    conv,
    dense,
    dropout,
    first_difference,
    global_average_pool,
    max_pool,
    normalised,
    sequential,
    zero_padding,
)
from grader.checks.networks import NetworkBuilder as Builder
from tests.checks.keras_files import (
    METADATA,
    WEIGHTS,
    archive,
    functional_config,
    keras_file,
    layer_config,
    sequential_config,
    tensor,
    with_header,
)

LECTURE = pytest.mark.parametrize("network", [LENET, DROPOUT_CNN, CIFAR_CNN], ids=["6-1b", "6-2b", "6-4"])
MEMBERS = {
    "metadata.json": json.dumps(METADATA).encode(),
    "config.json": json.dumps(sequential_config(LENET)).encode(),
    "model.weights.h5": WEIGHTS,
}
Config = dict[str, Any]


def residual() -> Network:
    builder = Builder((32, 32, 3))
    x = builder.add(max_pool(3, strides=2), builder.add(conv(8, 7, strides=2, padding="same")))
    shortcut = builder.add(conv(16, 1, name="projection"), x)
    y = builder.add(batch_norm(), builder.add(conv(16, 3, padding="same", name="narrow"), x))
    builder.add(activation("relu"), builder.add(add(), y, shortcut))
    builder.add(dense(10, activation="softmax"), builder.add(global_average_pool()))
    return builder.network()


def fault_of(data: bytes) -> ModelFault:
    """The fault that reading must raise; every one is checked for what all must be."""
    with pytest.raises(ModelFault) as caught:
        read_model(data)
    assert caught.value.brief.isascii()
    assert caught.value.brief.count(". ") >= 1
    assert len(caught.value.detail) < 800
    return caught.value


def with_layer(**changes: Any) -> bytes:
    """LeNet, with its first convolution's configuration changed."""
    config = sequential_config(LENET)
    config["config"]["layers"][1]["config"] |= changes
    return keras_file(config)


class TestHonestFiles:
    @LECTURE
    @pytest.mark.parametrize("write", [sequential_config, functional_config])
    def test_a_network_is_read_as_it_was_built(self, network: Network, write: Callable[[Network], Config]) -> None:
        saved = read_model(keras_file(write(network)))

        assert saved.network == network
        assert saved.weights == WEIGHTS
        assert saved.keras_version == "3.15.1"

    def test_a_graph_keeps_its_branches(self) -> None:
        network = residual()

        assert read_model(keras_file(functional_config(network))).network == network

    def test_a_deflated_archive_is_as_good(self) -> None:
        """Somebody opened it and packed it again."""
        assert read_model(keras_file(sequential_config(LENET), deflated=True)).network == LENET

    def test_containers_count_classes_in_the_model_s_order(self) -> None:
        saved = read_model(keras_file(functional_config(residual())))

        assert [each["container"] for each in saved.expected] == [
            *("conv2d", "conv2d_1", "conv2d_2", "batch_normalization", "dense")
        ]
        assert saved.expected[1] == {"layer": "projection", "container": "conv2d_1", "shapes": [[1, 1, 8, 16], [16]]}

    def test_arrays_can_be_asked_for_in_another_network_s_order(self) -> None:
        builder = Builder((8, 8, 3))
        early = builder.add(conv(4, 1))
        builder.add(add(), builder.add(dropout(0.5), builder.add(conv(4, 3, padding="same"), -1)), early)
        other = Builder((8, 8, 3))
        late = other.add(dropout(0.5), other.add(conv(4, 3, padding="same")))
        other.add(add(), late, other.add(conv(4, 1), -1))
        saved = read_model(keras_file(functional_config(builder.network())))

        assert [each["shapes"][0][0] for each in saved.expected] == [1, 3]
        assert [each["container"] for each in saved.expected_for(other.network())] == ["conv2d_1", "conv2d"]

    def test_a_network_alone_says_what_an_h5_file_must_hold(self) -> None:
        assert expected_weights(LENET)[0]["shapes"] == [[5, 5, 1, 6], [6]]
        assert {each["container"] for each in expected_weights(LENET)} == {""}

    def test_softmax_may_be_missing_and_is_then_a_difference(self) -> None:
        layers = [layer.spec for layer in LENET.layers[:-1]]
        saved = read_model(keras_file(sequential_config(sequential((28, 28, 1), *layers, dense(10)))))

        assert str(first_difference(saved.network, LENET)).startswith("dense_1: activation is linear, the lecture's")

    def test_an_input_of_any_size_is_a_difference(self) -> None:
        config = sequential_config(sequential((None, None, 1), conv(6, 5), global_average_pool()))

        assert str(first_difference(read_model(keras_file(config)).network, LENET)) == (
            "the input is anyxanyx1, the lecture's is 28x28x1"
        )

    def test_how_a_model_is_compiled_is_not_looked_at(self) -> None:
        config = sequential_config(LENET)
        config["compile_config"] = {"loss": {"module": "builtins", "class_name": "function", "config": "my_loss"}}

        assert read_model(keras_file(config)).network == LENET

    @pytest.mark.parametrize("dtype", ["float32", "mixed_float16", None])
    def test_any_floating_point_type_will_do(self, dtype: str | None) -> None:
        assert read_model(with_layer(dtype=dtype)).network == LENET

    def test_regularizers_of_keras_are_forgotten(self) -> None:
        l2 = {"module": "keras.regularizers", "class_name": "L2", "config": {"l2": 0.001}, "registered_name": None}

        assert read_model(with_layer(kernel_regularizer=l2, name="conv2d")).network == LENET

    def test_an_activation_may_be_a_layer_in_an_option(self) -> None:
        relu = layer_config("activation", {}, "re_lu") | {"class_name": "ReLU"}

        assert read_model(with_layer(activation=relu)).network == LENET

    def test_a_function_called_on_a_tensor_is_the_layer_that_does_the_same(self) -> None:
        """`x + y` and keras.ops.relu, as Keras 3 saves them."""
        network = residual()
        config = functional_config(network)
        names = {"Add": ("keras.src.ops.numpy", "Add"), "Activation": ("keras.src.ops.nn", "Relu")}
        for layer in config["config"]["layers"]:
            if layer["class_name"] in names:
                layer["module"], layer["class_name"] = names[layer["class_name"]]
                layer |= {"registered_name": layer["class_name"], "config": {"name": layer["name"]}}
                args = layer["inbound_nodes"][0]["args"]
                layer["inbound_nodes"][0]["args"] = args[0] if isinstance(args[0], list) else args

        assert read_model(keras_file(config)).network == network

    def test_a_layer_without_weights_may_be_used_again(self) -> None:
        network = sequential((8, 8, 3), conv(4, 3), activation("relu"), conv(4, 3), activation("relu"))
        config = functional_config(network)
        relu, last = config["config"]["layers"][2], config["config"]["layers"].pop()
        relu["inbound_nodes"] += last["inbound_nodes"]
        config["config"]["output_layers"] = [relu["name"], 1, 0]

        assert normalised(read_model(keras_file(config)).network) == normalised(network)


class TestOlderKeras:
    def test_keras_2_names_the_batch_otherwise(self) -> None:
        config = sequential_config(LENET)
        first = config["config"]["layers"][0]["config"]
        first["batch_input_shape"] = first.pop("batch_shape")

        assert read_model(keras_file(config, metadata={"keras_version": "2.15.0"})).network == LENET

    def test_keras_2_writes_a_graph_as_lists(self) -> None:
        """Calls are [[[layer, call, tensor, options], ...]]; batch normalisation has a list for its axis."""
        network = residual()
        config = functional_config(network)
        config["module"] = "keras.src.engine.functional"
        config["config"]["output_layers"] = [config["config"]["output_layers"]]
        for layer in config["config"]["layers"]:
            for node in layer["inbound_nodes"]:
                args = node["args"][0] if isinstance(node["args"][0], list) else node["args"]
                layer["inbound_nodes"] = [[[*each["config"]["keras_history"], {}] for each in args]]
            if layer["class_name"] == "BatchNormalization":
                layer["config"]["axis"] = [3]

        assert read_model(keras_file(config)).network == network

    @pytest.mark.parametrize("place", ["first layer", "build_input_shape", "build_config"])
    def test_a_chain_without_an_input_layer_says_its_shape_elsewhere(self, place: str) -> None:
        config = sequential_config(LENET)
        shape = config["config"]["layers"].pop(0)["config"]["batch_shape"]
        if place == "first layer":
            config["config"]["layers"][0]["config"]["batch_input_shape"] = shape
        elif place == "build_input_shape":
            config["config"]["build_input_shape"] = shape
        else:
            config["build_config"] = {"input_shape": shape}

        assert read_model(keras_file(config)).network == LENET

    def test_numpy_numbers_of_keras_2_are_numbers(self) -> None:
        config = sequential_config(sequential((4,), dense(3), activation("relu")))
        relu = config["config"]["layers"][2]
        relu["class_name"] = "ReLU"
        del relu["config"]["activation"]
        zero = {"class_name": "__numpy__", "config": {"value": 0.0, "dtype": "float32"}}
        relu["config"] |= {"max_value": None, "negative_slope": zero, "threshold": zero}

        assert read_model(keras_file(config)).network.layers[1].settings == {"activation": "relu"}


class TestArchives:
    @pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"%PDF-1.7", b"\x80\x04\x95"])
    def test_what_is_no_archive_is_refused(self, data: bytes) -> None:
        assert fault_of(data).brief.startswith("This is no .keras file")

    def test_an_h5_file_is_told_from_one_that_is_read(self) -> None:
        assert is_hdf5(WEIGHTS)
        assert not is_hdf5(keras_file(sequential_config(LENET)))
        assert fault_of(WEIGHTS).brief.startswith("This is an .h5 file")

    @pytest.mark.parametrize("name", ["metadata.json", "config.json", "model.weights.h5"])
    def test_each_member_must_be_there(self, name: str) -> None:
        members = {each: data for each, data in MEMBERS.items() if each != name}

        assert fault_of(archive(members)).brief.startswith(f"The .keras file has no {name}")

    @pytest.mark.parametrize(
        "name",
        ["model.py", "../config.json", "/etc/passwd", "assets/x", "CONFIG.JSON", "config.json/", "c:config.json"],
    )
    def test_nothing_else_may_be_there(self, name: str) -> None:
        fault = fault_of(archive({**MEMBERS, name: b"x"}))

        assert fault.brief.startswith("The archive has a file in it that Keras does not write")
        assert name in fault.detail
        assert name not in fault.brief

    def test_a_nul_in_a_name_does_not_hide_it(self) -> None:
        data = archive({**MEMBERS, "config.jsonx": b"{}"}).replace(b"config.jsonx", b"config.jso\0x")

        assert "that Keras does not write" in fault_of(data).brief

    def test_an_empty_folder_for_assets_is_nothing(self) -> None:
        assert read_model(archive({**MEMBERS, "assets/": b""})).network == LENET

    @pytest.mark.filterwarnings("ignore:Duplicate name")
    def test_the_same_name_twice_is_refused(self) -> None:
        """Two readers could take two different ones."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as made:
            for name, data in [*MEMBERS.items(), ("config.json", b"{}")]:
                made.writestr(name, data)

        assert fault_of(buffer.getvalue()).brief.startswith("The archive has the same file in it twice")

    @pytest.mark.parametrize("flags", [0x0001, 0x0040, 0x2000])
    def test_encryption_is_refused(self, flags: int) -> None:
        assert "encrypted" in fault_of(with_header(archive(MEMBERS), offset=6, value=flags)).brief

    @pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 99])
    def test_only_stored_and_deflated_members_are_unpacked(self, method: int) -> None:
        assert "unusual way" in fault_of(with_header(archive(MEMBERS), offset=8, value=method)).brief

    def test_a_bomb_is_refused_by_what_it_says(self) -> None:
        data = keras_file(sequential_config(LENET), weights=bytes(60 << 20), deflated=True)

        assert len(data) < 1 << 20
        assert "larger than it can honestly be" in fault_of(data).brief

    def test_a_bomb_that_lies_about_its_size_is_stopped(self) -> None:
        """Both headers say that 100 bytes come out."""
        weights = bytes(60 << 20)
        data = bytearray(keras_file(sequential_config(LENET), weights=weights, deflated=True))
        for size in (len(weights).to_bytes(4, "little"),):
            while size in data:
                at = data.index(size)
                data[at : at + 4] = (100).to_bytes(4, "little")

        assert fault_of(bytes(data)).brief.startswith("The .keras file is damaged")

    def test_ten_thousand_members_are_refused_before_they_are_listed(self) -> None:
        data = archive({f"{number}": b"" for number in range(10_000)})
        begin = time.process_time()

        assert "more files in it than Keras writes" in fault_of(data).brief
        assert time.process_time() - begin < 1

    def test_a_wrong_checksum_is_damage(self) -> None:
        data = bytearray(archive(MEMBERS))
        data[data.index(b"HDF")] ^= 1

        assert fault_of(bytes(data)).brief.startswith("The .keras file is damaged")

    def test_limits_are_the_caller_s(self) -> None:
        data = archive(MEMBERS)

        with pytest.raises(ModelFault, match="larger than 0 MB"):
            read_model(data, limits=ModelLimits(archive_bytes=len(data) - 1))
        with pytest.raises(ModelFault, match="has no layers, or more than 3"):
            read_model(data, limits=ModelLimits(layers=3))
        with pytest.raises(ModelFault, match="larger than it can honestly be"):
            read_model(data, limits=ModelLimits(weights_bytes=3))


class TestConfigurations:
    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            (b"", "no JSON"),
            (b"{", "no JSON"),
            (b'{"a": NaN}', "no JSON"),
            (b'{"a": -Infinity}', "no JSON"),
            (b'"\xff"', "no JSON"),
            (b'{"a": 1} {}', "no JSON"),
            (b"[" * 100 + b"]" * 100, "nested too deeply"),
            (b"[" * 500_000, "nested too deeply"),
            (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "nested too deeply"),
            (b"[]", "neither Sequential nor functional"),
            (b"null", "neither Sequential nor functional"),
            (b"{}", "neither Sequential nor functional"),
            (b" " * (3 << 20), "larger than it can honestly be"),
        ],
    )
    def test_json_is_strict_and_bounded(self, text: bytes, sentence: str) -> None:
        assert sentence in fault_of(keras_file(text)).brief

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"class_name": "LeNet", "registered_name": "Custom>LeNet"}, "neither Sequential nor functional"),
            ({"module": "lenet", "registered_name": "Sequential"}, "neither Sequential nor functional"),
            ({"module": "kerasx.models"}, "neither Sequential nor functional"),
            ({"module": None}, "neither Sequential nor functional"),
            ({"config": []}, "neither Sequential nor functional"),
            ({"config": {"layers": []}}, "no layers"),
            ({"config": {"layers": [3]}}, "not written as Keras writes it"),
        ],
    )
    def test_only_keras_s_own_models_are_read(self, changes: Config, sentence: str) -> None:
        assert sentence in fault_of(keras_file(sequential_config(LENET) | changes)).brief

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"class_name": "Lambda"}, "The model has a Lambda layer. The course's models are made of Conv2D"),
            ({"class_name": "LeakyReLU"}, "The model has a LeakyReLU layer"),
            ({"class_name": "TFOpLambda", "module": "keras.src.layers.core.tf_op_layer"}, "The model has a TFOpLambda"),
            ({"class_name": "Sequential", "module": "keras"}, "The model has another model in it"),
            ({"class_name": "Functional"}, "The model has another model in it"),
            ({"class_name": "Capsule"}, "a layer that the course does not use"),
            ({"class_name": "function", "module": "builtins"}, "a layer that is not Keras's own"),
            ({"class_name": "Conv2D", "module": "os"}, "a layer that is not Keras's own"),
            (
                {"class_name": "Conv2D", "module": "lenet", "registered_name": "Conv2D"},
                "a layer that is not Keras's own",
            ),
            ({"class_name": "Conv2D", "registered_name": "evil>Conv2D"}, "a layer that is not Keras's own"),
            ({"class_name": "__lambda__"}, "a layer that the course does not use"),
            ({"class_name": ["Conv2D"]}, "a layer that the course does not use"),
            ({"class_name": "InputLayer"}, "a layer that the course does not use"),
        ],
    )
    def test_only_the_course_s_layers_are_read(self, changes: Config, sentence: str) -> None:
        config = sequential_config(LENET)
        config["config"]["layers"][3] |= changes

        assert sentence in fault_of(keras_file(config)).brief

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"activation": {"module": "builtins", "class_name": "function", "config": "f"}}, "not one of Keras's"),
            ({"activation": "__import__('os')"}, "not one of Keras's"),
            ({"activation": {"class_name": "__lambda__", "config": {"value": "YQ=="}}}, "not one of Keras's"),
            ({"activation": ["relu"]}, "not one of Keras's"),
            ({"kernel_initializer": {"module": "os", "class_name": "system", "config": {}}}, "function of your own"),
            ({"bias_constraint": {"module": "keras", "class_name": "get_file", "config": {}}}, "function of your own"),
            (
                {
                    "kernel_regularizer": {
                        "module": "keras.regularizers",
                        "class_name": "L2",
                        "config": {"l2": {"a": 1}},
                    }
                },
                "function of your own",
            ),
            ({"kernel_initializer": ["x"]}, "function of your own"),
            ({"data_format": "channels_first"}, "the channels first"),
            ({"flipped": True}, "an option that the course does not use"),
            ({"dtype": "int8"}, "does not compute in floating point"),
            ({"dtype": {"class_name": "QuantizedDTypePolicy", "config": {"name": "x"}}}, "floating point"),
            ({"filters": -1}, "do not fit together"),
            ({"filters": 1e300}, "do not fit together"),
            ({"filters": 10**40}, "do not fit together"),
            ({"filters": True}, "do not fit together"),
            ({"kernel_size": [5, 5, 5]}, "do not fit together"),
            ({"kernel_size": [50, 50], "padding": "valid"}, "do not fit together"),
            ({"padding": ["same"]}, "do not fit together"),
            ({"strides": {"a": 1}}, "do not fit together"),
            ({"groups": 4}, "do not fit together"),
        ],
    )
    def test_options_are_checked(self, changes: Config, sentence: str) -> None:
        fault = fault_of(with_layer(**changes))

        assert sentence in fault.brief
        assert "conv2d" in fault.detail

    def test_an_option_that_keras_writes_may_not_be_left_out(self) -> None:
        config = sequential_config(LENET)
        del config["config"]["layers"][1]["config"]["filters"]

        assert "lacks an option" in fault_of(keras_file(config)).brief

    def test_names_from_the_file_are_harmless_and_only_in_the_detail(self) -> None:
        fault = fault_of(with_layer(name="\x1b[31m::error::" + "x" * 5000, filters=0))

        assert "\x1b" not in fault.detail
        assert "xxx" not in fault.brief

    def test_a_model_that_was_never_built_is_told_to_begin_with_an_input(self) -> None:
        config = sequential_config(LENET)
        del config["config"]["layers"][0]

        assert "Begin it with keras.Input(...)" in fault_of(keras_file(config)).brief

    @pytest.mark.parametrize("shape", [[], [None], "x", [None, "28"], [None, 28.0], [None, True], [None] * 99, {}])
    def test_an_input_has_a_shape(self, shape: Any) -> None:
        config = sequential_config(LENET)
        config["config"]["layers"][0]["config"]["batch_shape"] = shape

        assert "does not say which shape it takes" in fault_of(keras_file(config)).brief

    def test_axes_other_than_the_last_are_refused(self) -> None:
        config = sequential_config(sequential((8, 8, 3), batch_norm(), zero_padding(1)))
        config["config"]["layers"][1]["config"]["axis"] = 1

        assert "another axis than the last" in fault_of(keras_file(config)).brief


class TestGraphs:
    @staticmethod
    def changed(change: Callable[[Config], object]) -> ModelFault:
        config = functional_config(residual())
        change({layer["name"]: layer for layer in config["config"]["layers"]} | {"": config["config"]})
        return fault_of(keras_file(config))

    @pytest.mark.parametrize(
        ("history", "sentence"),
        [
            (["nowhere", 0, 0], "fed by one that is not there"),
            (["conv2d", 1, 0], "no input"),
            (["conv2d", -1, 0], "fed by one that is not there"),
            (["conv2d", 0, 1], "fed by one that is not there"),
            (["conv2d", 10**30, 0], "fed by one that is not there"),
            (["conv2d", "0", 0], "fed by one that is not there"),
            ([["conv2d"], 0, 0], "fed by one that is not there"),
            (["conv2d"], "fed by one that is not there"),
            (None, "fed by one that is not there"),
            (["max_pooling2d", 0, 0], "does not lead to its output"),
        ],
    )
    def test_every_tensor_must_come_from_somewhere(self, history: Any, sentence: str) -> None:
        fed = tensor("")
        fed["config"]["keras_history"] = history
        node = {"args": [fed], "kwargs": {}}

        assert sentence in self.changed(lambda layers: layers["max_pooling2d"].update(inbound_nodes=[node])).brief

    @pytest.mark.parametrize(
        ("nodes", "sentence"),
        [
            (None, "not written as Keras writes it"),
            ([], "no input"),
            ([3], "fed by one that is not there"),
            ([{}], "fed by something other than a layer"),
            ([{"args": []}], "no input"),
            ([{"args": [1.0]}], "fed by something other than a layer"),
            ([{"args": [tensor("conv2d")], "kwargs": {"training": True}}], "called with an option"),
            ([{"args": [tensor("conv2d")], "kwargs": []}], "not written as Keras writes it"),
            ([{"args": [tensor("conv2d"), tensor("conv2d")]}], "do not fit together"),
            ([{"args": [tensor("conv2d")] * 99}], "or more than 64"),
            ([{"args": []}] * 99, "not written as Keras writes it"),
            ([[["conv2d", 0, 0, {"training": 1}]]], "called with an option"),
        ],
    )
    def test_calls_are_checked(self, nodes: Any, sentence: str) -> None:
        assert sentence in self.changed(lambda layers: layers["max_pooling2d"].update(inbound_nodes=nodes)).brief

    def test_a_circle_is_refused(self) -> None:
        fault = self.changed(lambda layers: layers["add"]["inbound_nodes"][0]["args"][0].append(tensor("activation")))

        assert "in a circle" in fault.brief

    def test_weights_in_two_places_are_refused(self) -> None:
        again = {"args": [tensor("projection")], "kwargs": {}}

        def change(layers: Config) -> None:
            layers["projection"]["inbound_nodes"].append(again)
            layers["projection"]["inbound_nodes"][0]["args"] = [tensor("narrow")]
            again["args"] = [tensor("projection")]
            layers["add"]["inbound_nodes"][0]["args"][0][1] = tensor("projection", 1)
            layers["projection"]["config"]["filters"] = 16

        assert "A layer with weights is used twice" in self.changed(change).brief

    @pytest.mark.parametrize(
        "outputs", [None, [], "dense", [["dense", 0, 0], ["dense", 0, 0]], {"a": 1}, [[["dense"]]]]
    )
    def test_there_is_one_output(self, outputs: Any) -> None:
        assert (
            "more than one input or output" in self.changed(lambda all_: all_[""].update(output_layers=outputs)).brief
        )

    def test_a_layer_that_leads_nowhere_is_refused(self) -> None:
        fault = self.changed(lambda all_: all_[""].update(output_layers=["add", 0, 0]))

        assert "does not lead to its output" in fault.brief

    def test_two_layers_of_one_name_are_refused(self) -> None:
        assert "the same name" in self.changed(lambda layers: layers["projection"].update(name="narrow")).brief

    def test_the_output_may_stand_anywhere_in_the_file(self) -> None:
        config = functional_config(residual())
        config["config"]["layers"].reverse()

        assert normalised(read_model(keras_file(config)).network) == normalised(residual())

    def test_a_thousand_layers_are_read_in_a_second(self) -> None:
        config = functional_config(sequential((8, 8, 3), *[dropout(0.0)] * 498, *[conv(3, 1)] * 500))
        config["config"]["layers"].reverse()
        begin = time.process_time()

        network = read_model(keras_file(config)).network
        assert first_difference(network, LENET) is not None
        assert time.process_time() - begin < 1


# --- any bytes ----------------------------------------------------------------


def only_faults(data: bytes) -> None:
    begin = time.process_time()
    try:
        network = read_model(data).network
    except ModelFault:
        pass  # with the sentence that fault_of checks elsewhere
    else:
        first_difference(network, LENET)
    assert time.process_time() - begin < 1


@given(st.binary(max_size=400))
def test_junk_is_a_fault(data: bytes) -> None:
    only_faults(data)
    only_faults(b"PK\x03\x04" + data)


@given(st.integers(0, len(archive(MEMBERS))), st.booleans())
def test_a_truncated_file_is_a_fault(length: int, deflated: bool) -> None:
    data = archive(MEMBERS, deflated=deflated)
    if length < len(data):
        fault_of(data[:length])


@given(st.data(), st.booleans())
def test_a_damaged_file_is_a_fault_or_still_a_network(data: st.DataObject, deflated: bool) -> None:
    whole = bytearray(archive(MEMBERS, deflated=deflated))
    for _ in range(data.draw(st.integers(1, 4))):
        # Most bytes are text; the headers are where it gets interesting.
        place = data.draw(st.one_of(st.integers(0, len(whole) - 1), st.integers(len(whole) - 250, len(whole) - 1)))
        whole[place] = data.draw(st.integers(0, 255))
    only_faults(bytes(whole))


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(["", "relu", "conv2d", "Lambda", "keras.layers", "__numpy__", "same", "\x00", "input_layer"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["class_name", "module", "config", "name", "layers", "value"]), inner, max_size=4
        ),
    ),
    max_leaves=8,
)
CONFIGS = [sequential_config(LENET), functional_config(residual())]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every list and object of a configuration, with each of its keys."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    found = [(value, key) for key in keys]
    for key in keys:
        if isinstance(value[key], dict | list):
            found += places(value[key])
    return found


@settings(max_examples=300)
@given(st.data())
def test_a_configuration_with_anything_in_it_is_a_fault_or_a_network(data: st.DataObject) -> None:
    config = copy.deepcopy(data.draw(st.sampled_from(CONFIGS)))
    for _ in range(data.draw(st.integers(1, 3))):
        found = places(config)
        holder, key = found[data.draw(st.integers(0, len(found) - 1))]
        match data.draw(st.integers(0, 2)):
            case 0:
                del holder[key]
            case 1:
                holder[key] = data.draw(ANYTHING)
            case _:
                other, its_key = found[data.draw(st.integers(0, len(found) - 1))]
                holder[key] = copy.deepcopy(other[its_key]) if its_key in other or isinstance(other, list) else None
        if not config:
            break
    only_faults(keras_file(config))


@given(ANYTHING, ANYTHING)
def test_any_json_is_a_fault_or_a_network(config: Any, metadata: Any) -> None:
    only_faults(keras_file(config, metadata=metadata))


@pytest.mark.parametrize("metadata", [{}, [], None, {"keras_version": 3}, {"keras_version": "3\x1b[31m" + "9" * 999}])
def test_the_version_is_only_a_remark(metadata: Any) -> None:
    version = read_model(keras_file(sequential_config(LENET), metadata=metadata)).keras_version

    assert len(version) <= 40
    assert version.isprintable()
