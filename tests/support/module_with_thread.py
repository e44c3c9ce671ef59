"""A module that starts a thread as soon as it is imported, as some libraries do."""

from __future__ import annotations

import threading
import time

threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
