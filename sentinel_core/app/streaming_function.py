"""The streaming function's process on Lambda: its exec wrapper, `streaming_function.sh`, starts it."""

from __future__ import annotations

import os
import sys

from sentinel_core.support import kept_code


def main() -> int:
    """Build everything, then answer events for ever; a start that fails is reported with its reason."""
    kept_code.use()
    from sentinel_core.app.lambda_runtime import RuntimeApi, serve

    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        from handler import function
    except Exception as error:  # noqa: BLE001  whatever stops the start
        print(f"[ERROR] {type(error).__name__}: {error}", flush=True)  # noqa: T201  the function's log
        api.fail(None, error)
        return 1
    serve(function, api)
    return 0


if __name__ == "__main__":
    sys.exit(main())
