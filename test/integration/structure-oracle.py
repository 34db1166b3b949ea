"""Mean-field couplings of an alignment, straight from the formulas of Morcos et al. (PNAS 2011), with NumPy.

Reads aligned sequences, one a line, and prints the weights, the Frobenius norms and the corrected scores as JSON.
"""

import json
import sys

import numpy as np

LETTERS = "ACDEFGHIKLMNPQRSTVWY-"
rows = [line.strip() for line in sys.stdin if line.strip()]
x = np.array([[LETTERS.index(letter) for letter in row] for row in rows])
m, length = x.shape
q, pseudocount = 21, 0.5

# Sequences of 80 % identity and more share their weight.
identity = (x[:, None, :] == x[None, :, :]).mean(axis=2)
weights = 1 / (identity >= 0.8 - 1e-12).sum(axis=1)

# Frequencies of single columns and of pairs, with the pseudocount.
hot = np.eye(q)[x]
total = weights.sum()
single = pseudocount / q + (1 - pseudocount) * np.einsum("m,mia->ia", weights, hot) / total
flat = hot.reshape(m, length * q)
together = ((flat * weights[:, None]).T @ flat).reshape(length, q, length, q) / total
pair = pseudocount / q**2 + (1 - pseudocount) * together
for i in range(length):
    pair[i, :, i, :] = np.diag(single[i])

# Correlations without the last state, and their inverse.
correlations = (pair - single[:, :, None, None] * single[None, None, :, :])[:, : q - 1, :, : q - 1]
size = length * (q - 1)
couplings = np.zeros((length, q, length, q))
couplings[:, : q - 1, :, : q - 1] = -np.linalg.inv(correlations.reshape(size, size)).reshape(
    length, q - 1, length, q - 1
)

# Zero-sum gauge, norm without gaps, average product correction.
gauged = (
    couplings
    - couplings.mean(axis=1, keepdims=True)
    - couplings.mean(axis=3, keepdims=True)
    + couplings.mean(axis=(1, 3), keepdims=True)
)
norms = np.sqrt((gauged[:, : q - 1, :, : q - 1] ** 2).sum(axis=(1, 3)))
np.fill_diagonal(norms, 0)
means = norms.sum(axis=1) / (length - 1)
corrected = norms - np.outer(means, means) / means.mean()
np.fill_diagonal(corrected, 0)
json.dump({"weights": weights.tolist(), "norms": norms.tolist(), "corrected": corrected.tolist()}, sys.stdout)
