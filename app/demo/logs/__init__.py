"""The log history of the world: which groups there are, and every line they hold.

Like the metrics a function of seed and time alone, and it tells the same story:
one request in :data:`app.demo.logs.requests.SHARE` leaves its lines, with the same
ids in every group that it passed through.
"""
