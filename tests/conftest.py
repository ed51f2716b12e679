"""Makes the modules beside this file importable from every test, and says how examples are generated."""

import os
import signal

from hypothesis import HealthCheck, settings

# Much of what is generated here is refused on purpose, and a slow machine is no finding.  A run of CI
# draws the same examples every time, so that it judges the change and not the draw.
settings.register_profile(
    "steady",
    derandomize="CI" in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("steady")

# A shell that runs the tests in the background lets them ignore interrupts, and so every process they
# start: tests of interrupts need the answer that a terminal gives.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
