"""What judges a saved model: code of ours in a confined process of its own, and the trusted end that asks it."""
