import numpy as np


def prepare(images, labels):
    return images[..., None].astype("float32") / 255, np.eye(10)[labels.ravel()]
