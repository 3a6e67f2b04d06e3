"""Faults: what is broken on purpose, under load, with real server processes; what must hold all the same.

    python3 dev.py faults [NAME] [--long] [--engine sqlite|postgresql]

`servers.py` starts and kills `points serve`, `clusters.py` PostgreSQL servers, `load.py` sends and remembers, and
`evidence.py` compares what clients remember with what the database holds. Each test is short, as the other tests are;
`--long` gives it the length and the number of rounds that find what is rare. Each prints its seed and its figures.
"""
