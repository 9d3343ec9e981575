import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { loadWorkflowBundle, useQuietRuntime } from '../support/temporal';

jest.setTimeout(60_000);

const FOLDER = join(__dirname, 'histories');

interface StoredHistory {
  readonly name: string;
  readonly workflowId: string;
  readonly history: unknown;
}

/** `{workflow}/{scenario}--{release}.json`: added by each change of a workflow, never made again. */
function storedHistories(): readonly StoredHistory[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const stored = JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as StoredHistory;
      return { ...stored, name };
    });
}

async function replay(
  workflowBundle: NonNullable<Parameters<typeof Worker.runReplayHistories>[0]['workflowBundle']>,
  histories: readonly StoredHistory[],
): Promise<readonly (Error | undefined)[]> {
  const results: (Error | undefined)[] = [];
  const named = histories.map(({ workflowId, history }) => ({ workflowId, history }));
  const options = { workflowBundle };
  // A mismatch is yielded, not thrown: an unread result would be a test that cannot fail.
  for await (const result of Worker.runReplayHistories(options, named)) {
    results.push(result.error);
  }
  return results;
}

describe('stored histories', () => {
  beforeAll(useQuietRuntime);

  const histories = storedHistories();

  it('hold every scenario', () => {
    const scenarios = new Set(histories.map(({ name }) => name.replace(/--.*$/, '')));

    expect([...scenarios]).toEqual([
      'account-storage/done',
      'advisory-case/replaced',
      'advisory-watch/hit',
      'base-import/failed',
      'base-import/imported',
      'base-import/refused',
      'base-import/unchanged',
      'continuous-check/asked-again',
      'continuous-check/rolled-back',
      'exception-expiry/ended',
      'gc-plan/started',
      'gc-plan/waiting',
      'gc-reclaim/begun-anew',
      'gc-reclaim/failed',
      'gc-run/paused-and-stopped',
      'gc-run/then-reclaimed',
      'gc-run/worker-killed',
      'lane/continued',
      'lane/until-continued',
      'reconcile-registry/repaired',
      'release/aborted',
      'release/approved',
      'release/exception-ended',
      'release/happy',
      'release/rejected',
      'release/unchanged',
      'release/watched',
      'rollback-drill/passed',
      'rollback-preflight/complete',
      'rollback/pre-empts',
      'rollup/held',
      'rollup/waves',
      'settle-rollback/settled',
      'worm-hold/held',
    ]);
  });

  it('replay with the workflows as they are', async () => {
    const results = await replay(await loadWorkflowBundle(), histories);

    expect(results).toHaveLength(histories.length);
    expect(results.filter((error) => error)).toEqual([]);
  });

  it('do not replay with a workflow that was changed', async () => {
    const changed = await bundleWorkflowCode({
      workflowsPath: resolve(__dirname, 'changed/index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    const releases = histories.filter(({ name }) => name.startsWith('release/'));

    const results = await replay(changed, releases);

    expect(results).toHaveLength(releases.length);
    for (const error of results) expect(error).toBeInstanceOf(DeterminismViolationError);
  });
});
