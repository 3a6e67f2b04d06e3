"""The terminal: one program, `points`, noun then verb. It speaks HTTP; only `local.py` may start the server's code.

The walk of one command, `points report list --state submitted`:

    app.py        main: the language is chosen, the parser runs, whatever fails becomes words and an exit code
    report.py     the verb's function: names the path, the filters and the columns
    output.py     table, tab-separated or JSON; asks for pages until there are enough
    client.py     sends, repeats, and turns a problem document into a `Failure`
    context.py    which server and which token: options, environment, the saved profile, or the app in this process

A module a noun. Whatever is the same for all of them (options, help, cells, exit codes) has a module of its own.
"""
