"""The rules, one file each; `rfcalc.lint.registry` names them."""
