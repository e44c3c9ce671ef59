"""The Tidy screen: what may not be needed."""
