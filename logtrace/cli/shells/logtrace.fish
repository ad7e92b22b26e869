# Completion of logtrace for fish. The program is asked for each word; what it knows not it leaves to fish.

function __logtrace_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (env _LOGTRACE_COMPLETE=fish $words 2>/dev/null)
        switch $line
            case ':files*'
                __fish_complete_path (commandline -ct)
            case ':folders*'
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $line
        end
    end
end

complete --command logtrace --no-files --keep-order --arguments '(__logtrace_complete)'
