"""Batch renderer of round cones.

Orthographic rays meet round cones in closed form [1]_. Between the fingers the
image darkens where the depth lies behind its surroundings [2]_, and a march
through the depth buffer casts shadows.

References
----------
.. [1] I. Quilez, "Intersectors", https://iquilezles.org/articles/intersectors
.. [2] T. Luft, C. Colditz and O. Deussen, "Image enhancement by unsharp masking the
   depth buffer", ACM Transactions on Graphics 25(3), 1206-1213, 2006.
"""

import numpy as np
from scipy.ndimage import uniform_filter

FAR = np.float32(-np.inf)

_SHADOW_STEPS = (0.06, 0.12, 0.2, 0.3, 0.45)
_SHADOW_DEPTH = 0.5


def rasterize(cones, side):
    """Return depth, normals and the index of the visible cone for each pixel."""
    shape = (len(cones), side, side)
    depth = np.full(shape, FAR, np.float32)
    seen = np.full(shape, -1, np.int8)
    flat_depth, flat_seen = depth.reshape(-1), seen.reshape(-1)
    for k in range(cones.shape[1]):
        which, x, y = _pixels_around(cones[:, k], side)
        hit, z = _meet(cones[:, k], which, x, y)
        at = ((which * side + y) * side + x)[hit]
        closer = z > flat_depth[at]
        at = at[closer]
        flat_depth[at] = z[closer]
        flat_seen[at] = k
    return depth, _normals(cones, depth, seen), seen


def _pixels_around(cone, side):
    """List the pixels of each image that the cone's bounding box covers."""
    reach = cone[:, 3::4, None]
    low = (cone.reshape(-1, 2, 4)[..., :2] - reach).min(axis=1)
    high = (cone.reshape(-1, 2, 4)[..., :2] + reach).max(axis=1)
    low = np.clip(np.floor(low), 0, side).astype(np.int32)
    high = np.clip(np.ceil(high) + 1, 0, side).astype(np.int32)
    width, height = (high - low).T
    count = width * height
    which = np.repeat(np.arange(len(cone), dtype=np.int32), count)
    first = np.cumsum(count, dtype=np.int32) - count
    rank = np.arange(len(which), dtype=np.int32) - first[which]
    row = rank // width[which]
    column = rank - row * width[which]
    return which, low[which, 0] + column, low[which, 1] + row


def _meet(cone, which, x, y):
    """Intersect viewing rays with one cone of each image.

    Returns which rays hit, and the z of their first hits (NaN for none after all).
    The letters are those of [1]_; as rays run along -z and start at the height of
    the first ball, h there becomes d2 (s^2 - k2 c) with s = m1 - ra rr and
    c = m5 - ra^2.
    """
    ax, ay, az, ra, bx, by, bz, rb = cone.T
    dx, dy, dz, rr = bx - ax, by - ay, bz - az, ra - rb
    d2 = dx * dx + dy * dy + dz * dz - rr * rr
    k2 = d2 - dz * dz
    x, y = x.astype(np.float32), y.astype(np.float32)
    c = (x - ax[which]) ** 2 + (y - ay[which]) ** 2 - (ra * ra)[which]
    s = dx[which] * x + dy[which] * y - (dx * ax + dy * ay + ra * rr)[which]
    h = s * s - k2[which] * c
    # Seen end on, one ball hides the other
    hit = np.flatnonzero((h >= 0) | (k2 <= 0)[which])
    which, x, y, c, s, h = which[hit], x[hit], y[hit], c[hit], s[hit], h[hit]
    rise, whole, steep = dz[which], d2[which], k2[which]
    with np.errstate(invalid="ignore", divide="ignore"):
        body = (np.sqrt(whole * h) + rise * s) / steep
        along = s + body * rise
        first = np.sqrt(-c)
        second = rise + np.sqrt(
            (rb * rb)[which] - (x - bx[which]) ** 2 - (y - by[which]) ** 2
        )
        z = np.where(along <= 0, first, np.where(along >= whole, second, body))
        z = np.where(steep <= 0, np.fmax(first, second), z)
    return hit, z + az[which]


def _normals(cones, depth, seen):
    """Return unit vectors away from the nearest point of the cone's axis."""
    side = depth.shape[1]
    at = np.flatnonzero(seen.reshape(-1) >= 0)
    which, rest = np.divmod(at, side * side)
    y, x = np.divmod(rest, side)
    cone = cones[which, seen.reshape(-1)[at]].T
    out = np.stack([x, y, depth.reshape(-1)[at]]).astype(np.float32) - cone[:3]
    axis, rr = cone[4:7] - cone[:3], cone[3] - cone[7]
    d2 = (axis * axis).sum(axis=0) - rr * rr
    along = (axis * out).sum(axis=0) - cone[3] * rr
    fraction = np.where(d2 > 0, along / np.maximum(d2, 1e-6), rr < 0)
    out -= axis * np.clip(fraction, 0, 1)
    normal = np.zeros((3, depth.size), np.float32)
    normal[:, at] = out / np.maximum(np.sqrt((out * out).sum(axis=0)), 1e-6)
    return normal.reshape(3, *depth.shape)


def shade(depth, normal, light, ambient, unit):
    """Compute the brightness (n, side, side) of rasterized surfaces."""
    hit = depth > FAR
    toward = np.einsum("cnij,nc->nij", normal, light)
    # Light that scatters under the skin softens the terminator
    diffuse = np.maximum((toward + 0.15) / 1.15, 0)
    diffuse *= _unshadowed(depth, hit, light, unit)
    open_sky = _openness(depth, hit, unit) * (0.7 + 0.3 * normal[2])
    fraction = ambient[:, None, None]
    return hit * (
        fraction * open_sky + (1 - fraction) * diffuse * (0.4 + 0.6 * open_sky)
    )


def _openness(depth, hit, unit):
    """Compute ambient occlusion (n, side, side) at two scales."""
    side = depth.shape[1]
    open_sky = np.ones_like(depth)
    height = np.where(hit, depth / unit[:, None, None], 0).astype(np.float32)
    covered = hit.astype(np.float32)
    for fraction, strength in ((0.06, 5.5), (0.16, 2.4)):
        size = (0, *(2 * [max(3, int(side * fraction) | 1)]))
        blurred = uniform_filter(height, size, mode="constant")
        cover = uniform_filter(covered, size, mode="constant")
        behind = blurred / np.maximum(cover, 1e-6) - height
        open_sky *= 1 / (1 + strength * np.maximum(behind, 0))
    return open_sky


def _unshadowed(depth, hit, light, unit):
    """Compute shadows (n, side, side) by ray marching through the depth buffer."""
    side = depth.shape[1]
    at = np.flatnonzero(hit)
    which, rest = np.divmod(at, side * side)
    row, column = np.divmod(rest, side)
    scale, ray = unit[which], light[which]
    here = depth.reshape(-1)[at]
    lit = np.ones(len(at), np.float32)
    for step in _SHADOW_STEPS:
        x = (column + step * scale * ray[:, 0]).astype(np.int32)
        y = (row + step * scale * ray[:, 1]).astype(np.int32)
        inside = (x >= 0) & (x < side) & (y >= 0) & (y < side)
        there = depth.reshape(-1)[
            (which * side + np.clip(y, 0, side - 1)) * side + np.clip(x, 0, side - 1)
        ]
        above = (there - here) / scale - step * ray[:, 2]
        blocked = inside & (above > 0.03) & (above < _SHADOW_DEPTH)
        lit = np.minimum(lit, np.where(blocked, 1 - np.clip(above * 8, 0, 0.8), 1))
    result = np.ones(depth.size, np.float32)
    result[at] = lit
    return result.reshape(depth.shape)
