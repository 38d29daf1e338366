from grader.plugin import points


@points(100)
def test_one_filter(student):
    """Everything is right."""
