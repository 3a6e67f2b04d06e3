"""HTTP: a file a noun, request structs on top, the controller below. `permissions.py` says who may do what.

Reads are two files down (api → queries), writes four (api → services → domain, storage). A handler checks the form,
names the use-case and prints the outcome; it decides nothing.
"""
