"""How property tests choose their examples.

The gate tries the same examples each time, so that a red run is a change's own doing; `HYPOTHESIS_PROFILE=search`
tries new ones, to look for what nobody has met yet. No example has a deadline: the machine may be busy with others.
"""

import os

from hypothesis import HealthCheck, settings

settings.register_profile("gate", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))
