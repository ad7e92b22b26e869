"""The words of the field, used by all: kinds of lines, result codes, durations, the columns of lines and events."""
