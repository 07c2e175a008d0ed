"""What stands around the pages: headers, sign-in, health, metrics, JSON API, errors.

Knows nothing of Dash; ``flask.guard`` puts it all on a Flask server.
"""
