"""Quirks of the providers that speak OpenAI's dialect, as their rows would have them."""

import msgspec
import yaml

from gateway.translation.embeddings import Quirks

ROWS = """
openai: {}
azure-openai: {}                        # path: the deployment's
mistral:
  renames: {dimensions: output_dimension}
  refuses: [input.tokens, user]
  base64: ""
openrouter:
  images: true
  input_types:
    query: search_query
    document: search_document
    classification: classification
    clustering: clustering
    similarity: semantic_similarity
voyage:
  batch: 1000
  renames: {dimensions: output_dimension, truncate: truncation}
  input_types: {query: query, document: document}
  refuses: [input.tokens, user]
together:
  refuses: [input.tokens, dimensions, user]
  base64: ""
workers-ai:
  batch: 100
  refuses: [input.tokens, dimensions, user]
  base64: ""
perplexity-ai:
  batch: 512
  path: v1/embeddings
  refuses: [input.tokens, user]
  base64: int8
ollama:
  refuses: [input.tokens, user]
vllm: {}
"""

QUIRKS = msgspec.convert(yaml.safe_load(ROWS), dict[str, Quirks])
PLAIN = Quirks()
