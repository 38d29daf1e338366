"""How much a student's own network may compute before it is asked about images.

In: a network, and the images' shape. Out: the network with every size fixed, or CheckFailed.
The rule: what the neutral worker is asked to do, it can do in its time and memory. A network that a student made so
large that it cannot would look like a fault of ours.
"""

import math

from grader.checks.networks import Network, NetworkError, with_input
from grader.errors import CheckFailed

MOST_WORK = 1e12  # multiplications for all images: a minute or two; the lecture's CIFAR-10 network on 10,000 takes 2e11
MOST_VALUES = 1 << 18  # of one image's maps, after any layer; LeNet has 5,880 at most, 6-2b's 36,864


def on_images(network: Network, shape: tuple[int, ...]) -> Network:
    """The network as it is on images: a student's need not fit them, nor need it fix its sizes.

    Args:
        network: in any state.
        shape: of the images, (N, H, W, C).

    Raises:
        CheckFailed: it takes no such images, gives no row of numbers for each, or is far too large to be asked.
    """
    sizes = network.input_shape
    fits = len(sizes) == len(shape) - 1 and all(a in (None, b) for a, b in zip(sizes, shape[1:], strict=True))
    try:
        fixed = with_input(network, shape[1:]) if fits else None
    except NetworkError:
        fixed = None
    if fixed is None:
        raise CheckFailed("The network does not take the images that it is trained on: its input has another shape.")
    if len(fixed.output_shape) != 1:
        raise CheckFailed("The network does not give a row of numbers for each image.")
    if _largest(fixed) > MOST_VALUES or _work(fixed) * shape[0] > MOST_WORK:
        raise CheckFailed("The network computes far more than any of this course, so it is not asked.")
    return fixed


def _largest(network: Network) -> int:
    return max(math.prod(size or 1 for size in layer.output_shape) for layer in network.layers)


def _work(network: Network) -> int:
    """Multiplications for one image: each weight stands once in every place of its layer's maps."""
    work = 0
    for layer in network.layers:
        *places, last = (size or 1 for size in layer.output_shape)
        work += math.prod(places) * (last + layer.parameters)
    return work
