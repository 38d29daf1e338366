"""The lecture's networks as data, layer by layer as its scripts build them.

In: nothing. Out: constants, which handouts print and both public and hidden tests compare with.
"""

from grader.checks.networks import conv, dense, dropout, flatten, max_pool, sequential

#: Script 6-1b: LeNet-5 on MNIST, 545,546 parameters.
LENET = sequential(
    (28, 28, 1),
    conv(6, 5, padding="same", activation="relu"),
    max_pool(),
    conv(16, 5, padding="same", activation="relu"),
    max_pool(),
    conv(120, 5, padding="same", activation="relu"),
    flatten(),
    dense(84, activation="relu"),
    dense(10, activation="softmax"),
)

#: Scripts 6-2b and 6-3b: MNIST and Fashion-MNIST, 1,199,882 parameters.
DROPOUT_CNN = sequential(
    (28, 28, 1),
    conv(32, 3, activation="relu"),
    conv(64, 3, activation="relu"),
    max_pool(),
    dropout(0.25),
    flatten(),
    dense(128, activation="relu"),
    dropout(0.5),
    dense(10, activation="softmax"),
)

#: Script 6-4: CIFAR-10, 890,410 parameters.
CIFAR_CNN = sequential(
    (32, 32, 3),
    conv(32, 3, activation="relu"),
    conv(32, 3, activation="relu"),
    max_pool(),
    dropout(0.25),
    conv(64, 3, activation="relu"),
    conv(64, 3, activation="relu"),
    max_pool(),
    dropout(0.25),
    flatten(),
    dense(512, activation="relu"),
    dropout(0.5),
    dense(10, activation="softmax"),
)
