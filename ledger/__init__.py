"""City Partner Ledger (城市合伙人积分账本): a double-entry ledger of points, goods and titles for a district's riders.

The map is docs/architecture.md. Imports run one way: app → api → services | queries → storage → domain.
"""
