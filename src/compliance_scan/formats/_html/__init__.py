"""Parts of the HTML report: `page` is the shell with its policy, `payload` the data; the rest its script and style."""
