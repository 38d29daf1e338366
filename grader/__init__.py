"""cnn-autograde: the toolkit behind the `grade` command."""
