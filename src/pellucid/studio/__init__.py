"""The studio's server: a real network in the browser, whose every number opens.

It shows moments and explanations of `run` and computes nothing itself; the page lies in `web/`.
"""
