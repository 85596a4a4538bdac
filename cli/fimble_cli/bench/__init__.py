"""Measure completion as somebody feels it: typing traces replayed through the real server.

The parts, from the bottom: how people type (`cadence`), where code is cut out (`gaps`) and what is
done there (`trace`); an editor (`document`, `ghost`, `typist`) whose suggestions come from a
`contestant`; what happened (`typing_log`, `requests`) and what it amounts to (`metrics`, `report`).
Nothing here imports the server or a test: the server is a process on a pipe like any other.
"""
