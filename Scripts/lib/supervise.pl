# supervise.pl AFTERWARDS... -- COMMAND...: runs COMMAND, then AFTERWARDS, and exits as COMMAND did.
#
# HUP, INT and TERM are passed on to COMMAND, and AFTERWARDS runs whatever ended it. In Perl, because no shell does all
# of this: wait and hear signals at once, leave COMMAND its standard input and its Ctrl-C, and know its exit code.
use strict;
use warnings;

my @afterwards;
push @afterwards, shift @ARGV while @ARGV && $ARGV[0] ne '--';
shift @ARGV;
my @command = @ARGV;

my ($child, $early);
for my $signal (qw(HUP INT TERM)) {
    $SIG{$signal} = sub { $child ? kill $signal, $child : ($early = $signal) };
}
defined($child = fork) or die "fork: $!\n";
if (!$child) {
    $SIG{$_} = 'DEFAULT' for qw(HUP INT TERM QUIT);
    kill $early, $$ if $early;
    exec { $command[0] } @command or warn "$command[0]: $!\n";
    exit 127;
}
kill $early, $child if $early;
1 while waitpid($child, 0) != $child;
my $status = $?;

$SIG{$_} = 'IGNORE' for qw(HUP INT TERM);
system { $afterwards[0] } @afterwards;
exit($status & 127 ? 128 + ($status & 127) : $status >> 8);
