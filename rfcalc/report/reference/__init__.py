"""References made from the definitions: operators, columns, rules, shipped networks."""
