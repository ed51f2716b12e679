"""At which sizes of its inputs a network can be built, and its cost: question, tables, data, chart."""
