"""The Lipwire server: text in, speech and exact mouth shapes out."""

import os

# onnxruntime sends usage data to its maker unless it is told not to before it is imported. What
# promises to work offline does not call home.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
