"""`python -m ledger.stripe_sandbox --port N [--deliver URL]` serves the sandbox on loopback until interrupted."""

import argparse
import sys
from functools import partial

from ledger.database import connect
from ledger.stripe_sandbox.sandbox import Sandbox
from ledger.stripe_sandbox.server import HOST, build_server, post_event


def main() -> None:
    """Serve the sandbox of an already migrated DATABASE_URL, or of the embedded server."""
    parser = argparse.ArgumentParser(prog="python -m ledger.stripe_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=12111)
    parser.add_argument("--deliver", metavar="URL", help="URL that receives signed events")
    options = parser.parse_args()
    deliver = partial(post_event, options.deliver) if options.deliver else None
    sandbox = Sandbox(connect(), deliver=deliver)
    server = build_server(sandbox, options.port)
    sys.stdout.write(f"http://{HOST}:{server.server_port} events signed with {sandbox.webhook_secret}\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        sandbox.close()


if __name__ == "__main__":
    main()
