"""gotong.warehouse.v1: apply the rules, record the result."""
