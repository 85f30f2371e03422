"""Parts of the pull request's comment."""
