/**
 * A small `sh` program that runs one server and outlives nobody: it reads a pipe from the process that started it, and
 * when that pipe ends (the owner closed it, or died of anything, SIGKILL included) it asks the server to end, and kills
 * it when it does not. It runs in a session of its own, so that a terminal's Ctrl-C reaches only the owner.
 *
 * Arguments: log file, folder to delete at the end (or empty), tenths of a second of grace, then the command.
 * Prints the server's process id and ends with the server's exit code.
 *
 * The shell's own traps come after the watcher's fork, and the watcher is told to end until it has: a signal that comes
 * while it sets its trap, or just before its `read` blocks, is lost.
 */
export const GUARDIAN_SCRIPT = `
log=$1 scratch=$2 grace=$3
shift 3
PATH="$PATH:/usr/bin:/bin"
exec 3<&0
"$@" </dev/null >>"$log" 2>&1 3<&- &
server=$!
echo "$server"
exec >/dev/null 2>&1
(
  trap 'exit 0' TERM
  while read -r line <&3; do :; done
  if [ "$grace" -gt 0 ]; then kill -TERM "$server"; fi
  waited=0
  while kill -0 "$server" && [ "$waited" -lt "$grace" ]; do sleep 0.1; waited=$((waited + 1)); done
  kill -KILL "$server"
) &
watcher=$!
trap : TERM INT HUP
wait "$server"
code=$?
while [ "$code" -gt 128 ] && kill -0 "$server"; do wait "$server"; code=$?; done
while kill -TERM "$watcher"; do sleep 0.02; done
if [ -n "$scratch" ]; then rm -rf -- "$scratch"; fi
exit "$code"
`;
