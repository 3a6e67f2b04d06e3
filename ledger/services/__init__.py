"""Use-cases, a file a concept. Each takes a unit of work and a batch and returns one outcome per item, in order.

Three steps, always: read with locks all that the batch needs; decide in the pure domain, item after item against the
state as earlier items left it; write the effects of all in sets. A refusal is an outcome. Nobody here commits.
"""
