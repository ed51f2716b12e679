"""At which sizes of its inputs a network can be built, and what it costs there: question, tables, data, chart."""
