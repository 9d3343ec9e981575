import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { PlanView } from '../../src/contract/schema/api-plan';
import { VerdictList, WhatIfAnswer } from '../../src/contract/schema/api-verdict';
import { readEvidence } from '../../src/contract/schema/window-evidence';
import { startCanaryStack, type CanaryStack } from '../support/canary-stack';
import { REVISION, runCli, type CliRun } from '../support/e2e-stack';

jest.setTimeout(600_000);

/** Scrapes come each second and a rate needs two; nine samples a side tell half as much again from chance. */
const PLAN = {
  canary: {
    steps: [
      { percent: 50, window: '18s' },
      { percent: 100, window: '8s' },
    ],
    checkpoint: '2s',
  },
  observation: { window: '18s', checkpoint: '2s' },
  judge: {
    sampleInterval: '2s',
    minSamples: 8,
    metrics: [
      {
        name: 'p95 latency',
        query:
          'histogram_quantile(0.95, sum by (le) (rate(plura_router_request_duration_seconds_bucket{svc="{{service}}",env="{{env}}",digest="{{version}}"}[{{window}}])))',
        minEffect: 0.2,
      },
    ],
  },
};

let canary: CanaryStack;
let healthy: string;
let slow: string;

beforeAll(async () => {
  canary = await startCanaryStack({
    samples: {
      services: [
        { svc: 'shop', plan: PLAN },
        { svc: 'search', plan: PLAN },
      ],
      sources: {
        steady: { env: { LATENCY: '40ms' } },
        // Half as slow again, and far within the guardrail of 1 s.
        slow: { env: { LATENCY: '60ms' } },
      },
    },
  });
});
afterAll(async () => {
  await canary.stop();
});

function plura(...args: readonly string[]): Promise<CliRun> {
  return canary.e2e.plura('alice', 'reg', ...args);
}

describe('a plan', () => {
  it('is explained with the origin of each value', async () => {
    const file = await canary.writePlan('own', { canary: { guardrails: { maxP95: '500ms' } } });

    const text = await plura('plan', 'explain', 'shop', '--canary-plan', file);
    const json = await plura('plan', 'explain', 'shop', '--canary-plan', file, '--json');

    expect([text.code, json.code]).toEqual([0, 0]);
    expect(text.stdout).toMatch(/p95 latency {2}bad when higher than stable by 20 % or more/);
    const view = PlanView.parse(JSON.parse(json.stdout));
    expect(view.plan.canary.guardrails.maxP95Ms).toBe(500);
    expect(view.origins).toMatchObject({
      'canary.guardrails.maxP95': 'file',
      'canary.steps': 'service',
      'judge.falseAlarmRate': 'default',
      'observation.candidatePercent': 'policy',
    });
  });

  it('is checked: the shape without a server, the rest with it, by line and path', async () => {
    const bad = path.join(canary.e2e.stateDir, 'bad.yaml');
    await writeFile(bad, 'apiVersion: plura.reg/plan/v1\ncanary:\n  checkpoint: 15m\n');
    const odd = path.join(canary.e2e.stateDir, 'odd.yaml');
    await writeFile(odd, 'apiVersion: plura.reg/plan/v1\njudge:\n  minSample: 3\n');

    const offline = await runCli('/nonexistent', 'nobody', [
      ...['reg', 'plan', 'lint', odd],
      '--offline',
    ]);
    const online = await plura('plan', 'lint', bad, '--service', 'shop', '--rps', '40');

    expect([offline.code, online.code]).toEqual([2, 2]);
    expect(offline.stdout).toMatch(/odd\.yaml:3: error: judge.*minSample/);
    expect(online.stdout).toMatch(/bad\.yaml:3: error: canary\.checkpoint: 15m is longer than/);
  });

  it('that is easier than the service’s own is refused with the path of the fault', async () => {
    const file = await canary.writePlan('easy', { canary: { guardrails: { maxErrorRatio: 0.5 } } });

    const run = await plura(
      ...['promote', 'shop', '--source', 'steady', '--version', '9.0.0', '--revision', REVISION],
      ...['--canary-plan', file, '--json'],
    );

    expect(run.code).toBe(2);
    expect(JSON.parse(run.stderr)).toMatchObject({ code: 'INVALID_INPUT' });
    expect(run.stderr).toContain('canaryPlan.canary.guardrails.maxErrorRatio');
    await expect(canary.look(`shop/9.0.0_${REVISION}`)).resolves.toBeUndefined();
  });
});

describe('the judge', () => {
  it('lets the first releases go by their guardrails: there is nothing to compare with', async () => {
    const ends = await Promise.all(
      ['shop', 'search'].map(async (svc) =>
        canary.waitForEnd(await canary.e2e.promote(svc, 'steady', '0.1.0')),
      ),
    );

    expect(ends.map(({ outcome }) => outcome)).toEqual(['released', 'released']);
  });

  it('passes an equal version and stops one that is half as slow again, which no guardrail sees', async () => {
    const stable = await canary.e2e.channels('search');
    const file = await canary.writePlan('stricter', {
      canary: { guardrails: { maxP95: '500ms' } },
      observation: { guardrails: { maxP95: '500ms' } },
    });
    healthy = await canary.e2e.promote('shop', 'steady', '1.0.0', '--canary-plan', file);
    slow = await canary.e2e.promote('search', 'slow', '1.0.0', '--canary-plan', file);

    const [good, bad] = await Promise.all([healthy, slow].map((id) => canary.waitForEnd(id)));

    expect(good).toMatchObject({ outcome: 'released' });
    expect(bad).toMatchObject({ outcome: 'rejected' });
    expect(bad!.reason).toMatch(/canary 50 %: p95 latency is \d+\.?\d* % higher than stable's/);
    await expect(canary.e2e.channels('search')).resolves.toEqual(stable);
    await expect(canary.placement('search', 'stg')).resolves.toMatchObject({
      candidate: null,
      candidatePercent: 0,
    });
  });

  it('would have let it through by guardrails alone', async () => {
    const { verdicts } = VerdictList.parse(
      JSON.parse((await plura('verdict', 'show', slow, '--json')).stdout),
    );

    const window = verdicts.find(({ gate, subject }) => gate === 'canary' && subject === '50 %')!;
    const read = readEvidence(window.evidence);

    if (read.kind !== 'window') throw new Error(`no evidence of a window: ${read.kind}`);
    const { input, answer, queries } = read.evidence;
    expect(input.guardrails.maxP95Ms).toBe(500);
    expect(input.candidate.measurement.p95Ms).toBeLessThan(500);
    expect(input.candidate.measurement.errors).toBe(0);
    expect(answer.metrics).toContainEqual(
      expect.objectContaining({ metric: 'p95 latency', outcome: 'fail' }),
    );
    expect(queries.filter(({ metric }) => metric === 'p95 latency')).toHaveLength(2);
  });
});

describe('a verdict', () => {
  it('is shown with its numbers and a chart', async () => {
    const run = await plura('verdict', 'show', slow, '--gate', 'canary');

    expect(run.code).toBe(0);
    expect(run.stdout).toMatch(/canary\s+50 %\s+fail/);
    expect(run.stdout).toMatch(/p95 latency\s+candidate\s+\S.*\n\s+stable\s+\S/);
    expect(run.stdout).toMatch(/test mann-whitney/);
  });

  it('is the same when judged again, from the server and offline from a file', async () => {
    const file = path.join(canary.e2e.stateDir, 'verdicts.json');
    await writeFile(file, (await plura('verdict', 'show', slow, '--json')).stdout);
    const forged = path.join(canary.e2e.stateDir, 'forged.json');
    const kept = await readFile(file, 'utf8');
    await writeFile(forged, kept.replaceAll('"minEffect": 0.2', '"minEffect": 0.9'));

    const server = await Promise.all([healthy, slow].map((id) => plura('verdict', 'replay', id)));
    const offline = await runCli('/nonexistent', 'nobody', ['reg', 'verdict', 'replay', file]);
    const other = await runCli('/nonexistent', 'nobody', ['reg', 'verdict', 'replay', forged]);

    expect(server.map(({ code }) => code)).toEqual([0, 0]);
    expect(offline.stdout).toMatch(/\d judged again, the same answers\./);
    expect([offline.code, other.code]).toEqual([0, 8]);
  });

  it('can be asked what other rules would have said', async () => {
    const strict = await canary.writePlan('strict', {
      canary: { guardrails: { maxP95: '20ms' } },
    });
    const lenient = await canary.writePlan('lenient', {
      judge: { metrics: [{ ...PLAN.judge.metrics[0], minEffect: 10 }] },
    });

    const ask = async (file: string, svc: string): Promise<WhatIfAnswer> => {
      const run = await plura('verdict', 'what-if', '--policy', file, '--service', svc, '--json');
      return WhatIfAnswer.parse(JSON.parse(run.stdout));
    };
    const [stopped, goesOn] = await Promise.all([ask(strict, 'shop'), ask(lenient, 'search')]);

    expect(stopped.changes).toContainEqual(
      expect.objectContaining({ releaseId: healthy, was: 'released', change: 'stopped' }),
    );
    expect(goesOn.changes).toContainEqual(
      expect.objectContaining({ releaseId: slow, was: 'rejected', change: 'goes-on' }),
    );
  });
});
