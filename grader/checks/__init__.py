"""What hidden tests call: comparisons, misconceptions, and the search for a small failing case."""
