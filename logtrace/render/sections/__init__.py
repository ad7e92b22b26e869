"""The sections of a report, one in each file; logtrace.render.section says what a section is."""
