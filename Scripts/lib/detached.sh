#!/bin/sh
# detached.sh RECORD COMMAND...: becomes COMMAND, in a session of its own, after it has written down who it is.
#
# The record is there before the command runs, so nothing is ever started that cannot be found again. The session of
# its own keeps the terminal's Ctrl-C away, and no inherited descriptor keeps a caller's pipe or lock open.
set -eu
# shellcheck source=Scripts/lib/process.sh
. "$(dirname "$0")/process.sh"
record_process "$$" "$1"
shift
exec perl -MPOSIX -e '
    POSIX::setsid();
    opendir my $open, "/dev/fd" or die "/dev/fd: $!\n";
    POSIX::close($_) for grep { /^\d+$/ && $_ > 2 } readdir $open;
    exec { $ARGV[0] } @ARGV or die "$ARGV[0]: $!\n";
' -- "$@"
