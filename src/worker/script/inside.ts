import { isShell } from "../../expr/shell-lexer.ts";

/**
 * What runs in an environment in place of the script's shell, as its parent. Where the first process ends, the kernel
 * kills all others in there at once: so this one waits for what a script has left that is still at work (a process
 * substitution, which no shell waits for, may be writing its file), as long as on the machine itself.
 *
 * - A zombie has no `exe`, and counts for nothing.
 * - The shell that is asked to end goes on until its child has.
 * - `.command.left` says what was still there in the end.
 */
const WAITING = `
quiet=$1
shift
trap : TERM
%RUN%
tries=0
while :; do
  left=
  for one in /proc/[0-9]*; do
    case \${one#/proc/} in 1 | $$) continue ;; esac
    if [ -e "$one/exe" ] && read -r name <"$one/comm"; then left="$left, $name"; fi
  done 2>/dev/null
  [ "$left" ] || exit $status
  tries=$((tries + 1))
  if [ $tries -gt $((quiet * 10)) ]; then
    echo "\${left#, }" >.command.left
    exit $status
  fi
  sleep 0.1
done
`;

/** Below bubblewrap, signals come from outside to each process in there: it only has to wait. */
const DIRECT = WAITING.replace("%RUN%", `"$@"\nstatus=$?`);

/** Podman and docker signal one process: it hands the signal on to all others. */
const HANDED_ON = WAITING.replace(
  "%RUN%",
  `trap 'kill -TERM -1' TERM
"$@" &
wait $!
status=$?
while kill -0 $! 2>/dev/null; do wait $!; status=$?; done`,
);

/** What a script left running in the background, until it was killed: in its work directory. */
export const LEFT_FILE = ".command.left";

/** What may leave something at work when a shell script ends: `&`, `>(…)`, and programs that are there for that. */
const MAY_LEAVE = /(^|[^&<>])&(?![&>])|[<>]\(|\b(coproc|nohup|setsid|daemon|start-stop-daemon|screen|tmux|at|batch)\b/m;

/** A script that runs in an environment. */
export interface InsideScript {
  /** What would run outside: `["bash", ".command.sh"]`. */
  readonly command: readonly string[];
  readonly interpreter: string;
  /** The rendered script. */
  readonly text: string;
  /** Do signals reach every process in there by themselves? */
  readonly direct: boolean;
  /** How long what it leaves in the background may go on, in milliseconds. */
  readonly lingerMs: number;
}

/**
 * The command by which a script runs in an environment. In a sandbox a shell script that leaves nothing behind needs
 * nobody who waits for it: a process less, which is a fifth of what it costs to enter.
 */
export function insideCommand({ command, interpreter, text, direct, lingerMs }: InsideScript): readonly string[] {
  if (direct && isShell(interpreter) && !MAY_LEAVE.test(text)) return command;
  return ["sh", "-c", direct ? DIRECT : HANDED_ON, "sh", String(Math.ceil(lingerMs / 1000)), ...command];
}
