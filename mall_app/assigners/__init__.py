"""How new customers get a segment, one way in one module each.

========================== ===================== ================================================
class                      method                confidence
========================== ===================== ================================================
`NearestCentre`            native                1 less distance to own over distance to next
`CentreTree`               native                the least such margin on the way down
`MixtureAssigner`          native                posterior probability
`CoreDistance`             approximate           how deep within the reach of a core
`NearestNeighbours`        nearest_neighbours,   share of the ten nearest customers
                           or approximate
========================== ===================== ================================================
"""

from __future__ import annotations

from mall_app.assigners.base import Assigner, Assignment, Method, relabelled
from mall_app.assigners.centres import CentreTree, NearestCentre
from mall_app.assigners.density import CoreDistance
from mall_app.assigners.mixture import MixtureAssigner
from mall_app.assigners.neighbours import NearestNeighbours
from mall_app.assigners.state import from_state

__all__ = [
    "Assigner",
    "Assignment",
    "CentreTree",
    "CoreDistance",
    "Method",
    "MixtureAssigner",
    "NearestCentre",
    "NearestNeighbours",
    "from_state",
    "relabelled",
]
