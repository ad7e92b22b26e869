"""Where messages go, each as logtrace.watch.run.Output: standard output, a command, a web hook, pages, metrics."""
