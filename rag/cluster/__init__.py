"""Split and embed on the workers of a Ray cluster; reading and storing stay where they are."""

from rag.cluster.workers import RayWorkers, open_workers

__all__ = ["RayWorkers", "open_workers"]
