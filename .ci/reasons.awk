# Of the output of a build or a test run, the lines that say why it failed.
# A failed test: its name, its message and the first lines of its stack, without what led to it.
/^  Failed [^ ]/ { left = 14; stack = 0 }
/^  Stack Trace:/ && left > 0 { stack = 1; left = 4 }
/^Test run for |^  (Passed|Skipped) [^ ]/ || (stack && /^ *$/) { left = 0 }

# What is no test's fault: a clean-up that failed, or a test host that is gone.
/Cleanup Failure|Catastrophic failure|Testhost process|Test Run Aborted|was aborted|crashed/ { if (left < 8) left = 8 }

# What a build says, once.
/: error [A-Z]+[0-9]*:/ { if (!seen[$0]++) print; next }
/error MSB|^Unhandled exception/ { if (left < 4) left = 4 }

left > 0 { print substr($0, 1, 300); left-- }
