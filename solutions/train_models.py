"""Trains the references of the training assignments, saves their models, and says what they reach.

    python solutions/train_models.py hw9 --epochs 3 --out models/

In: assignment names. Out: for every model that an assignment asks for a file in DIR/<folder>/, and a line with its
accuracy on the whole test set, as the lecture's scripts measure it. Data is looked for where `grade data` looks.
"""

import argparse
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
EPOCHS = 3
SEED = 0


def main() -> int:
    """Train what was named, and return 1 where a model missed `--least`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("assignments", nargs="+", metavar="HW")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--images", type=int, help="Train on the first so many only.")
    parser.add_argument("--out", type=Path, default=Path("models"), metavar="DIR")
    parser.add_argument("--least", type=float, default=0.0, help="Fail below this accuracy, 0..1.")
    options = parser.parse_args()

    from grader.course import find_assignment, read_course

    course = read_course(ROOT, secret=None)
    reached = [
        accuracy
        for name in options.assignments
        for accuracy in train_one(find_assignment(course, name), options.epochs, options.images, options.out)
    ]
    return int(any(accuracy < options.least for accuracy in reached))


def train_one(assignment, epochs, images, out):
    """Train and save every model of an assignment; return their accuracies."""
    import keras
    import tensorflow

    from grader.checks.misconceptions import load_course_module
    from grader.checks.mistakes import training_file
    from grader.datasets import load

    tensorflow.config.experimental.enable_op_determinism()
    reference = load_course_module(training_file(assignment.private / f"{assignment.module}.py"))
    reached = []
    wanted = [(name, question) for question in assignment.questions for name in question.files.values()]
    for seed, (name, question) in enumerate(wanted, SEED):
        data = load(question.data, os.environ, root=ROOT)
        print(f"{assignment.id} {name}: {data.source}")  # noqa: T201
        keras.utils.set_random_seed(seed)
        model = reference.build_model()
        begin = time.monotonic()
        reference.train(model, *reference.prepare(data.x_train[:images], data.y_train[:images]), epochs, seed)
        x, y = reference.prepare(data.x_test, data.y_test)
        accuracy = float((model.predict(x, verbose=0).argmax(axis=1) == y.argmax(axis=1)).mean())
        path = out / assignment.folder / f"{name}.keras"
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(path)
        took = time.monotonic() - begin
        print(f"  {accuracy:.2%} after {epochs} epochs, {took:.0f} s, {path}")  # noqa: T201
        reached.append(accuracy)
    return reached


if __name__ == "__main__":
    sys.exit(main())
