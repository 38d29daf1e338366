"""Right solutions of hw2 in other styles: each must have all points of its function."""

import math

import numpy as np

from grader.checks.alternatives import alternative

# max_pool2d


@alternative("max_pool2d", title="loops over lists, an array at the end")
def maxima_on_lists(x, size=2, stride=None):
    step = _check(x, size, stride)
    images, height, width, channels = x.shape
    pixels, result = x.tolist(), []
    for n in range(images):
        rows = []
        for top in range(0, height - size + 1, step):
            row = []
            for left in range(0, width - size + 1, step):
                cell = []
                for c in range(channels):
                    best = pixels[n][top][left][c]
                    for i in range(top, top + size):
                        for j in range(left, left + size):
                            if pixels[n][i][j][c] > best:
                                best = pixels[n][i][j][c]
                    cell.append(best)
                row.append(cell)
            rows.append(row)
        result.append(rows)
    return np.array(result, dtype=_float_for(x))


@alternative("max_pool2d", title="np.maximum over shifted slices of the map")
def maxima_of_shifted_maps(x, size=2, stride=None):
    step = _check(x, size, stride)
    return np.maximum.reduce(list(_shifted(x.astype(_float_for(x)), size, step)))


@alternative("max_pool2d", title="first along the rows, then along the columns, by recursion")
def maxima_by_axis(x, size=2, stride=None):
    step = _check(x, size, stride)

    def along(maps, axis, length):
        if length == 1:
            return maps
        half = length // 2
        parts = along(maps, axis, half), along(maps, axis, length - half)
        last = maps.shape[axis] - length + 1
        early = parts[0].take(range(last), axis)
        return np.maximum(early, parts[1].take(range(half, half + last), axis))

    maps = along(along(x.astype(_float_for(x)), 1, size), 2, size)
    return np.ascontiguousarray(maps[:, ::step, ::step])


@alternative("max_pool2d", title="an object that slides over one map after the other")
def an_object_that_slides(x, size=2, stride=None):
    step = _check(x, size, stride)
    window = _Window(size, step)
    maps = [[window.slide(image[:, :, c], np.max) for c in range(x.shape[3])] for image in x]
    return np.array(maps, dtype=_float_for(x)).transpose(0, 2, 3, 1)


class _Window:
    """창 하나: 지도 위를 미끄러지며 값을 모은다."""

    def __init__(self, size, step):
        self.size, self.step = size, step

    def slide(self, image, reduce):
        rows, columns = image.shape
        downs = range(0, rows - self.size + 1, self.step)
        acrosses = range(0, columns - self.size + 1, self.step)
        return [[reduce(image[i : i + self.size, j : j + self.size]) for j in acrosses] for i in downs]


# average_pool2d


@alternative("average_pool2d", title="loops, and math.fsum for every window")
def exact_sums(x, size=2, stride=None):
    step = _check(x, size, stride)
    rows, columns = _lengths(x, size, step)
    pooled = np.empty((len(x), rows, columns, x.shape[3]), _float_for(x))
    for n, i, j, c in np.ndindex(*pooled.shape):
        window = x[n, i * step : i * step + size, j * step : j * step + size, c]
        pooled[n, i, j, c] = math.fsum(window.ravel().tolist()) / size**2
    return pooled


@alternative("average_pool2d", title="one einsum over byte strides")
def averages_by_einsum(x, size=2, stride=None):
    step = _check(x, size, stride)
    maps = np.asfortranarray(x.astype(_float_for(x)))
    image, row, column, channel = maps.strides
    windows = np.lib.stride_tricks.as_strided(
        maps,
        shape=(len(x), *_lengths(x, size, step), x.shape[3], size, size),
        strides=(image, step * row, step * column, channel, row, column),
        writeable=False,
    )
    return np.einsum("nijcuv->nijc", windows) / maps.dtype.type(size * size)


@alternative("average_pool2d", title="differences of running sums (an integral image)")
def running_sums(x, size=2, stride=None):
    step = _check(x, size, stride)
    sums = np.zeros((len(x), x.shape[1] + 1, x.shape[2] + 1, x.shape[3]), _float_for(x))
    sums[:, 1:, 1:] = x.cumsum(axis=1, dtype=sums.dtype).cumsum(axis=2)
    windows = sums[:, size:, size:] - sums[:, :-size, size:] - sums[:, size:, :-size] + sums[:, :-size, :-size]
    return windows[:, ::step, ::step] / size**2


@alternative("average_pool2d", title="a matrix of averages on each side")
def matrices_of_averages(x, size=2, stride=None):
    step = _check(x, size, stride)
    maps = x.astype(_float_for(x))
    down, across = (_averaging(n, size, step, maps.dtype) for n in x.shape[1:3])
    return np.moveaxis(down @ np.moveaxis(maps, 3, 1) @ across.T, 1, 3)


# l2_pool2d


@alternative("l2_pool2d", title="np.linalg.norm of every window laid out as a row")
def norms_of_rows(x, size=2, stride=None):
    step = _check(x, size, stride)
    stack = np.stack(list(_shifted(x.astype(_float_for(x)), size, step)), axis=-1)
    return np.linalg.norm(stack, axis=-1)


@alternative("l2_pool2d", title="math.hypot, one pixel after the other")
def hypotenuses(x, size=2, stride=None):
    step = _check(x, size, stride)
    rows, columns = _lengths(x, size, step)
    pooled = np.zeros((len(x), rows, columns, x.shape[3]), _float_for(x))
    for n, i, j, c in np.ndindex(*pooled.shape):
        window = x[n, i * step : i * step + size, j * step : j * step + size, c]
        pooled[n, i, j, c] = math.hypot(*window.ravel().tolist())
    return pooled


@alternative("l2_pool2d", title="the root of an average of squares, times the side")
def root_of_an_average(x, size=2, stride=None):
    squares = np.power(x.astype(_float_for(x)), 2)
    return np.sqrt(averages_by_einsum(squares, size, stride)) * size


# global_average_pool2d


@alternative("global_average_pool2d", title="a mean over pixels in one line")
def pixels_in_one_line(x):
    _check(x, 1, 1)
    return x.reshape(len(x), -1, x.shape[3]).mean(axis=1, dtype=_float_for(x))


@alternative("global_average_pool2d", title="loops over lists, an array at the end")
def sums_on_lists(x):
    _check(x, 1, 1)
    averages = []
    for image in x.tolist():
        totals = [0.0] * x.shape[3]
        for row in image:
            for pixel in row:
                for c, value in enumerate(pixel):
                    totals[c] += value
        averages.append([total / (len(image) * len(image[0])) for total in totals])
    return np.array(averages, dtype=_float_for(x))


@alternative("global_average_pool2d", title="einsum in the dtype of the maps")
def averages_of_maps_by_einsum(x):
    _check(x, 1, 1)
    maps = x.astype(_float_for(x))
    return np.einsum("nhwc->nc", maps) / maps[0, :, :, 0].size


# what several of them share


def _float_for(x):
    return np.float32 if x.dtype == np.float32 else np.float64


def _check(x, size, stride):
    """Refuse what the handout refuses; return the step."""
    if stride is None:
        stride = size
    if x.ndim != 4 or size < 1 or stride < 1 or size > x.shape[1] or size > x.shape[2]:
        raise ValueError("impossible window, stride or maps")
    return stride


def _lengths(x, size, step):
    return tuple((length - size) // step + 1 for length in x.shape[1:3])


def _shifted(maps, size, step):
    """The pixel at each place of the window, for all windows at once."""
    rows, columns = _lengths(maps, size, step)
    for u in range(size):
        for v in range(size):
            yield maps[:, u::step, v::step][:, :rows, :columns]


def _averaging(length, size, step, dtype):
    """A row for each window, 1/size where it looks."""
    starts = np.arange(0, length - size + 1, step)[:, None]
    places = np.arange(length)[None, :]
    return ((starts <= places) & (places < starts + size)).astype(dtype) / dtype.type(size)
