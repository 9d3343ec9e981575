import type { Command } from 'commander';
import path from 'node:path';
import type { z } from 'zod';
import { ReleaseError } from '../../../contract/errors';
import { OUTCOME_EXITS } from '../../../contract/exit-codes';
import { PromoteAnswer, PromotionPlan } from '../../../contract/schema/api-promotion';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatPlan } from '../../output/plan';
import { createProgress } from '../../output/progress';
import { displayRelease } from '../../output/style';
import { resolveRepository } from '../../references';
import { watchRelease } from '../../watch-release';
import { loadPlanFile } from '../plan/plan-file';

interface Options extends JsonOption {
  readonly digest?: string;
  readonly source?: string;
  readonly version?: string;
  readonly revision?: string;
  readonly author?: string;
  readonly from?: string;
  readonly to: string;
  readonly wait?: boolean;
  readonly plan?: boolean;
  readonly canaryPlan?: string;
}

const PROMOTE = '/v1/registry/promote';

export function addPromote(parent: Command, cli: Cli): void {
  const command = parent
    .command('promote <service>')
    .option('--digest <digest>', 'promote an image that was pushed: sha256:…')
    .option('--source <folder>', 'build and promote: a folder under the source root of the server')
    .option('--version <semver>', 'version of the build')
    .option('--revision <commit>', 'commit of the build (default: HEAD of the folder)')
    .option('--author <who>', 'who wrote the commit (default: as git says); may not approve')
    .option('--from <channel>', 'promote what this channel holds, e.g. dev:candidate')
    .option('--to <channel>', 'where to', 'prod:stable')
    .option('--canary-plan <file>', 'try it out and judge it by this plan')
    .option('--plan', 'say what would happen, do nothing')
    .option('--wait', 'follow it to its end; the exit code tells the outcome');
  describe(command, 'Release a service to prod:stable', [
    'reg promote checkout --source checkout --version 1.4.0 --revision 3f2a91c --wait',
    'reg promote apps/checkout/checkout --digest sha256:… --plan',
    'reg promote checkout --from dev:candidate --canary-plan canary.yaml --wait',
  ]).action(async (service: string, options: Options) => {
    const canaryPlan = await readCanaryPlan(cli, options);
    const http = await cli.connect();
    const repo = await resolveRepository(http, service);
    const body = { repo, to: options.to, ...(await readOrigin(cli, options)), ...canaryPlan };
    if (options.plan) {
      const plan = await http.post(PROMOTE, { ...body, plan: true }, PromotionPlan);
      cli.print(options.json ?? false, plan, (one) => formatPlan(one, cli.paint));
      if (!plan.possible) cli.exitWith(3);
      return;
    }
    const answer = await http.post(PROMOTE, body, PromoteAnswer);
    if (options.wait) await waitFor(cli, answer, options);
    else cli.print(options.json ?? false, answer, formatAnswer);
  });
}

async function readCanaryPlan(
  cli: Cli,
  { canaryPlan }: Options,
): Promise<{ readonly canaryPlan?: unknown }> {
  return canaryPlan === undefined
    ? {}
    : { canaryPlan: await loadPlanFile(cli.context.cwd, canaryPlan) };
}

async function readOrigin(cli: Cli, options: Options): Promise<Record<string, unknown>> {
  const { digest, from, source, version } = options;
  if (source === undefined) {
    if (options.author !== undefined) {
      throw badOption('--author', 'who wrote a pushed image stands in its provenance and labels');
    }
    return { ...(digest !== undefined && { digest }), ...(from !== undefined && { from }) };
  }
  if (version === undefined) throw badOption('--version', 'a build needs a version, e.g. 1.4.0');
  const { cwd, readRevision, readAuthor } = cli.context;
  const folder = path.resolve(cwd, source);
  const revision = options.revision ?? (await readRevision(folder));
  if (revision === null) {
    throw badOption('--revision', `${source} is in no git repository here: name the commit`);
  }
  const author = options.author ?? (await readAuthor(folder, revision));
  return {
    source: { path: asSent(cwd, source), version, revision, ...(author !== null && { author }) },
    ...(digest !== undefined && { digest }),
    ...(from !== undefined && { from }),
  };
}

/** `./x` and `../x` mean this machine's folder; a bare name is one under the server's source root. */
function asSent(cwd: string, source: string): string {
  return /^\.\.?(?:$|[\\/])/.test(source) ? path.resolve(cwd, source) : source;
}

async function waitFor(
  cli: Cli,
  answer: z.infer<typeof PromoteAnswer>,
  options: Options,
): Promise<void> {
  const { context, paint } = cli;
  const json = options.json ?? false;
  // With --json the result alone is on stdout, so progress goes where people look.
  const stream = json ? context.stderr : context.stdout;
  if (answer.existing) stream.write(formatAnswer(answer));
  const progress = createProgress(stream, context.now, paint);
  const http = await cli.connect();
  const since = answer.existing ? {} : { since: answer.requestedAt };
  const release = await watchRelease({ context, http, progress, ...since }, answer.releaseId);
  if (json) cli.print(true, release, () => '');
  cli.exitWith(release.outcome === undefined ? 1 : OUTCOME_EXITS[release.outcome]);
}

function formatAnswer(answer: z.infer<typeof PromoteAnswer>): string {
  const { existing, place, superseded } = answer;
  const name = displayRelease(answer.releaseId);
  const state =
    place === null ? 'is released' : place === 1 ? 'is under way' : `waits at place ${place}`;
  return [
    existing ? `${name} ${state} already; nothing new was started` : `${name} ${state}`,
    ...superseded.map((id) => `  supersedes ${displayRelease(id)}`),
    `  follow: plura reg watch ${name}`,
    `  web ui: ${answer.webUiUrl}`,
    '',
  ].join('\n');
}

function badOption(field: string, why: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', why, {
    details: { field, remedy: 'see plura reg promote --help' },
  });
}
