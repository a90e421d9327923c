"""Mixed models as formulas of R's lme4, and the arrays that they make of a table."""
