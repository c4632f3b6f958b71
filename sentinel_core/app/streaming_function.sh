#!/bin/sh
# AWS_LAMBDA_EXEC_WRAPPER of the streaming function: the runtime's own Python, in $1, runs our loop instead of AWS's.
export PYTHONPATH="$LAMBDA_TASK_ROOT:/var/runtime${PYTHONPATH:+:$PYTHONPATH}"
exec "$1" -m sentinel_core.app.streaming_function
