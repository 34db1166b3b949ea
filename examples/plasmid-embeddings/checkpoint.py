"""Embeddings of sequences by a checkpoint of Hugging Face. Runs in the image that ``workflow.ts`` and ``app.py`` name."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def load(model: str) -> tuple[Any, Any]:
    """The tokenizer and the model: loaded once a worker, fetched once a volume."""
    os.environ["HF_HOME"] = os.path.abspath("models")
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    return tokenizer, AutoModel.from_pretrained(model).eval()


def embed(chunk: dict[str, Any], model: str) -> dict[str, Any]:
    """The mean of the last hidden layer over the tokens of a chunk, as a unit vector."""
    import torch

    tokenizer, network = load(model)
    tokens = tokenizer(chunk["sequence"], return_tensors="pt", truncation=True)
    with torch.no_grad():
        hidden = network(**tokens).last_hidden_state[0].mean(dim=0)
    return {"id": chunk["id"], "vector": (hidden / hidden.norm()).tolist()}
