"""What each platform's download looks like, one module a platform."""
