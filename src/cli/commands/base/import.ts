import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { BaseImportStarted, type BaseImportReportView } from '../../../contract/schema/api-base';
import { describe, type Cli, type JsonOption } from '../../cli';
import type { Paint } from '../../output/style';
import { BASES } from './path';
import { waitForImport } from './wait-for-import';

interface Options extends JsonOption {
  readonly allowOlder?: boolean;
  readonly wait?: boolean;
}

type Outcome = NonNullable<BaseImportReportView['outcome']>;

const EXITS: Readonly<Record<Outcome, number>> = {
  imported: 0,
  unchanged: 0,
  refused: ERRORS.BASE_REFUSED.exit,
  failed: ERRORS.REGISTRY_UNAVAILABLE.exit,
};

function formatReport(report: BaseImportReportView, paint: Paint): string {
  const { family, outcome, step, source, version, digest, verifiedBy, mirror } = report;
  const isGood = outcome === 'imported' || outcome === 'unchanged';
  const said = `${outcome ?? 'under way'}${isGood ? '' : ` at ${step}`}`;
  const facts = [
    ['from', version === null ? source : `${source}, version ${version}`],
    ['digest', digest],
    ['verified', verifiedBy],
    ['mirror', mirror],
    ['why', report.reason],
    ['do', report.remedy],
  ] as const;
  const lines = facts.flatMap(([name, value]) =>
    value === null || value === '' ? [] : [`  ${name.padEnd(9)} ${value}`],
  );
  const head = `${paint.bold(family)}  ${isGood ? paint.green(said) : paint.red(said)}`;
  return `${[head, ...lines].join('\n')}\n`;
}

export function addBaseImport(parent: Command, cli: Cli): void {
  const command = parent
    .command('import <family>')
    .option('--allow-older', 'take what is older than what is held, too')
    .option(
      '--wait',
      'follow it to its end: exit 3 when it is refused, 7 when it could not be told',
    );
  describe(
    command,
    'Import what the vendor of a family offers: verify it there, copy, scan and sign it',
    ['reg base import alpine --wait', 'reg base import static-debian13 --wait --json'],
  ).action(async (family: string, { allowOlder = false, wait, json = false }: Options) => {
    const http = await cli.connect();
    const order = { family, allowOlder };
    const { started, running } = await http.post(`${BASES}/imports`, order, BaseImportStarted);
    if (!wait) {
      cli.print(json, { started, running }, () =>
        started
          ? `the import of ${family} was started; follow it with --wait\n`
          : `${family} is being imported already\n`,
      );
      return;
    }
    if (!started) cli.context.stderr.write(`${family} is being imported already; waiting for it\n`);
    const report = await waitForImport(cli.context, http, family);
    cli.print(json, report, (one) => formatReport(one, cli.paint));
    cli.exitWith(report.outcome === null ? 0 : EXITS[report.outcome]);
  });
}
