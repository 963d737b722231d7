"""Knowledge-base documents for tests, in both dialects, written as the pipeline writes them."""

from __future__ import annotations

MONITORED = """\
---
source: {publisher}
url: {url}
published: {published}
relevance_score: {score}
primary_topic: {topic}
fetched: 2025-11-19T04:06:37.314870
category: AI News
---

# {headline}

**Source**: {publisher}
**URL**: {url}
**Published**: {published}
**Relevance Score**: {score}/10

## Summary

{content}

## Scoring Analysis

**Primary Topic**: {topic}
**Reason**: {reason}

---

*Article fetched by AI news monitor*
*Full content will be processed by knowledge base system*

**Original URL**: {url}
"""

PROCESSED = """\
---
title: {title}
source: 2025-11-19_ai_shops.md
date_added: 2025-11-19
last_updated: 2025-11-20
tags: [{tags}]
source_type: article
---

## Summary

{summary}

## Key Insights

{insights}

## Full Content

{monitored}

---

*Processed from inbox on 2025-11-19*
*Original file: 2025-11-19_ai_shops.md*
"""

FIELDS = {
    "publisher": "The Example - AI",
    "url": "https://news.example/shops-adopt-assistants/",
    "published": "Tue, 18 Nov 2025 16:29:24 +0000",
    "score": "8",
    "topic": "AI assistants in retail",
    "reason": "It tells what shops pay for assistants and what these sell.",
    "headline": "Shops adopt assistants",
    "content": "<p>Forty shops in Leeds took on an assistant in May &amp; June.</p>\n<p>Sales rose by 12 percent.</p>",
    "title": "Retail: forty shops adopt AI assistants",
    "tags": "retail, ai-assistants, Leeds",
    "summary": "- Forty shops took on an assistant\n- Sales rose by 12 percent",
    "insights": "- Small shops can afford it",
}


def monitored(**fields: str) -> str:
    """The bare monitor's file, as in an inbox."""
    return MONITORED.format(**{**FIELDS, **fields})


def processed(**fields: str) -> str:
    """The processed document with the monitor's file inside."""
    return PROCESSED.format(**{**FIELDS, "monitored": monitored(**fields), **fields})
