"""Makes vectors.json, which the judge's arithmetic is checked against. Needs SciPy: python3 make_vectors.py > vectors.json"""

import itertools
import json

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(20261124)
ALTERNATIVES = {"greater": "greater", "less": "less", "different": "two-sided"}


def mann_whitney(x, y, method):
    result = {"x": [float(v) for v in x], "y": [float(v) for v in y], "method": method}
    for ours, theirs in ALTERNATIVES.items():
        answer = stats.mannwhitneyu(x, y, alternative=theirs, method=method)
        result["u"] = float(answer.statistic)
        result[ours] = float(answer.pvalue)
    result["shift"] = float(np.median(np.subtract.outer(x, y)))
    return result


def permutation(x, y):
    """Exact with ties: every way to share out the values."""
    pooled = np.concatenate([x, y])
    ranks = stats.rankdata(pooled)
    observed = ranks[: len(x)].sum()
    sums = np.array([ranks[list(c)].sum() for c in itertools.combinations(range(len(pooled)), len(x))])
    greater = float(np.mean(sums >= observed - 1e-9))
    less = float(np.mean(sums <= observed + 1e-9))
    return {
        "x": [float(v) for v in x],
        "y": [float(v) for v in y],
        "method": "exact",
        "u": float(observed - len(x) * (len(x) + 1) / 2),
        "greater": greater,
        "less": less,
        "different": min(1.0, 2 * min(greater, less)),
        "shift": float(np.median(np.subtract.outer(x, y))),
    }


def proportions(a, n, b, m):
    table = [[a, n - a], [b, m - b]]
    own = stats.binomtest(a, n).proportion_ci(0.95, method="wilson")
    other = stats.binomtest(b, m).proportion_ci(0.95, method="wilson")
    p, q = a / n, b / m
    chi2 = stats.chi2_contingency(table, correction=False).pvalue if 0 < a + b < n + m else 1.0
    return {
        "candidate": {"errors": a, "requests": n},
        "stable": {"errors": b, "requests": m},
        "fisher": float(stats.fisher_exact(table, alternative="greater").pvalue),
        "score": float(chi2 / 2 if p >= q else 1 - chi2 / 2),
        "lower": float(p - q - np.hypot(p - own.low, other.high - q)),
        "upper": float(p - q + np.hypot(own.high - p, q - other.low)),
    }


def rounded(size, scale=20):
    return np.round(rng.normal(100, scale, size), 3)


exact = [mann_whitney(rounded(n), rounded(m) + d, "exact") for n, m, d in
         [(3, 3, 0), (3, 4, 60), (5, 5, 30), (8, 8, -20), (8, 12, 10), (4, 30, 15), (15, 15, 0), (20, 20, -15), (22, 22, 10)]]
tied = [permutation(np.round(rng.normal(d, 1.5, n)), np.round(rng.normal(0, 1.5, m))) for n, m, d in
        [(4, 4, 1), (5, 7, -1), (7, 5, 2), (8, 8, 1), (9, 6, 0)]]
tied.append(permutation(np.array([0.0] * 10), np.array([0.0] * 5 + [3.0, 4.0, 5.0, 1.0, 2.0])))
normal = [mann_whitney(rounded(n), rounded(m) + d, "asymptotic") for n, m, d in
          [(30, 30, 0), (60, 60, -10), (60, 60, 20), (50, 90, 5), (120, 40, -3), (60, 60, -80)]]
normal += [mann_whitney(np.round(rng.normal(d, 2, n)), np.round(rng.normal(0, 2, m)), "asymptotic") for n, m, d in
           [(40, 40, 1), (60, 60, 0), (60, 30, -1)]]

print(json.dumps({
    "scipy": scipy.__version__,
    "mannWhitney": exact + tied + normal,
    "proportions": [proportions(*row) for row in [
        (0, 100, 0, 100), (5, 100, 0, 100), (0, 100, 5, 100), (50, 5000, 5, 5000), (12, 300, 0, 300),
        (20, 500, 10, 9500), (1, 5, 5, 5000), (100, 100, 100, 100), (99, 100, 60, 100), (7, 10, 2, 12),
        (3000, 50000, 2900, 50000), (20000, 100000, 19000, 100000), (4990, 5000, 5000, 5000)]],
    "normal": [[z, float(stats.norm.sf(z))] for z in [-8, -3, -1, -0.1, 0, 0.3, 1, 1.9999, 2, 2.5758293, 5, 9.5, 20, 35]],
    "student": [[t, df, float(stats.t.sf(t, df))] for t in [-2, 0, 0.5, 1.7, 2.6, 4, 9]
                for df in [1, 2.5, 7, 28, 118, 1000]],
}, indent=1))
