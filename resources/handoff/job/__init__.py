"""A run of Atelier as a job: README.md beside this folder explains it."""
