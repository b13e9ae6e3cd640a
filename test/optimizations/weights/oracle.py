# What NumPy and scikit-learn say of the weights in tensors.ts: writes oracle.json beside this file.
#
#   python3 -m venv VENV && VENV/bin/pip install numpy scikit-learn ml_dtypes && VENV/bin/python oracle.py
import json
import pathlib

import ml_dtypes
import numpy as np
from sklearn.cluster import KMeans


def uniforms(seed, count):
    """A linear congruential generator (Numerical Recipes): exact in doubles on every machine."""
    state, numbers = seed, np.empty(count)
    for index in range(count):
        state = (1664525 * state + 1013904223) % 2**32
        numbers[index] = state / 2**32
    return numbers


def gaussian(seed, count):
    parts = uniforms(seed, 12 * count).reshape(count, 12)
    total = np.zeros(count)
    for part in range(12):
        total = total + parts[:, part]
    return (total - 6).astype(np.float32).astype(np.float64)


def heavy(seed, count):
    spread = uniforms(seed + 1, count)
    return (gaussian(seed, count) / (spread + 0.01)).astype(np.float32).astype(np.float64)


def tensors():
    empty = gaussian(5, 4 * 6).reshape(4, 6)
    empty[1] = 0
    return {
        'convolution': gaussian(1, 16 * 8 * 3 * 3).reshape(16, 8, 3, 3),
        'product': heavy(2, 64 * 48).reshape(64, 48),
        'offset': (gaussian(3, 40 * 30) + 3).astype(np.float32).astype(np.float64).reshape(40, 30),
        'empty channel': empty,
        'constant': np.full((4, 8), 0.5),
        'zeros': np.zeros((4, 8)),
        'one': np.float64(np.float32(0.3)).reshape(1, 1),
        'few values': np.floor(uniforms(7, 400) * 5).reshape(20, 20),
        'large': gaussian(8, 100 * 200).reshape(100, 200) * 1e-3,
    }


def sqnr(w, q):
    noise = np.sum((w - q) ** 2)
    return None if noise == 0 else float(10 * np.log10(np.sum(w**2) / noise))


def quantize_row(row, bits, symmetric):
    highest = 2 ** (bits - 1) - 1
    lowest = -(2 ** (bits - 1))
    if symmetric:
        s = np.max(np.abs(row)) / highest or 1.0
        return np.clip(np.round(row / s), -highest, highest) * s
    low, high = min(0, np.min(row)), max(0, np.max(row))
    s = (high - low) / (highest - lowest) or 1.0
    z = np.clip(np.round(lowest - low / s), lowest, highest)
    return (np.clip(np.round(row / s) + z, lowest, highest) - z) * s


def quantize(w, bits, symmetric, axis=None, group=None):
    if axis is None:
        return quantize_row(w, bits, symmetric)
    moved = np.moveaxis(w, axis, 0)
    rows = moved.reshape(moved.shape[0], -1)
    size = group or rows.shape[1]
    parts = [quantize_row(row[at : at + size], bits, symmetric) for row in rows for at in range(0, len(row), size)]
    return np.moveaxis(np.concatenate(parts).reshape(moved.shape), 0, axis)


def sparsify(w, share):
    flat = w.ravel().copy()
    flat[np.argsort(np.abs(flat), kind='stable')[: int(share * flat.size)]] = 0
    return flat.reshape(w.shape)


def two_of_four(w, axis):
    moved = np.moveaxis(w, axis, -1).copy()
    fours = moved.reshape(-1, 4)
    for four in fours:
        four[np.argsort(np.abs(four), kind='stable')[:2]] = 0
    return np.moveaxis(fours.reshape(moved.shape), -1, axis)


def palettize(w, bits):
    flat = w.reshape(-1, 1)
    different = np.unique(flat)
    if len(different) <= 2**bits:
        return w
    fit = KMeans(2**bits, n_init=10, random_state=0, max_iter=1000, tol=0).fit(flat)
    return fit.cluster_centers_[fit.labels_].reshape(w.shape)


def prune(w, axis, kept):
    sums = np.sum(np.moveaxis(w, axis, 0).reshape(w.shape[axis], -1) ** 2, axis=1)
    q = np.moveaxis(w, axis, 0).copy()
    q[np.argsort(sums, kind='stable')[: w.shape[axis] - kept]] = 0
    return np.moveaxis(q, 0, axis)


def results(name, w):
    # Output channels: the first axis of a convolution, the columns of a product.
    axis = 0 if name == 'convolution' else 1
    other = 1 - axis
    found = {}
    for bits in (8, 4):
        for kind in ('symmetric', 'affine'):
            symmetric = kind == 'symmetric'
            found[f'int{bits} {kind} tensor'] = quantize(w, bits, symmetric)
            found[f'int{bits} {kind} channel'] = quantize(w, bits, symmetric, axis)
    for kind in ('symmetric', 'affine'):
        found[f'int4 {kind} group 32'] = quantize(w, 4, kind == 'symmetric', axis, 32)
        found[f'int4 {kind} group 5'] = quantize(w, 4, kind == 'symmetric', axis, 5)
    for bits in (1, 2, 3, 4, 6, 8):
        found[f'palettize {bits}'] = palettize(w, bits)
    for share in (0.1, 0.5, 0.9):
        found[f'sparsify {share}'] = sparsify(w, share)
    if w.shape[other] % 4 == 0:
        found['sparsify 2:4'] = two_of_four(w, other)
    found['cast float16'] = w.astype(np.float16).astype(np.float64)
    found['cast bfloat16'] = w.astype(np.float32).astype(ml_dtypes.bfloat16).astype(np.float64)
    found['prune half'] = prune(w, axis, (w.shape[axis] + 1) // 2)
    found['sparsify 0.5, int8 channel'] = quantize(sparsify(w, 0.5), 8, True, axis)
    return {change: sqnr(w, q) for change, q in found.items()}


if __name__ == '__main__':
    golden = {name: results(name, w) for name, w in tensors().items()}
    path = pathlib.Path(__file__).with_name('oracle.json')
    path.write_text(json.dumps(golden, indent=2) + '\n')
