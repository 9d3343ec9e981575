import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildVerdictsPredicate } from '../../../src/domain/evidence-predicate';
import type { Verdict } from '../../../src/domain/verdict';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW, releaseStatus } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';
import {
  CANDIDATE,
  latencies,
  measuredVerdict,
  track,
  unmeasuredVerdict,
  windowEvidence,
  windowInput,
  windowVerdict,
} from '../../support/window-evidence';

const RELEASE = 'checkout/1.4.0_abc1234';
const SLOWER = windowEvidence(windowInput({ candidate: track(latencies(0.2, 1)) }));

let api: TestApi;
let folder: string;

beforeEach(async () => {
  api = await createTestApi();
  folder = await mkdtemp(path.join(tmpdir(), 'plura-verdict-'));
});

afterEach(async () => {
  await api.app.close();
  await rm(folder, { recursive: true, force: true });
});

async function arrange(...verdicts: readonly Verdict[]): Promise<void> {
  const status = releaseStatus({ digest: CANDIDATE, outcome: 'released' });
  await api.ledger.saveStatus(status, 'run', 1);
  for (const verdict of verdicts) {
    await api.ledger.recordVerdict(RELEASE, 'run', 'sha256:p', verdict, NOW);
  }
}

async function write(name: string, content: unknown): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

/** Nobody to ask: what works here works offline. */
function offline(args: readonly string[]): Promise<CliRun> {
  const fetch = (): Promise<Response> => Promise.reject(new Error('offline'));
  return runPlura(api, args, { over: { fetch, cwd: folder } });
}

describe('plura reg verdict show', () => {
  it('names the plan that a window was judged by', async () => {
    await arrange(windowVerdict(windowEvidence(windowInput(), { planHash: 'sha256:plan' })));

    const { stdout } = await runPlura(api, ['reg', 'verdict', 'show', RELEASE]);

    expect(stdout).toContain('  policy sha256:policy, plan sha256:plan\n');
  });

  it('shows a table, numbers of each window, and a chart of candidate and stable', async () => {
    await arrange(measuredVerdict(), windowVerdict(SLOWER));

    const { exit, stdout } = await runPlura(api, ['reg', 'verdict', 'show', RELEASE]);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/^checkout\/1\.4\.0\+abc1234 {2}released {2}apps\/checkout\/checkout@/);
    expect(stdout).toMatch(/canary\s+5 %\s+pass\s+1\s+\S+\s+requests 1000, errors 0, p95Ms 120/);
    expect(stdout).toMatch(/canary\s+25 %\s+fail\s+1/);
    expect(stdout).toContain('  policy sha256:policy\n');
    expect(stdout).toMatch(/p95 latency\s+fail\s+candidateSamples 60,[\s\S]+ p \d/);
    expect(stdout).toMatch(/errors\s+candidate\s+█+\s+0\.1 % \(5 of 5000\)/);
    expect(stdout).toMatch(/p95 latency\s+candidate\s+[▁▂▃▄▅▆▇█]{40,}\s+0\.1\d* to 0\.2\d*/);
    expect(stdout).toMatch(/stable\s+[▁▂▃▄▅▆▇█]{40,}/);
  });

  it('shows a window that nobody could measure, which has no samples', async () => {
    await arrange(windowVerdict(windowEvidence(), { subject: '5 %' }), unmeasuredVerdict());

    const { exit, stdout } = await runPlura(api, ['reg', 'verdict', 'show', RELEASE]);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/canary\s+25 %\s+error\s+1\s+\S+\s+could not be measured: Prometheus/);
  });

  it('says since when a track was counted', async () => {
    const countedFrom = { stable: '2026-03-01T11:02:00.000Z' };
    await arrange(windowVerdict(windowEvidence(windowInput(), { countedFrom })));

    const { stdout } = await runPlura(api, ['reg', 'verdict', 'show', RELEASE]);

    expect(stdout).toContain('  stable counted from 2026-03-01T11:02:00.000Z\n');
  });

  it('draws in plain ASCII where there is no UTF-8', async () => {
    await arrange(windowVerdict(SLOWER));

    const { stdout } = await runPlura(api, ['reg', 'verdict', 'show', RELEASE], {
      over: { unicode: false },
    });

    // eslint-disable-next-line no-control-regex -- that there is nothing beyond ASCII is the point
    expect(stdout).toMatch(/^[\x00-\x7f]*$/);
    expect(stdout).toMatch(/candidate\s+[_.:=+*#-]{40,}/);
  });

  it('colours outcomes in a terminal only', async () => {
    await arrange(windowVerdict(SLOWER));
    const args = ['reg', 'verdict', 'show', RELEASE];

    const plain = await runPlura(api, args);
    const coloured = await runPlura(api, args, { over: { colors: true } });

    expect(plain.stdout).not.toContain('\u001b[');
    expect(coloured.stdout).toContain('\u001b[31mfail\u001b[39m');
  });

  it('obeys no control character of a reason', async () => {
    const reasons = ['scan said \u001b[2J and\nmore'];
    await arrange({ ...measuredVerdict(), outcome: 'fail', reasons });

    const { stdout } = await runPlura(api, ['reg', 'verdict', 'show', RELEASE]);

    expect(stdout).toContain('scan said [2J and more');
  });

  it('lists every answer with --all, of one gate with --gate', async () => {
    await arrange(windowVerdict(SLOWER), windowVerdict());
    const args = ['reg', 'verdict', 'show', RELEASE, '--json'];

    const all = await runPlura(api, [...args, '--all']);
    const scans = await runPlura(api, [...args, '--gate', 'scan']);
    const wrong = await runPlura(api, [...args, '--gate', 'moon']);

    expect(JSON.parse(all.stdout)).toMatchObject({
      verdicts: [{ outcome: 'pass' }, { outcome: 'fail' }],
    });
    expect(JSON.parse(scans.stdout)).toMatchObject({ verdicts: [] });
    expect(wrong.exit).toBe(2);
  });
});

describe('plura reg verdict replay', () => {
  it('gives the same answers for a release', async () => {
    await arrange(windowVerdict(SLOWER), measuredVerdict());

    const { exit, stdout } = await runPlura(api, ['reg', 'verdict', 'replay', RELEASE]);

    expect(exit).toBe(0);
    expect(stdout).toContain('same             canary 25 %: fail');
    expect(stdout).toContain('no samples kept  canary 5 %: pass');
    expect(stdout).toContain('1 judged again, the same answers.');
  });

  it('gives them again from what show printed, without a server', async () => {
    await arrange(windowVerdict(SLOWER));
    const shown = await runPlura(api, ['reg', 'verdict', 'show', RELEASE, '--json']);
    await write('verdicts.json', shown.stdout);

    const { exit, stdout } = await offline([
      ...['reg', 'verdict', 'replay', 'verdicts.json', '--json'],
    ]);

    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      same: true,
      replayed: 1,
      verdicts: [{ gate: 'canary', subject: '25 %', result: 'same', differences: [] }],
    });
  });

  function predicateOf(verdict: Verdict): Record<string, unknown> {
    const recorded = { releaseId: RELEASE, runId: 'run', policyHash: 'p', at: NOW };
    const release = { id: RELEASE, svc: 'checkout', repository: 'apps/checkout/checkout' };
    return {
      ...buildVerdictsPredicate({
        release: { ...release, version: '1.4.0', revision: 'abc1234', runId: 'run' },
        digest: CANDIDATE,
        verdicts: [{ ...recorded, verdict, judged: 1 }],
      }),
    };
  }

  function statementOf(over: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: CANDIDATE.slice('sha256:'.length) } }],
      predicateType: 'https://plura.dev/attestations/verdicts/v1',
      predicate: predicateOf(windowVerdict(SLOWER)),
      ...over,
    };
  }

  function envelopeOf(statement: Record<string, unknown>): Record<string, unknown> {
    const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
    return { payloadType: 'application/vnd.in-toto+json', payload, signatures: [] };
  }

  it.each<[string, () => unknown, number]>([
    ['the predicate', () => predicateOf(windowVerdict(SLOWER)), 1],
    ['the statement', () => statementOf(), 1],
    ['the envelope', () => envelopeOf(statementOf()), 1],
    ['the bundle', () => ({ dsseEnvelope: envelopeOf(statementOf()) }), 1],
    [
      'lines of envelopes',
      () => [1, 2].map(() => JSON.stringify(envelopeOf(statementOf()))).join('\n'),
      2,
    ],
  ])('reads %s of the attestation', async (_name, content, replayed) => {
    const file = await write('attestation.json', content());

    const { exit, stdout } = await offline(['reg', 'verdict', 'replay', file, '--json']);

    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ same: true, replayed });
  });

  it('exits with 8 when the samples do not give the answer', async () => {
    const forged = { ...SLOWER, answer: windowEvidence().answer };
    const file = await write('forged.json', predicateOf(windowVerdict(forged)));

    const { exit, stdout } = await offline(['reg', 'verdict', 'replay', file]);

    expect(exit).toBe(8);
    expect(stdout).toContain('DIFFERENT        canary 25 %: pass');
    expect(stdout).toContain('outcome: recorded "pass", judged now "fail"');
  });

  it.each<[string, Verdict, string]>([
    [
      'the verdict says other than its evidence',
      windowVerdict(SLOWER, { outcome: 'pass' }),
      'the verdict is pass, its evidence says fail',
    ],
    [
      'the evidence is of another digest',
      windowVerdict(
        windowEvidence(windowInput(), {
          digests: { candidate: `sha256:${'f'.repeat(64)}`, stable: null },
        }),
      ),
      'the evidence is about sha256:fff',
    ],
    [
      'the evidence was damaged',
      windowVerdict(SLOWER, { evidence: { type: 'plura.reg/window-evidence/v1' } }),
      'UNREADABLE',
    ],
  ])('exits with 8 when %s', async (_name, verdict, said) => {
    const file = await write('verdicts.json', predicateOf(verdict));

    const { exit, stdout } = await offline(['reg', 'verdict', 'replay', file]);

    expect(exit).toBe(8);
    expect(stdout).toContain(said);
  });

  it('leaves out a window that nobody could measure', async () => {
    await arrange(windowVerdict(windowEvidence(), { subject: '5 %' }), unmeasuredVerdict());

    const { exit, stdout } = await runPlura(api, ['reg', 'verdict', 'replay', RELEASE]);

    expect(exit).toBe(0);
    expect(stdout).toMatch(/no samples kept\s+canary 25 %: error/);
    expect(stdout).toContain('1 judged again, the same answers.');
  });

  it('exits with 4 where there is nothing to judge again', async () => {
    const file = await write('old.json', predicateOf(measuredVerdict()));

    const { exit, stdout } = await offline(['reg', 'verdict', 'replay', file]);

    expect(exit).toBe(4);
    expect(stdout).toContain('Nothing could be judged again');
  });

  it.each<[string, unknown]>([
    ['is not JSON', 'pass'],
    ['is empty', ''],
    ['holds something else', { verdict: 'pass' }],
    ['is another attestation', statementOf({ predicateType: 'https://slsa.dev/provenance/v1' })],
    [
      'is about another subject',
      statementOf({ subject: [{ digest: { sha256: 'a'.repeat(64) } }] }),
    ],
  ])('refuses a file that %s', async (_name, content) => {
    const file = await write('file.json', content);

    const { exit, stderr } = await offline(['reg', 'verdict', 'replay', file]);

    expect(exit).toBe(2);
    expect(stderr).toContain("can't be replayed");
  });

  it('takes what is no file for a release', async () => {
    expect(await runPlura(api, ['reg', 'verdict', 'replay', 'nothing.json'])).toMatchObject({
      exit: 2,
    });
  });
});

describe('plura reg verdict what-if', () => {
  const PLAN = 'apiVersion: plura.reg/plan/v1\ncanary:\n  guardrails:\n    maxP95: 100ms\n';

  it('shows what a stricter plan would have stopped, and what it can not say', async () => {
    await arrange(windowVerdict());
    const file = await write('plan.yaml', PLAN);

    const { exit, stdout } = await runPlura(api, ['reg', 'verdict', 'what-if', '--policy', file]);

    expect(exit).toBe(0);
    expect(stdout).toMatch(
      /checkout\/1\.4\.0\+abc1234\s+released\s+be stopped\s+canary 25 %\s+fail/,
    );
    expect(stdout).toContain(
      '1 releases of 30 days: 0 unchanged, 1 would be stopped, 0 would go on, 0 not known',
    );
    expect(stdout).toContain('window lengths and extensions stay');
  });

  it('takes the guardrails of a whole policy', async () => {
    await arrange(windowVerdict());
    const file = path.resolve(__dirname, '../../../deploy/policy/default.yaml');

    const { stdout } = await runPlura(api, [
      ...['reg', 'verdict', 'what-if', '--policy', file, '--days', '7'],
      ...['--service', 'checkout', '--json'],
    ]);

    expect(JSON.parse(stdout)).toMatchObject({ releases: 1, summary: { unchanged: 1 } });
  });

  it('takes the judge of a plan', async () => {
    await arrange(windowVerdict(SLOWER));
    const judge = 'judge:\n  minSamples: 500\n';
    const file = await write('plan.yaml', `apiVersion: plura.reg/plan/v1\n${judge}`);
    const bodies: string[] = [];
    const fetch = (_url: string, init: RequestInit): Promise<Response> => {
      bodies.push(init.body as string);
      return Promise.reject(new Error('seen enough'));
    };

    await runPlura(api, ['reg', 'verdict', 'what-if', '--policy', file], { over: { fetch } });

    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      rules: { canary: {}, observation: {}, judge: { minSamples: 500 } },
      days: 30,
    });
  });

  it.each([
    ['is not there', null, "can't be read"],
    ['is no YAML', 'a: [', 'file.yaml:1'],
    ['has a fault', `${PLAN}scan: {}\n`, 'file.yaml:5: scan'],
    ['changes durations only', 'extends: default.yaml\n', 'extends'],
  ])('refuses a file that %s', async (_name, content, said) => {
    const file = content === null ? 'nowhere.yaml' : await write('file.yaml', content);

    const { exit, stderr } = await runPlura(api, ['reg', 'verdict', 'what-if', '--policy', file]);

    expect(exit).toBe(2);
    expect(stderr).toContain(said);
  });
});
