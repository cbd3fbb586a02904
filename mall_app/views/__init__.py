"""Panel views of a `ClusteringModel`: what a person sees and touches, in notebook and app."""

from mall_app.views.notebook import show
from mall_app.views.workbench import Workbench

__all__ = ["Workbench", "show"]
