"""The migrations in order: 0001, 0002, …"""
