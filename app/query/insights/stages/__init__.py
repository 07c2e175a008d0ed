"""What each command does to the state of a query, one module a family of commands."""
