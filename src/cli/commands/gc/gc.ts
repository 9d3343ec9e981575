import type { Command } from 'commander';
import { ReleaseError } from '../../../contract/errors';
import { describe, type Cli, type JsonOption } from '../../cli';
import { addGcApprove } from './approve';
import { addGcDiff } from './diff';
import { explain } from './explain';
import { planAndAsk, runNamed } from './plan-and-ask';
import { addGcPlans } from './plans';
import { addGcRuns } from './runs';
import { addGcShow } from './show';

export interface GcOptions extends JsonOption {
  readonly repo?: string;
  readonly dryRun?: boolean;
  readonly explain?: string;
  readonly yes?: string;
}

export function addGc(parent: Command, cli: Cli): void {
  const command = parent
    .command('gc')
    .option('--repo <repository>', 'one repository; without it all of the registry')
    .option('--dry-run', 'plan, and run nothing')
    .option('--explain <image>', 'say why a tag or a digest stays, or by which rule it goes')
    .option('--yes <plan>', 'run this plan: it was read before, and no other is run');
  describe(command, 'Plan what of the registry may go, show it, and run it once you agree', [
    'reg gc --dry-run',
    'reg gc --repo apps/checkout/checkout',
    'reg gc --explain apps/checkout/checkout:1.4.0_3f2a9c1',
    'reg gc --yes gc-5f0d…',
    'reg gc approve gc-5f0d… --reason "looked through it"',
  ]).action(async (options: GcOptions) => {
    const { explain: image, yes, json = false } = options;
    requireOneMeaning(options);
    if (image !== undefined) await explain(cli, image, json);
    else if (yes !== undefined) await runNamed(cli, yes, options);
    else await planAndAsk(cli, options);
  });
  for (const add of [addGcPlans, addGcShow, addGcApprove, addGcDiff]) add(command, cli);
  addGcRuns(command, cli);
}

/** `--dry-run --yes PLAN` would run it, and nobody who says so wants that. @throws ReleaseError INVALID_INPUT */
function requireOneMeaning({ explain: image, yes, dryRun }: GcOptions): void {
  if (yes === undefined || (image === undefined && dryRun !== true)) return;
  const other = dryRun === true ? '--dry-run' : '--explain';
  throw new ReleaseError('INVALID_INPUT', `--yes runs a plan, ${other} runs nothing`, {
    details: { field: '--yes', remedy: `leave out ${other}, or --yes` },
  });
}
