"""Code, plan, state and account beside one another: which resources are the same, how they differ, what that means.

`join` finds the live resource of a declared one, `compare` the attributes that differ, `meaning` says in words what a
rule's verdicts are together. Nothing here reads a file or calls an API.
"""
