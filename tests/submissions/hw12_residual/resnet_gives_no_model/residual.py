def build_resnet(cfg, input_shape, classes):
    return ["conv", "pool", *("block" for count in cfg for _ in range(count)), "mean", "dense"]
