import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadPolicy } from '../../../src/config/policy-file';
import { ReleaseError } from '../../../src/contract/errors';
import { allowListOf } from '../../../src/domain/admission/allow-policy';
import { checkPolicyOf } from '../../../src/domain/continuous-check/policy';
import { retentionOf } from '../../../src/domain/gc/retention';
import { canonicalJson, hashPolicy } from '../../../src/contract/schema/policy';

const FOLDER = path.resolve(__dirname, '../../../deploy/policy');
const DEFAULT = path.join(FOLDER, 'default.yaml');
const DEMO = path.join(FOLDER, 'demo.yaml');
const MINUTE = 60_000;

/** Each leaf of a policy by its dotted name. */
function leaves(value: unknown, name = ''): Map<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return new Map([[name, value]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, member]) => [
      ...leaves(member, name === '' ? key : `${name}.${key}`),
    ]),
  );
}

function errorOf(work: () => unknown): ReleaseError {
  try {
    work();
  } catch (error) {
    if (error instanceof ReleaseError) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('policy files', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'plura-policy-'));
    writeFileSync(path.join(folder, 'default.yaml'), readFileSync(DEFAULT));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  /** default.yaml with one line changed. */
  function changed(from: string, to: string): string {
    const text = readFileSync(DEFAULT, 'utf8');
    expect(text).toContain(from);
    const file = path.join(folder, 'changed.yaml');
    writeFileSync(file, text.replace(from, to));
    return file;
  }

  function overlay(lines: string): string {
    const file = path.join(folder, 'overlay.yaml');
    writeFileSync(file, `apiVersion: plura.reg/v1\nextends: default.yaml\n${lines}\n`);
    return file;
  }

  it('says of allow-list, continuous check and retention what is meant when nothing is said', () => {
    const { policy } = loadPolicy(DEFAULT);
    const text = readFileSync(DEFAULT, 'utf8');
    const file = path.join(folder, 'silent.yaml');
    writeFileSync(file, text.slice(0, text.indexOf('\nadmission:')));

    const silent = loadPolicy(file).policy;

    expect(silent.admission).toBeUndefined();
    expect(policy.admission?.allowList).toEqual(allowListOf(silent));
    expect(silent.continuousCheck).toBeUndefined();
    expect(policy.continuousCheck).toEqual(checkPolicyOf(silent));
    expect(silent.retention).toBeUndefined();
    expect(policy.retention).toEqual(retentionOf(silent));
  });

  it.each([
    ['untaggedGrace: 24h', 'untaggedGrace: 59m', 'not a duration from 1h'],
    ['prodStable: 180d', 'prodStable: 0s', 'not a duration'],
    ['maxBytes: 1TiB', 'maxBytes: 1TB', 'not a size'],
    ['maxBytes: 1TiB', 'maxBytes: 999999999TiB', 'not a size'],
    ['maxRepositoryShare: 0.5', 'maxRepositoryShare: 50', 'retention.budget.maxRepositoryShare'],
    ['firstRun: report', 'firstRun: maybe', 'retention.firstRun'],
    ['reclaim: off', 'reclaim: now', 'retention.reclaim'],
    ['undelete: 24h', 'undelete: long', 'not a duration'],
    ['repositories: []', 'repositories: [{match: a, windows: {prod: 1d}}]', 'prod'],
  ])('refuses a retention with %s as %s', (from, to, message) => {
    expect(errorOf(() => loadPolicy(changed(from, to))).message).toContain(message);
  });

  it('reads what differs in some repositories', () => {
    const lines =
      'repositories: [{match: apps/shop/*, tags: keep, windows: {dev: 30d}, keepLast: 9, untaggedGrace: 1h}]';

    const { policy } = loadPolicy(changed('repositories: []', lines));

    expect(policy.retention?.repositories).toEqual([
      {
        match: 'apps/shop/*',
        tags: 'keep',
        windows: { devMs: 30 * 24 * 60 * MINUTE },
        keepLast: 9,
        untaggedGraceMs: 60 * MINUTE,
      },
    ]);
  });

  it.each([
    ['max: 1, within: 24h', 'max: 11, within: 24h', 'continuousCheck.rollbacks.max'],
    ['max: 1, within: 24h', 'max: 1, within: 0s', 'not a duration'],
    ['maxServices: 5', 'maxServices: 0', 'continuousCheck.maxServices'],
    ['alertAfter: 3', 'alertAfter: never', 'continuousCheck.alertAfter'],
  ])('refuses a continuous check with %s as %s', (from, to, message) => {
    expect(errorOf(() => loadPolicy(changed(from, to))).message).toContain(message);
  });

  it.each([
    ['stg:stable: [dev, stg]', 'stg:stable: [dev, prod]', 'only channels of prod'],
    ['prod: [prod, ', 'prod: [Prod, ', 'is not a namespace'],
    ['system: []', "system: [{repository: mirror/pause, digests: ['latest']}]", 'is not a digest'],
    ['system: []', 'system: [{repository: mirror/pause, digests: []}]', 'digests'],
    ['system: []', 'system: [{repository: apps/shop/web, digests: []}]', 'is of a service'],
    ['maxPins: 5', 'maxPins: 0', 'maxPins'],
  ])('refuses an allow-list with %s as %s', (from, to, message) => {
    expect(errorOf(() => loadPolicy(changed(from, to))).message).toContain(message);
  });

  it('gives the defaults of the standard', () => {
    const { policy } = loadPolicy(DEFAULT);

    expect(policy.canary.stepsPercent).toEqual([5, 25, 100]);
    expect(policy.observation.windowMs).toBe(15 * MINUTE);
    expect(policy.scan).toEqual({
      databaseMaxAgeMs: 24 * 60 * MINUTE,
      critical: 0,
      high: 0,
      medium: 'exception',
      unknown: 'exception',
    });
    expect(policy.signing.transparencyLog).toBe('required');
    expect(policy.approval.approverMayBeRequester).toBe(false);
    expect(policy.build).toMatchObject({ multiStage: true, refuseRoot: true });
    expect(policy.build.bases.signatureRequired).toBe(true);
  });

  it('names hosts of this registry, and nothing that a build may fetch', () => {
    const { build } = loadPolicy(DEFAULT).policy;

    expect(build.bases.hosts).toEqual(['localhost:5000', '127.0.0.1:5000']);
    expect(build).not.toHaveProperty('remoteSources');
  });

  it.each([
    ['https://files.test/pub/', true],
    ['https://files.test/', true],
    ['https://files.test', false],
    ['https://files.test/pub', false],
    ['http://files.test/pub/', false],
    ['https://user@files.test/pub/', false],
    ['https://files.test/a?b=/', false],
  ])('takes %s as a place to fetch from: %s', (place, fits) => {
    const file = changed('multiStage: true', `multiStage: true\n  remoteSources: ['${place}']`);

    if (fits) expect(loadPolicy(file).policy.build.remoteSources).toEqual([place]);
    else expect(() => loadPolicy(file)).toThrow(/is not https:/);
  });

  it.each(['https://registry.test', 'Registry.test', 'registry.test/base'])(
    'takes %s for no host',
    (host) => {
      const file = changed("hosts: ['localhost:5000', '127.0.0.1:5000']", `hosts: ['${host}']`);

      expect(() => loadPolicy(file)).toThrow(/is not host or host:port/);
    },
  );

  it('lets a whole file go without a window', () => {
    const { policy } = loadPolicy(changed('window: 5m', 'window: 0s'));

    expect(policy.canary.windowMs).toBe(0);
  });

  it('reads how long an approval counts, and by what authors are told', () => {
    const lines = 'quorum: 1\n  validFor: 8h\n  authorMatch: [subject]';

    const { policy } = loadPolicy(changed('quorum: 1', lines));

    expect(policy.approval).toMatchObject({ validForMs: 480 * MINUTE, authorMatch: ['subject'] });
    expect(loadPolicy(DEFAULT).policy.approval).not.toHaveProperty('validForMs');
  });

  it.each(['1ms', '299s'])('lets no approval be too old after %s', (validFor) => {
    const file = changed('quorum: 1', `quorum: 1\n  validFor: ${validFor}`);

    expect(() => loadPolicy(file)).toThrow(/"\d+m?s" is not a duration from 5m to 366d/);
  });

  it.each(['allow', 'refuse'] as const)('may %s commits whose author nobody names', (choice) => {
    const { policy } = loadPolicy(changed('quorum: 1', `quorum: 1\n  unknownAuthor: ${choice}`));

    expect(policy.approval).toMatchObject({ unknownAuthor: choice });
  });

  it('hashes a policy that says nothing of unknown authors as before', () => {
    expect(loadPolicy(DEFAULT).policy.approval).not.toHaveProperty('unknownAuthor');
  });

  it('reads how long a version may take to get ready, in an overlay too', () => {
    const whole = loadPolicy(changed('  dependency: 15m', '  dependency: 15m\n  ready: 10m'));
    const over = loadPolicy(overlay('timeouts:\n  ready: 5m'));

    expect(whole.policy.timeouts.readyMs).toBe(10 * MINUTE);
    expect(over.policy.timeouts.readyMs).toBe(5 * MINUTE);
    expect(whole.hash).not.toBe(loadPolicy(DEFAULT).hash);
  });

  it('hashes a policy that says nothing of readiness as before', () => {
    expect(loadPolicy(DEFAULT).policy.timeouts).not.toHaveProperty('readyMs');
  });

  it('lets the demo differ from the default in durations only', () => {
    const standard = leaves(loadPolicy(DEFAULT).policy);
    const demo = leaves(loadPolicy(DEMO).policy);

    const different = [...standard].filter(([name, value]) => {
      return JSON.stringify(demo.get(name)) !== JSON.stringify(value);
    });

    expect([...demo.keys()]).toEqual([...standard.keys()]);
    expect(different.length).toBeGreaterThan(0);
    expect(different.map(([name]) => name).filter((name) => !name.endsWith('Ms'))).toEqual([]);
    expect(demo.get('canary.guardrails.maxP95Ms')).toBe(standard.get('canary.guardrails.maxP95Ms'));
  });

  it('asks no more requests of the demo than 40 a second give', () => {
    const { canary, observation } = loadPolicy(DEMO).policy;

    const seen = (percent: number, windowMs: number): number =>
      (40 * (percent / 100) * windowMs) / 1000;

    expect(seen(canary.stepsPercent[0]!, canary.windowMs)).toBeGreaterThan(
      canary.guardrails.minRequests,
    );
    expect(seen(observation.candidatePercent, observation.windowMs)).toBeGreaterThan(
      observation.guardrails.minRequests,
    );
  });

  it.each([
    ['guardrails', 'canary:\n  guardrails:\n    minRequests: 1', 'canary.guardrails', 4],
    ['guardrail durations', 'canary:\n  guardrails:\n    maxP95: 9s', 'canary.guardrails', 4],
    ['steps', 'canary:\n  window: 1s\n  steps: [100]', 'canary.steps', 5],
    ['gates', 'signing:\n  transparencyLog: off', 'signing', 3],
    ['approval', 'approval:\n  timeout: 1m\n  required: true', 'approval.required', 5],
    ['a window to none', 'canary:\n  window: 0s', 'canary.window', 4],
  ])('refuses an overlay that changes %s', (_name, lines, field, line) => {
    const error = errorOf(() => loadPolicy(overlay(lines)));

    expect(error.code).toBe('INVALID_INPUT');
    expect(error.details).toMatchObject({ field, line });
  });

  it('refuses more than an hour to get ready', () => {
    const error = errorOf(() => loadPolicy(overlay('timeouts:\n  ready: 61m')));

    expect(error.details).toMatchObject({ field: 'timeouts.ready', line: 4 });
    expect(error.message).toContain('longer than 1h');
  });

  it('refuses an overlay that names a file elsewhere, or one that extends another', () => {
    const elsewhere = path.join(folder, 'elsewhere.yaml');
    writeFileSync(elsewhere, 'apiVersion: plura.reg/v1\nextends: ../default.yaml\n');
    const second = path.join(folder, 'second.yaml');
    overlay('');
    writeFileSync(second, 'apiVersion: plura.reg/v1\nextends: overlay.yaml\n');

    expect(errorOf(() => loadPolicy(elsewhere)).details['field']).toBe('extends');
    expect(errorOf(() => loadPolicy(second)).code).toBe('INVALID_INPUT');
  });

  it('checks the checkpoint of an overlay against the window that it leaves alone', () => {
    const error = errorOf(() => loadPolicy(overlay('canary:\n  checkpoint: 6m')));

    expect(error.details).toMatchObject({ field: 'canary.checkpoint', line: 4 });
  });

  it.each([
    ['an unknown key', 'holdLane: true', 'holdLanes: true', 'rollback.holdLanes'],
    ['a duration without unit', 'window: 5m', 'window: 5', 'canary.window'],
    ['a negative duration', 'window: 5m', 'window: -5m', 'canary.window'],
    ['a duration of a fraction of a millisecond', 'window: 5m', 'window: 0.5ms', 'canary.window'],
    ['an endless duration', 'window: 5m', 'window: 999999d', 'canary.window'],
    ['a prototype as unit', 'window: 5m', 'window: 5toString', 'canary.window'],
    [
      'a ratio above 1',
      'maxErrorRatio: 0.01',
      'maxErrorRatio: 5',
      'canary.guardrails.maxErrorRatio',
    ],
    ['steps that do not end at 100', '[5, 25, 100]', '[5, 25]', 'canary.steps'],
    ['steps that fall', '[5, 25, 100]', '[25, 5, 100]', 'canary.steps'],
    ['a Critical allowed', 'critical: 0', 'critical: 1', 'scan.critical'],
    [
      'the requester as approver',
      'Requester: false',
      'Requester: true',
      'approval.approverMayBeRequester',
    ],
    ['an unknown role', '[approver, admin]', '[approver, boss]', 'approval.roles[1]'],
    ['another version', 'plura.reg/v1', 'plura.reg/v9', 'apiVersion'],
  ])('refuses %s and names field and line', (_name, from, to, field) => {
    const file = changed(from, to);
    const line =
      readFileSync(file, 'utf8')
        .split('\n')
        .findIndex((text) => text.includes(to)) + 1;

    const error = errorOf(() => loadPolicy(file));

    expect(error.code).toBe('INVALID_INPUT');
    expect(error.details).toMatchObject({ field, line, file });
    expect(error.message).toContain(`changed.yaml:${line}: ${field}`);
  });

  it.each([
    ['broken YAML', 'lane: [1,\nrollback: 2', 3],
    ['a key given twice', 'lane: 1\nlane: 2', 3],
  ])('refuses %s with its line', (_name, text, line) => {
    const file = path.join(folder, 'broken.yaml');
    writeFileSync(file, `apiVersion: plura.reg/v1\n${text}\n`);

    expect(errorOf(() => loadPolicy(file)).details).toMatchObject({ line });
  });

  it.each([
    ['that is not there', (file: string) => path.join(file, 'none')],
    ['that is empty', (file: string) => file],
  ])('refuses a file %s', (_name, at) => {
    const file = path.join(folder, 'empty.yaml');
    writeFileSync(file, '');

    expect(errorOf(() => loadPolicy(at(file))).code).toBe('INVALID_INPUT');
  });

  it('refuses a file of unreasonable size', () => {
    const file = path.join(folder, 'huge.yaml');
    writeFileSync(file, '#'.repeat(1024 * 1024 + 1));

    expect(errorOf(() => loadPolicy(file)).message).toContain('larger');
  });
});

describe('the hash of a policy', () => {
  it('is the same for the same rules and another for other rules', () => {
    const { policy, hash } = loadPolicy(DEFAULT);
    const reordered = Object.fromEntries(
      Object.entries(policy).reverse(),
    ) as unknown as typeof policy;

    expect(hash).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(hashPolicy(reordered)).toBe(hash);
    expect(loadPolicy(DEMO).hash).not.toBe(hash);
  });

  it('is of JSON with sorted keys at every depth', () => {
    expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'x' })).toBe(
      '{"a":"x","b":[{"c":null,"d":1}]}',
    );
  });
});
