"""From a file to a batch: tables, what their columns mean, and how cells become inputs.

Nothing here knows a network. The files are imported one by one, so that who only wants a
`DataLoader` does not wait for the CSV reader.
"""
