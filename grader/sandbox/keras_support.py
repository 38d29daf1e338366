"""The part of a training's test that runs beside the submission, in its process: not trusted, like all there.

Its source is loaded into a worker as text. In: a seed, a model that `build_model` gave. Out: the bytes of a saved file.
What a submission could do to these functions changes only what it hands out: weights, which are judged elsewhere.
"""

import gc
import io
import json
import pathlib
import sys
import time
import zipfile

THREADS = 2  # fixed, so that sums are added in the same order on every machine
MOST_PER_S = 4  # reports of progress

report = None  # set by the worker for each call: report(epochs done, epochs, loss, accuracy)
scratch = "."  # where a model is saved for a moment

if "tensorflow" in sys.modules:  # before the submission runs an op: later it would be refused
    import tensorflow

    try:
        tensorflow.config.threading.set_intra_op_parallelism_threads(THREADS)
        tensorflow.config.threading.set_inter_op_parallelism_threads(THREADS)
    except RuntimeError:  # an audit's process has trained already
        pass


def begin(seed):
    """Start a test: fixed seeds, deterministic ops, and somebody who watches the epochs."""
    import keras
    import tensorflow

    if not gc.get_freeze_count():
        # Else clear_session would look through all of TensorFlow for what can go: 0.2 s each time. Once, and no more:
        # what a model leaves behind must not stay for ever in an audit's process.
        gc.freeze()
    tensorflow.config.experimental.enable_op_determinism()
    keras.backend.clear_session()
    keras.utils.set_random_seed(seed)
    _watch(keras)


def reseed(seed):
    """Give the global generators another state, as a test does between building and training."""
    import keras

    keras.utils.set_random_seed(seed)


def save(model):
    """The bytes of the file that Keras saves of a model, as uint8 (N,); None for what is no model."""
    import keras
    import numpy

    if not isinstance(model, keras.Model):
        return None
    path = pathlib.Path(scratch, "handed_out.keras")
    model.save(path)
    try:
        return numpy.fromfile(path, dtype=numpy.uint8)
    finally:
        path.unlink()


def describe(model):
    """The same file without weights, for a test that looks at the layers alone; None for what is no model."""
    import keras
    import numpy

    if not isinstance(model, keras.Model):
        return None
    members = {
        "metadata.json": json.dumps({"keras_version": keras.__version__}),
        "config.json": json.dumps(keras.saving.serialize_keras_object(model)),
        "model.weights.h5": "",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return numpy.frombuffer(file.getvalue(), dtype=numpy.uint8)


def _watch(keras):
    """Have every `fit` report how far it is; what it reports is shown and never scored."""
    if getattr(keras.Model.fit, "watched", False):
        return
    fit = keras.Model.fit
    watcher = _watcher(keras)

    def watched_fit(self, *args, **kwargs):
        callbacks = kwargs.get("callbacks")
        if callbacks is None or isinstance(callbacks, list | tuple):
            kwargs["callbacks"] = [*(callbacks or ()), watcher()]
        return fit(self, *args, **kwargs)

    watched_fit.watched = True
    keras.Model.fit = watched_fit


def _watcher(keras):
    class Watcher(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.epoch, self.told = 0, 0.0

        def on_epoch_begin(self, epoch, logs=None):
            self.epoch = epoch

        def on_train_batch_end(self, batch, logs=None):
            # A whole epoch is told where it ends, once: reports keep those, and must not hang on the clock.
            steps = self.params.get("steps") or 0
            if batch + 1 < steps and time.monotonic() - self.told >= 1 / MOST_PER_S:
                self.tell(self.epoch + (batch + 1) / steps, logs)

        def on_epoch_end(self, epoch, logs=None):
            self.tell(epoch + 1, logs)

        def tell(self, done, logs):
            self.told = time.monotonic()
            values = logs or {}
            accuracy = next((value for name, value in values.items() if name.endswith("acc") or "accuracy" in name), -1)
            if report is not None:
                report(
                    float(done), float(self.params.get("epochs") or 0), float(values.get("loss", -1)), float(accuracy)
                )

    return Watcher
