"""What keeps tenants apart, read from a database's catalogue and tried on it.

`raptorflow verify` asks a user's database, `tests/sql` the one of our migrations; both ask here.
"""
