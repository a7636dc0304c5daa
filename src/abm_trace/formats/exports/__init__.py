"""The exports: saved answers, lists, samples and transcripts, each read to facts."""
