import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';
import { PLAN_POLICY } from '../../support/plans';

const VERSION = 'apiVersion: plura.reg/plan/v1\n';

let api: TestApi;
let folder: string;

beforeEach(async () => {
  api = await createTestApi({ policy: PLAN_POLICY });
  folder = mkdtempSync(path.join(tmpdir(), 'plura-plan-'));
});

afterEach(async () => {
  rmSync(folder, { recursive: true });
  await api.app.close();
});

function write(text: string): void {
  writeFileSync(path.join(folder, 'plan.yaml'), `${VERSION}${text}`);
}

function plan(...args: readonly string[]): Promise<CliRun> {
  return runPlura(api, ['reg', 'plan', ...args], { roles: ['viewer'], over: { cwd: folder } });
}

/** Nobody is logged in and no server is known. */
function alone(...args: readonly string[]): Promise<CliRun> {
  const settings = {
    server: undefined,
    token: undefined,
    configFile: '/nonexistent/plura/config.json',
    stateDir: '/nonexistent/plura',
  };
  return runPlura(api, ['reg', 'plan', ...args], { over: { cwd: folder, settings } });
}

describe('plura reg plan lint', () => {
  it('says that nothing is wrong', async () => {
    write('judge:\n  minSamples: 12\n');

    expect(await plan('lint', 'plan.yaml')).toEqual({
      exit: 0,
      stdout: '✓ plan.yaml: nothing is wrong with it\n',
      stderr: '',
    });
  });

  it('names line, path and remedy of what can not work, and exits as for any bad input', async () => {
    write('canary:\n  checkpoint: 10m\njudge:\n  falseAlarmRate: 0.1\n');

    const { exit, stdout } = await plan('lint', 'plan.yaml');

    expect(exit).toBe(2);
    expect(stdout).toBe(
      [
        'plan.yaml:3: error: canary.checkpoint: 10m is longer than the window of 5m',
        '  do: at most 150s',
        'plan.yaml:5: warning: judge.falseAlarmRate: 10 % of the windows of a good release are called bad',
        '  do: at most 0.05; the default is 0.01',
        '✗ plan.yaml: 1 error, 1 warning',
        '',
      ].join('\n'),
    );
  });

  it('exits with 0 where it only warns', async () => {
    write('judge:\n  falseAlarmRate: 0.1\n');

    const { exit, stdout } = await plan('lint', 'plan.yaml');

    expect(exit).toBe(0);
    expect(stdout).toContain('! plan.yaml: 1 warning');
  });

  it('says who gave a value that the file does not hold', async () => {
    write('judge:\n  minSamples: 12\n');

    const { stdout } = await plan('lint', 'plan.yaml', '--rps', '0.5');

    expect(stdout).toContain('plan.yaml: warning: canary.guardrails.minRequests (policy): at 0.5');
  });

  it.each([['lint'], ['explain']])('%s knows a service only by the catalogue', async (verb) => {
    write('');
    const args =
      verb === 'lint'
        ? ['lint', 'plan.yaml', '--service', 'nothing']
        : ['explain', 'nothing', '--canary-plan', 'plan.yaml'];

    const { exit, stderr } = await plan(...args);

    expect(exit).toBe(4);
    expect(stderr).toContain('UNKNOWN_SERVICE');
  });

  it('finds faults of the shape without a server', async () => {
    write('judge:\n  minSample: 12\n  power:\n    detect: many\n');

    const { exit, stdout } = await alone('lint', 'plan.yaml');

    expect(exit).toBe(2);
    expect(stdout).toContain('plan.yaml:3: error: judge.minSample: this key is not known here');
    expect(stdout).toContain('plan.yaml:5: error: judge.power.detect: ');
    expect(stdout).toContain('✗ plan.yaml: 2 errors');
  });

  it('needs a server for the rest, unless told to do without', async () => {
    write('canary:\n  checkpoint: 10m\n');

    expect((await alone('lint', 'plan.yaml')).exit).toBe(6);
    expect(await alone('lint', 'plan.yaml', '--offline')).toMatchObject({ exit: 0 });
  });

  it('prints the same as JSON', async () => {
    write('canary:\n  checkpoint: 10m\n');

    const { exit, stdout } = await plan('lint', 'plan.yaml', '--json');

    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      file: 'plan.yaml',
      valid: false,
      findings: [
        {
          path: 'canary.checkpoint',
          line: 3,
          severity: 'error',
          message: '10m is longer than the window of 5m',
          remedy: 'at most 150s',
          origin: 'file',
        },
      ],
    });
  });

  it.each([
    ['that is not there', 'none.yaml', "none.yaml can't be read"],
    ['that is too large', 'large.yaml', 'it is larger than'],
  ])('refuses a file %s', async (_name, file, message) => {
    writeFileSync(path.join(folder, 'large.yaml'), '#'.repeat(128 * 1024 + 1));

    const { exit, stderr } = await plan('lint', file);

    expect(exit).toBe(2);
    expect(stderr).toContain(message);
  });

  it.each(['0', '-1', 'many', '1e9'])('takes no %s requests a second', async (rps) => {
    write('');

    expect((await plan('lint', 'plan.yaml', `--rps=${rps}`)).exit).toBe(2);
  });
});

describe('plura reg plan explain', () => {
  it('shows windows, limits, the judge, queries and times, and where each came from', async () => {
    const steps =
      '[{ percent: 5 }, { percent: 10, window: 10m }, { percent: 25 }, { percent: 100 }]';
    write(`canary:\n  steps: ${steps}\n`);

    const { exit, stdout } = await plan('explain', 'checkout', '--canary-plan', 'plan.yaml');

    expect(exit).toBe(0);
    const lines = stdout.split('\n').map((line) => line.split(/ {2,}/));
    expect(lines).toContainEqual(
      expect.arrayContaining(['canary 10 %', 'stg', '10m', '30m', 'every 15s', '40', '10', 'file']),
    );
    expect(lines).toContainEqual(expect.arrayContaining(['canary 100 %', '5m', 'file, policy']));
    expect(lines).toContainEqual(['maxP95', '500ms', 'policy', '500ms', 'policy']);
    expect(lines).toContainEqual([
      'falseAlarmRate',
      '1 %: 0.9 %, and 0.1 % for what a promotion adds',
      'default',
    ]);
    expect(lines).toContainEqual([
      'judge.onInconclusive',
      'extended 2 times, then fails',
      'policy, default',
    ]);
    expect(lines).toContainEqual([
      'observation.onError',
      'extended once, then fails',
      'policy, default',
    ]);
    expect(stdout).toContain('p95 latency  bad when higher than stable by 5 % or more');
    expect(stdout).toContain('rate({{durations}}[15s])');
    expect(stdout).toContain('time  40 min at best, 1 h 45 min at worst\n');
  });

  it('says what is held and what is asked of a window', async () => {
    write('judge:\n  power: { detect: 0.2 }\n  onError: { maxExtensions: 0, then: hold }\n');

    const { stdout } = await plan('explain', 'checkout', '--canary-plan', 'plan.yaml');

    expect(stdout).toContain('held until someone decides');
    expect(stdout).toContain('3 times its length, else refused');
    expect(stdout).toContain('at worst, longer when someone has to decide');
  });

  it('exits with 2 and names the fault of a plan that can not work', async () => {
    write('canary:\n  checkpoint: 10m\n');

    const { exit, stdout } = await plan('explain', 'checkout', '--canary-plan', 'plan.yaml');

    expect(exit).toBe(2);
    expect(stdout).toContain('error: canary.checkpoint: 10m is longer');
  });

  it('refuses a file whose shape is wrong, by line and field', async () => {
    write('judge:\n  minSample: 12\n');

    const { exit, stderr } = await plan('explain', 'checkout', '--canary-plan', 'plan.yaml');

    expect(exit).toBe(2);
    expect(stderr).toContain('plan.yaml:3: judge.minSample: this key is not known here');
    expect(stderr).toContain('plura reg plan lint plan.yaml');
  });

  it('prints the answer of the API with --json', async () => {
    const { stdout } = await plan('explain', 'checkout', '--json');

    expect(JSON.parse(stdout)).toMatchObject({
      svc: 'checkout',
      valid: true,
      plan: { apiVersion: 'plura.reg/plan/v1' },
      times: { bestMs: 1_800_000 },
    });
  });
});
