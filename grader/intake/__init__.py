"""What a student handed in, from a path to lines: archives, folders, notebooks, encodings, broken syntax."""
