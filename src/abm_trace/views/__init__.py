"""Views: tables that are made from verdicts, for people who look at a whole case."""
