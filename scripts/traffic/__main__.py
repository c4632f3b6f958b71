"""`python -m scripts.traffic DATA OUT`: writes streams and pairs that `python -m sentinel_core evaluate` reads."""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

from scripts.traffic import rag, templates
from scripts.traffic.envelopes import UNSEEN
from scripts.traffic.folding import pairs as folding_pairs
from scripts.traffic.source import question_sets, rows, sentences, write
from scripts.traffic.styles import STYLES


def main() -> None:
    """Read public streams in DATA and write made ones to OUT; the seed makes them the same every time."""
    parser = argparse.ArgumentParser(prog="python -m scripts.traffic", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with stream_spider_unique.jsonl.gz and others")
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sets", type=int, default=48, help="question sets of the rag streams")
    parser.add_argument("--intents", type=int, default=77, help="intents of the templates stream")
    options = parser.parse_args()
    random = Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    passages = sentences(options.data / "pairs_paws_wiki.jsonl.gz")
    spider = question_sets(options.data / "stream_spider_unique.jsonl.gz", size=8, random=random)
    sets = dict(sorted(spider.items())[: options.sets])
    write(options.out / "stream_rag.jsonl.gz", list(rag.stream(sets, passages, context=5, random=random)))
    unseen = rag.stream(sets, passages, context=5, random=random, envelopes=UNSEEN)
    write(options.out / "stream_rag_unseen.jsonl.gz", [{**row, "source": "rag_unseen"} for row in unseen])
    styles = rag.stream(sets, passages, context=5, random=random, envelopes=STYLES)
    write(options.out / "stream_rag_styles.jsonl.gz", [{**row, "source": "rag_styles"} for row in styles])
    long = [{**row, "source": "rag_long"} for row in rag.stream(sets, passages, context=25, random=random)]
    write(options.out / "stream_rag_long.jsonl.gz", long)
    banking = question_sets(options.data / "stream_banking77_unique.jsonl.gz", size=options.intents, random=random)[
        "all"
    ]
    pairs = [
        (row["a"], row["b"]) for row in rows(options.data / "pairs_gptcache_mock.jsonl.gz") if row["a"] != row["b"]
    ]
    made = [
        *templates.asking(banking, random=random),
        *templates.working(random.sample(pairs, options.intents // 2), random=random),
    ]
    write(options.out / "stream_templates.jsonl.gz", made)
    write(
        options.out / "pairs_folding.jsonl.gz",
        list(folding_pairs(sentences(options.data / "pairs_qqp.jsonl.gz"), random)),
    )


if __name__ == "__main__":
    main()
