"""WACZ files: a collection, a run or some articles as one file that ReplayWeb.page opens."""
