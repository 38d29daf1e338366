"""Everything that touches untrusted code: the fork server, the worker, and the wire between them and the tests."""
