"""Web pages of one file each, that open from a disk and ask nobody for anything: a report, and a whole class."""
