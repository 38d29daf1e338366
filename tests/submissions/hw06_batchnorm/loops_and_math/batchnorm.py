# 배치 정규화와 계층 정규화: 리스트와 math만 사용
import math

import numpy as np


def _normalize(values, eps):
    n = len(values)
    mu = math.fsum(values) / n
    var = math.fsum((v - mu) ** 2 for v in values) / n
    return [(v - mu) / math.sqrt(var + eps) for v in values]


def _dtype(a):
    if a.dtype == np.float32:
        return np.float32
    return np.float64


def _same(n, *arrays):
    for array in arrays:
        if len(array) != n:
            raise ValueError("길이가 다릅니다")


def batchnorm_train(a, gamma, beta, eps):
    nodes = a.shape[-1]
    _same(nodes, gamma, beta)
    y = np.zeros(a.shape, dtype=_dtype(a))
    # 노드(채널)마다 모든 샘플과 픽셀
    for i in range(nodes):
        places = [p for p in np.ndindex(*a.shape[:-1])]
        values = _normalize([float(a[p + (i,)]) for p in places], eps)
        for p, v in zip(places, values):
            y[p + (i,)] = float(gamma[i]) * v + float(beta[i])
    return y


def batchnorm_inference(a, running_mean, running_var, gamma, beta, eps):
    _same(a.shape[-1], running_mean, running_var, gamma, beta)
    y = np.zeros(a.shape, dtype=_dtype(a))
    for p in np.ndindex(*a.shape):
        i = p[-1]
        hat = (float(a[p]) - float(running_mean[i])) / math.sqrt(float(running_var[i]) + eps)
        y[p] = float(gamma[i]) * hat + float(beta[i])
    return y


def update_running(running, batch, momentum):
    _same(len(running), batch)
    if momentum < 0 or momentum > 1:
        raise ValueError("momentum")
    new = [momentum * float(r) + (1 - momentum) * float(b) for r, b in zip(running, batch)]
    return np.array(new, dtype=_dtype(running))


def layernorm(a, gamma, beta, eps):
    _same(a.shape[1], gamma, beta)
    rows = []
    for sample in a:
        hats = _normalize([float(v) for v in sample], eps)
        rows.append([float(g) * h + float(b) for g, h, b in zip(gamma, hats, beta)])
    return np.array(rows, dtype=_dtype(a))
