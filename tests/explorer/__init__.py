"""The explorer and its replay, asked over HTTP as a browser and as a stranger would."""
