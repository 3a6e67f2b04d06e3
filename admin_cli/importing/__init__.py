"""`points report import`: a foreign file becomes reports of ours.

document, mapping          what the columns mean, from a TOML file
source, csv_file, workbook the file → rows with line numbers; one broken line costs one row
times, rows, problems      a row → an item to send, or every reason why not
batches, sending, stop     order, retries, Ctrl-C; batch_sending is what every import sends with
bad_rows, guard            the file of rows to be corrected; whole_file
progress, summary          what the person sees
run                        all of it, in order; command the options, ending the exit code
"""
