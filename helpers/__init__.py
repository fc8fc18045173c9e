"""The small package behind the chapters: data, training, experiments, plots."""

import os

# TensorFlow reads these when it is first imported; without them it greets every
# notebook with messages about the processor.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
