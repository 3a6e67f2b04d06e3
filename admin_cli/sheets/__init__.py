"""Tables that people keep in spreadsheets: riders, catalogue and redemptions, out to CSV or XLSX and in again.

columns                        what a table's columns are called, hold and accept
writing, exporting             the API's pages → a file that a spreadsheet opens and cannot run
finding, reading, cells        a file → rows of values, or every reason why not
rows                           the rows of one import, checked, counted, in batches
sending, summary, run          batches to the API, what became of each row, all of it in order
riders, catalog, redemptions   one table each, and its two commands; commands has what they share

Reading the file itself, bad-rows files, progress and Ctrl-C are those of `admin_cli.importing`.
"""
