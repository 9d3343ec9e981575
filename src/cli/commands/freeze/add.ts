import { Option, type Command } from 'commander';
import { FreezeView } from '../../../contract/schema/api-freeze';
import { FREEZE_ENVIRONMENTS } from '../../../domain/freeze';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatFreeze } from './format-freeze';
import { FREEZES } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly svc?: string;
  readonly env?: string;
  readonly from?: string;
  readonly to?: string;
  readonly rule?: string;
  readonly start?: string;
  readonly duration?: string;
  readonly timeZone?: string;
  readonly except?: readonly string[];
}

const EXAMPLES = [
  'reg freeze add year-end --from 2026-12-20T18:00 --to 2027-01-04T08:00 --time-zone Europe/Berlin --reason "year-end closing"',
  'reg freeze add weekend --rule FREQ=WEEKLY;BYDAY=FR --start 2026-01-02T18:00 --duration 62h --time-zone Europe/Berlin --env prod --reason "nobody on call"',
  'reg freeze add payday --svc checkout --rule FREQ=MONTHLY;BYDAY=-1FR --start 2026-01-30 --duration P1D --time-zone UTC --except 2026-12-25 --reason payday',
];

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

export function addFreezeAdd(parent: Command, cli: Cli): void {
  const command = parent
    .command('add <name>')
    .requiredOption('--reason <text>', 'why; whoever waits is told')
    .option('--svc <service>', 'this service only; every service without it')
    .addOption(
      new Option('--env <environment>', 'this environment only; stg and prod without it').choices(
        FREEZE_ENVIRONMENTS,
      ),
    )
    .option('--from <time>', 'once: when it begins')
    .option('--to <time>', 'once: when it ends')
    .option('--rule <rule>', 'again and again: a recurrence rule of RFC 5545')
    .option('--start <time>', 'the time of day, and the day from which the rule counts')
    .option('--duration <duration>', 'how long each lasts: 62h, or P2D for days of the calendar')
    .option('--time-zone <zone>', 'the clocks that times without an offset are read from')
    .option('--except <time>', 'a day, or one begin, that is left out; again for more', collect);
  describe(
    command,
    'Close the irreversible steps of releases, once or by a calendar; rollback and abort stay open',
    EXAMPLES,
  ).action(async (name: string, { svc, env, json, ...schedule }: Options) => {
    const http = await cli.connect();
    const environments = env === undefined ? {} : { environments: [env] };
    const body = { name, svc, ...environments, ...schedule };
    const freeze = await http.post(FREEZES, body, FreezeView);
    cli.print(json ?? false, freeze, (one) => formatFreeze(one, cli.paint));
  });
}
