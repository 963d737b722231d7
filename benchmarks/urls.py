"""How often other addresses of a page become its canonical URL, and whether two pages ever become one, beside other libraries.

    python -m benchmarks.urls [--quick]

The pages are those that the documents of the knowledge base and the feeds tell of (of the shipped sample where there are none).
Of each address one variant of each class is made, as sites, senders and applications make them, and a neighbour of each class
that is another page. ``merged`` is the share of variants that get the canonical URL of their page; ``wrongly merged`` counts
neighbours that get it too, and pages of the list that became one. courlan is asked for ``clean_url(strict=True)``, w3lib for
``canonicalize_url`` after ``url_query_cleaner`` with the same list of parameters as its documentation shows.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, quote, urlsplit

from benchmarks.labelled import DATA, documents
from digest.knowledge_base.document import parse_document
from digest.sample.write import write_sample
from digest.sources.fast_parsing import parse_feed
from digest.stories.urls import canonical_url
