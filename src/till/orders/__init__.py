"""The order aggregate: rules, storage, spelling and REST."""
