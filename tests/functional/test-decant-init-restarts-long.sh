#!/bin/sh
# After 100,000 restarts the init has the memory that it had after 1,000.
RESTARTS=100000 exec sh "${0%/*}/test-decant-init-restart.sh"
