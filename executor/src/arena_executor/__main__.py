import sys

from arena_executor.server import main

sys.exit(main())
