"""The fixtures of the tests of offers."""
