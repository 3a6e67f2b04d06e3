"""Tables out to spreadsheets and in again."""
