import { Command, CommanderError } from 'commander';
import { ERRORS, ReleaseError } from '../contract/errors';
import { INTERRUPTED_EXIT } from '../contract/exit-codes';
import { createCli } from './cli';
import { addAllow } from './commands/allow/allow';
import { addBase } from './commands/base';
import { addHistory } from './commands/channel/history';
import { addRollback } from './commands/channel/rollback';
import { addCheck } from './commands/check/check';
import { addCve } from './commands/cve';
import { addDatabase } from './commands/database';
import { addDeny } from './commands/deny/deny';
import { addDrill } from './commands/drill/drill';
import { addException } from './commands/exception/exception';
import { addFreeze } from './commands/freeze/freeze';
import { addGc } from './commands/gc/gc';
import { addUnblock } from './commands/image/unblock';
import { addVerify } from './commands/image/verify';
import { addHold } from './commands/hold/hold';
import { addKeep } from './commands/keep/keep';
import { addKeys } from './commands/keys/keys';
import { addResume } from './commands/lane/resume';
import { addMaintenance } from './commands/maintenance/maintenance';
import { addMetrics } from './commands/metrics/metrics';
import { addPlan } from './commands/plan/plan';
import { addQuarantine } from './commands/quarantine/quarantine';
import { addReconcile } from './commands/reconcile/reconcile';
import { addAbort } from './commands/release/abort';
import { addApprove } from './commands/release/approve';
import { addList } from './commands/release/list';
import { addNotes } from './commands/release/notes';
import { addPromote } from './commands/release/promote';
import { addRevertKey } from './commands/release/revert-key';
import { addStatus } from './commands/release/status';
import { addToken } from './commands/release/token';
import { addWatch } from './commands/release/watch';
import { addRescan } from './commands/rescan/rescan';
import { addRobots } from './commands/robot/robots';
import { addRollup } from './commands/rollup/rollup';
import { addLogin } from './commands/session/login';
import { addLogout } from './commands/session/logout';
import { addWhoAmI } from './commands/session/whoami';
import { addEvents } from './commands/tag/events';
import { addTags } from './commands/tag/tags';
import { addTurnaround } from './commands/turnaround/turnaround';
import { addVerdict } from './commands/verdict/verdict';
import { addWhy } from './commands/why/why';
import type { CliContext } from './context';
import { formatError } from './output/error';
import { createPaint } from './output/style';

const SESSION_COMMANDS = [addLogin, addLogout, addWhoAmI];
const REG_COMMANDS = [
  addPromote,
  addRollback,
  addStatus,
  addWatch,
  addList,
  addHistory,
  addVerify,
  addApprove,
  addAbort,
  addHold,
  addResume,
  addUnblock,
  addToken,
  addRevertKey,
  addNotes,
  addReconcile,
  addDrill,
  addCheck,
  addRescan,
  addCve,
  addDatabase,
  addGc,
  addRollup,
  addPlan,
  addRobots,
  addTags,
  addQuarantine,
  addAllow,
  addDeny,
  addException,
  addKeep,
  addKeys,
  addBase,
  addWhy,
  addMaintenance,
  addFreeze,
  addEvents,
  addVerdict,
  addTurnaround,
  addMetrics,
];

const EXIT_CODES = `
Exit codes:
  0 done        1 unexpected   2 usage         3 refused by a rule   4 not found
  5 conflict    6 not allowed  7 a dependency is down                8 a gate stopped it
  and of promote --wait and watch: 9 aborted, 10 superseded, 11 preempted by a rollback

Environment:
  PLURA_SERVER, PLURA_TOKEN   instead of what login stored
  PLURA_CONFIG                where login stores it`;

/** The whole command line; `exitWith` hears of bad news that is no error. */
export function buildProgram(context: CliContext, exitWith: (code: number) => void): Command {
  const cli = createCli(context, exitWith);
  const program = new Command('plura')
    .description('Release governance for container images')
    .version(context.version)
    .addHelpText('after', EXIT_CODES);
  const reg = program.command('reg').description('Releases, channels and images');
  for (const add of SESSION_COMMANDS) add(program, cli);
  for (const add of REG_COMMANDS) add(reg, cli);
  configure(program, context);
  return program;
}

/** `promote --version` is a command's own option, so options count from where they stand. */
function configure(command: Command, context: CliContext): void {
  command
    .enablePositionalOptions()
    .exitOverride()
    .showSuggestionAfterError()
    .showHelpAfterError(`See: ${pathOf(command)} --help`)
    .configureOutput({
      writeOut: (text) => {
        context.stdout.write(text);
      },
      writeErr: (text) => {
        context.stderr.write(text);
      },
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      getOutHasColors: () => context.colors,
      getErrHasColors: () => context.colors,
    });
  for (const child of command.commands) configure(child, context);
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** Runs one command line (without node and script) and returns its exit code; nothing is thrown. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode = 0;
  const program = buildProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return exitCode;
  } catch (error) {
    return reportFailure(error, args, context);
  }
}

function reportFailure(error: unknown, args: readonly string[], context: CliContext): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : ERRORS.INVALID_INPUT.exit;
  if (context.signal.aborted) {
    context.stderr.write('Interrupted; what was started goes on: plura reg list\n');
    return INTERRUPTED_EXIT;
  }
  const known =
    error instanceof ReleaseError
      ? error
      : new ReleaseError('INTERNAL', error instanceof Error ? error.message : String(error));
  const paint = createPaint(context.colors);
  context.stderr.write(formatError(known, args.includes('--json'), paint));
  return ERRORS[known.code].exit;
}
