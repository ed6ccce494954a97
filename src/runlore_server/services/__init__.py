"""The services: one module each; a proto comes in, the rules are applied, a proto goes out. No SQL here."""
