import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { PlanView } from '../../../contract/schema/api-plan';
import { describe, type Cli, type JsonOption } from '../../cli';
import type { Paint } from '../../output/style';
import { formatFinding, formatTally } from './format-finding';
import { parseRate } from './parse-rate';
import { readPlanFile, type PlanSource } from './plan-file';

interface Options extends JsonOption {
  readonly service?: string;
  readonly rps?: number;
  readonly offline?: boolean;
}

interface LintFinding extends Omit<PlanView['findings'][number], 'remedy'> {
  /** Null for a value that is not from the file. */
  readonly line: number | null;
  readonly remedy: string | null;
}

interface LintReport {
  readonly file: string;
  readonly valid: boolean;
  readonly findings: readonly LintFinding[];
}

export function addPlanLint(parent: Command, cli: Cli): void {
  const command = parent
    .command('lint <file>')
    .option('--service <service>', 'over what the catalogue says of this service')
    .option('--rps <n>', 'requests a second of the whole service', parseRate)
    .option('--offline', 'its shape alone, without the server');
  describe(command, 'Check a plan file: its shape, and whether the plan it gives can work', [
    'reg plan lint canary.yaml',
    'reg plan lint canary.yaml --service checkout --rps 40',
    'reg plan lint canary.yaml --offline --json',
  ]).action(async (file: string, options: Options) => {
    const source = await readPlanFile(cli.context.cwd, file);
    const findings =
      source.faults.length > 0 || options.offline
        ? shapeFindings(source)
        : await serverFindings(cli, source, options);
    const valid = findings.every(({ severity }) => severity !== 'error');
    const report: LintReport = { file, valid, findings };
    cli.print(options.json ?? false, report, (one) => formatReport(one, cli.paint));
    if (!valid) cli.exitWith(ERRORS.INVALID_INPUT.exit);
  });
}

function shapeFindings({ faults }: PlanSource): readonly LintFinding[] {
  return faults.map(({ field, line, message }) => ({
    path: field,
    line,
    severity: 'error',
    message,
    remedy: null,
    origin: 'file',
  }));
}

async function serverFindings(
  cli: Cli,
  source: PlanSource,
  { service, rps }: Options,
): Promise<readonly LintFinding[]> {
  const http = await cli.connect();
  const request = {
    plan: source.value,
    ...(service !== undefined && { svc: service }),
    ...(rps !== undefined && { requestsPerSecond: rps }),
  };
  const { findings } = await http.post('/v1/registry/plan', request, PlanView);
  return findings.map((one) => ({
    ...one,
    line: one.origin === 'file' ? source.lineOf(one.path) : null,
  }));
}

function formatReport({ file, findings }: LintReport, paint: Paint): string {
  const lines = findings.flatMap((one) => {
    const at = one.line === null ? file : `${file}:${one.line}`;
    return formatFinding(one, paint).map((line, index) => (index === 0 ? `${at}: ${line}` : line));
  });
  return `${[...lines, formatTally(file, findings, paint)].join('\n')}\n`;
}
