# 풀링: 모든 것을 반복문으로
import numpy as np


def 검사(x, size, stride):
    if len(x.shape) != 4:
        raise ValueError("축이 네 개가 아닙니다")
    if stride is None:
        stride = size
    if size < 1 or stride < 1:
        raise ValueError("size와 stride는 1 이상")
    if x.shape[1] < size or x.shape[2] < size:
        raise ValueError("창이 지도보다 큽니다")
    return stride


def 창마다(x, size, stride, 계산):
    stride = 검사(x, size, stride)
    결과 = []
    for 영상 in x:
        줄들 = []
        위 = 0
        while 위 + size <= len(영상):
            줄 = []
            왼쪽 = 0
            while 왼쪽 + size <= len(영상[0]):
                칸 = []
                for c in range(len(영상[0][0])):
                    값들 = []
                    for i in range(위, 위 + size):
                        for j in range(왼쪽, 왼쪽 + size):
                            값들.append(float(영상[i][j][c]))
                    칸.append(계산(값들))
                줄.append(칸)
                왼쪽 += stride
            줄들.append(줄)
            위 += stride
        결과.append(줄들)
    return np.array(결과, dtype="float32" if x.dtype == "float32" else "float64")


def max_pool2d(x, size=2, stride=None):
    return 창마다(x, size, stride, max)


def average_pool2d(x, size=2, stride=None):
    return 창마다(x, size, stride, lambda 값들: sum(값들) / len(값들))


def l2_pool2d(x, size=2, stride=None):
    return 창마다(x, size, stride, lambda 값들: sum(값 * 값 for 값 in 값들) ** 0.5)


def global_average_pool2d(x):
    검사(x, 1, 1)
    평균 = [[float(sum(영상[:, :, c].ravel().tolist())) / 영상[:, :, c].size for c in range(x.shape[3])] for 영상 in x]
    return np.array(평균, dtype="float32" if x.dtype == "float32" else "float64")
