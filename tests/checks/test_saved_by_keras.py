"""Files that Keras itself saved are read as Keras reads them: shapes, parameters, and where the arrays are."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.checks.lecture import CIFAR_CNN, DROPOUT_CNN, LENET
from grader.checks.models import ModelFault, SavedModel, read_model
from grader.checks.networks import (
    Network,
    NetworkBuilder,
    activation,
    add,
    as_plain,
    batch_norm,
    conv,
    dense,
    first_difference,
    global_average_pool,
    normalised,
    zero_padding,
)
from tests.oracles.in_tensorflow import answer, needs_tensorflow

pytestmark = [pytest.mark.slow, needs_tensorflow]

_BUILD = """
import io, json, zipfile
import h5py, keras
L, K = keras.layers, keras
models = {}

def chain(shape, *layers):
    return K.Sequential([K.Input(shape), *layers])

def cifar(relu=lambda layer: [layer]):
    return [
        *relu(L.Conv2D(32, 3, activation="relu")), *relu(L.Conv2D(32, 3, activation="relu")), L.MaxPooling2D(2),
        L.Dropout(0.25), *relu(L.Conv2D(64, 3, activation="relu")), *relu(L.Conv2D(64, 3, activation="relu")),
        L.MaxPooling2D(2), L.Dropout(0.25), L.Flatten(), *relu(L.Dense(512, activation="relu")), L.Dropout(0.5),
        *relu(L.Dense(10, activation="softmax"))]

def split(layer):
    activation, layer.activation = layer.activation, K.activations.linear
    return [layer, L.Softmax() if activation is K.activations.softmax else L.ReLU()]

lenet = [
    L.Conv2D(6, (5, 5), padding="same", activation="relu"), L.MaxPooling2D((2, 2)),
    L.Conv2D(16, (5, 5), padding="same", activation="relu"), L.MaxPooling2D((2, 2)),
    L.Conv2D(120, (5, 5), padding="same", activation="relu"), L.Flatten(), L.Dense(84, activation="relu"),
    L.Dense(10, activation="softmax")]
models["lenet"] = chain((28, 28, 1), *lenet)
models["lenet"].compile("adam", "categorical_crossentropy", metrics=["accuracy"])
models["dropout"] = chain((28, 28, 1), L.Conv2D(32, 3, activation="relu"), L.Conv2D(64, 3, activation="relu"),
    L.MaxPooling2D(), L.Dropout(0.25), L.Flatten(), L.Dense(128, "relu", kernel_regularizer="l2"), L.Dropout(0.5),
    L.Dense(10, "softmax"))
models["cifar"] = chain((32, 32, 3), *cifar())
models["cifar split"] = chain((32, 32, 3), *cifar(split))
x = inputs = K.Input((32, 32, 3))
for layer in cifar():
    x = layer(x)
models["cifar functional"] = K.Model(inputs, x)
late = K.Sequential(cifar())
late(np.zeros((1, 32, 32, 3), "float32"))
models["cifar built by a call"] = late

def resnet(plus, relu):
    inputs = K.Input((32, 48, 3))
    x = L.ZeroPadding2D(((1, 2), (3, 0)))(inputs)
    x = L.Conv2D(8, 3, strides=(2, 1), padding="same", use_bias=False)(x)
    for filters in (8, 12):
        y = L.Conv2D(filters, 3, padding="same")(relu(L.BatchNormalization()(x)))
        y = L.Conv2D(filters, 3, padding="same", name=f"last_{filters}")(y)
        x = relu(plus(y, x if filters == 8 else L.Conv2D(filters, 1)(x)))
    return K.Model(inputs, L.Dense(10, activation="softmax")(L.GlobalAveragePooling2D()(x)))

models["residual layers"] = resnet(lambda a, b: L.Add()([a, b]), lambda x: L.Activation("relu")(x))
shared = L.ReLU()
models["residual operators"] = resnet(lambda a, b: a + b, K.activations.relu)
models["residual shared"] = resnet(lambda a, b: L.add([b, a]), shared)
models["kinds"] = chain((11, 9, 4), L.Rescaling(1 / 255, 0.5), L.DepthwiseConv2D(3, depth_multiplier=2),
    L.SeparableConv2D(5, (3, 2), padding="same"), L.BatchNormalization(scale=False), L.AveragePooling2D(2, strides=1),
    L.Conv2D(6, 2, dilation_rate=2, groups=1), L.GlobalMaxPooling2D(), L.Reshape((2, 3)), L.Reshape((-1,)), L.Dense(3))
models["lambda"] = chain((4,), L.Lambda(lambda x: x * 2), L.Dense(2))
models["function"] = chain((4,), L.Dense(2, activation=lambda x: x))
models["nested"] = chain((4,), K.Sequential([K.Input((4,)), L.Dense(2)]))
models["unbuilt"] = K.Sequential([L.Dense(2)])

class Mine(L.Dense):
    pass

class Net(K.Model):
    def __init__(self):
        super().__init__()
        self.dense = L.Dense(2)
    def call(self, x):
        return self.dense(x)

models["own layer"] = chain((4,), Mine(2))
net = Net()
net(np.zeros((1, 4), "float32"))
models["own model"] = net

facts = {}
for name, model in models.items():
    path = f"{FOLDER}/{name}.keras"
    model.save(path)
    arrays = {}
    with zipfile.ZipFile(path) as opened, h5py.File(io.BytesIO(opened.read("model.weights.h5"))) as h5:
        h5.visititems(lambda at, each: arrays.update({at: each.shape}) if hasattr(each, "shape") else None)
    layers = [
        {"name": layer.name, "shape": layer.output.shape[1:], "parameters": layer.count_params()}
        for layer in (model.layers if name not in ("unbuilt", "own model") else [])
        if not isinstance(layer, L.InputLayer) and len(layer._inbound_nodes) == 1
    ]
    facts[name] = {"layers": layers, "arrays": arrays, "parameters": model.count_params() if layers else 0}
answers["facts"] = np.array(json.dumps(facts))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    folder: Path
    facts: dict[str, Any]

    def read(self, name: str) -> SavedModel:
        return read_model((self.folder / f"{name}.keras").read_bytes())


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Saved:
    folder = tmp_path_factory.mktemp("models")
    script = folder / "build.py"  # Keras asks for the source of a Lambda layer's function
    script.write_text(_BUILD, encoding="utf-8")
    path = str(script)
    answers = answer(f"FOLDER = {str(folder)!r}\nexec(compile(open({path!r}).read(), {path!r}, 'exec'))", {}, folder)
    return Saved(folder=folder, facts=json.loads(str(answers["facts"])))


def residual() -> Network:
    builder = NetworkBuilder((32, 48, 3))
    builder.add(zero_padding((1, 2, 3, 0)))
    x = builder.add(conv(8, 3, strides=(2, 1), padding="same", use_bias=False))
    for filters in (8, 12):
        y = builder.add(activation("relu"), builder.add(batch_norm(), x))
        y = builder.add(conv(filters, 3, padding="same"), builder.add(conv(filters, 3, padding="same"), y))
        shortcut = x if filters == 8 else builder.add(conv(filters, 1), x)
        x = builder.add(activation("relu"), builder.add(add(), y, shortcut))
    builder.add(dense(10, activation="softmax"), builder.add(global_average_pool()))
    return builder.network()


READABLE = pytest.mark.parametrize(
    "name",
    [
        *("lenet", "dropout", "cifar", "cifar split", "cifar functional", "cifar built by a call", "kinds"),
        *("residual layers", "residual operators", "residual shared"),
    ],
)


@READABLE
def test_shapes_and_parameters_are_keras_s(saved: Saved, name: str) -> None:
    network, facts = saved.read(name).network, saved.facts[name]
    mine = {layer.name: (list(layer.output_shape), layer.parameters) for layer in network.layers}

    assert network.parameters == facts["parameters"]
    assert {each["name"]: (each["shape"], each["parameters"]) for each in facts["layers"]}.items() <= mine.items()


@READABLE
def test_the_arrays_are_where_they_are_expected(saved: Saved, name: str) -> None:
    expected = {
        f"layers/{each['container']}/vars/{number}": shape
        for each in saved.read(name).expected
        for number, shape in enumerate(each["shapes"])
    }
    there = {at: shape for at, shape in saved.facts[name]["arrays"].items() if at.startswith("layers/")}

    assert expected == {at: shape for at, shape in there.items() if "seed_generator" not in at}


@pytest.mark.parametrize(
    ("name", "network"),
    [
        *(("lenet", LENET), ("dropout", DROPOUT_CNN), ("cifar", CIFAR_CNN), ("cifar split", CIFAR_CNN)),
        *(("cifar functional", CIFAR_CNN), ("cifar built by a call", CIFAR_CNN)),
        *(("residual layers", residual()), ("residual operators", residual()), ("residual shared", residual())),
    ],
)
def test_the_network_is_the_one_that_was_built(saved: Saved, name: str, network: Network) -> None:
    read = saved.read(name)

    assert first_difference(read.network, network) is None
    assert normalised(read.network) == normalised(network)
    assert [each["shapes"] for each in read.expected_for(network)] == [
        [list(shape) for shape in layer.weight_shapes] for layer in network.layers if layer.parameters
    ]
    assert json.dumps(as_plain(read.network))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("lambda", "The model has a Lambda layer"),
        ("function", "The activation of a layer is not one of Keras's"),
        ("nested", "The model has another model in it"),
        ("unbuilt", "The model does not say which shape it takes"),
        ("own layer", "The model has a layer that is not Keras's own"),
        ("own model", "The model is neither Sequential nor functional"),
    ],
)
def test_what_the_course_does_not_use_is_refused(saved: Saved, name: str, sentence: str) -> None:
    with pytest.raises(ModelFault) as caught:
        saved.read(name)

    assert caught.value.brief.startswith(sentence)
