"""The settings of a playground, read from where they stand: the JSON in state.js."""

import json
from pathlib import Path
import re

_STATE = Path(__file__).with_name("state.js").read_text(encoding="utf-8")
KNOBS = json.loads(re.search(r"^export const KNOBS = (\{.*?^\});$", _STATE, re.S | re.M)[1])
