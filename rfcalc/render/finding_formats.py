"""The names of the formats that `rfcalc check` prints its findings in, and what each is for."""

from __future__ import annotations

# In the order that help texts give them.
FORMATS = {
    "full": "each finding with its source line and what to do instead",
    "concise": "one line for each finding",
    "json": "everything, for programs; `rfcalc schema check` prints its schema",
    "github": "annotations of a pull request, as workflow commands",
    "sarif": "SARIF 2.1.0, for code scanning",
    "junit": "JUnit XML, for the test reports of a CI system",
    "markdown": "a table, for a comment on a pull request",
    "gitlab": "a Code Quality report of GitLab",
}
