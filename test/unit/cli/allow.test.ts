import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW, releaseStatus } from '../../support/api-fixtures';
import { runPlura, type CliRun } from '../../support/cli-run';

const DIGEST = fakeDigest('checkout');
const REPO = 'apps/checkout/checkout';
const ERIN = { as: 'erin', roles: ['viewer', 'security'] } as const;
const STABLE = { env: 'prod', tag: 'stable' } as const;
const WHAT = ['--owner', 'team-payments', '--reason', 'load test', '--expires', '2d'] as const;
const WHERE = ['--namespace', 'load-test-dev'] as const;
const END = '2026-03-03T12:00:00.000Z';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

const plura = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', ...args], ERIN);

async function release(): Promise<void> {
  await api.ledger.saveStatus(releaseStatus({ digest: DIGEST, outcome: 'released' }), 'run', 1);
  await api.pin('checkout', STABLE, DIGEST);
}

async function grantId(): Promise<string> {
  const { stdout } = await plura('allow', `checkout@${DIGEST}`, ...WHERE, ...WHAT, '--json');
  return (JSON.parse(stdout) as { readonly id: string }).id;
}

/** Cells of a table without its head. */
function cellsOf(stdout: string): readonly (readonly string[])[] {
  return stdout
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/ {2,}/));
}

describe('plura reg allow', () => {
  it.each([
    ['short', []],
    ['long', ['add']],
  ])('grants, written %s, an image by the name of its service', async (_name, verb) => {
    const { exit, stdout } = await plura('allow', ...verb, `checkout@${DIGEST}`, ...WHERE, ...WHAT);

    expect(exit).toBe(0);
    expect(stdout.split('\n').slice(1)).toEqual([
      `  image   ${REPO}@${DIGEST}`,
      '  where   namespace load-test-dev',
      `  until   ${END}`,
      '  owner   team-payments',
      '  why     load test',
      `  by      erin, ${NOW}`,
      '',
    ]);
  });

  it('lists and revokes', async () => {
    const id = await grantId();

    const listed = await plura('allow', 'list');
    const revoked = await plura('allow', 'revoke', id, '--reason', 'the test is over');
    const left = await plura('allow', 'list', '--all');

    const image = `${REPO}@${DIGEST.slice(7, 19)}`;
    expect(cellsOf(listed.stdout)).toEqual([
      [id, image, 'namespace load-test-dev', 'team-payments', 'erin', END, 'load test'],
    ]);
    expect(revoked.stdout).toBe(`grant ${id} lets in nothing any more\n`);
    expect(left.stdout).toContain(`revoked ${NOW}`);
  });

  it.each([
    ['without an end', ['--namespace', 'dev', '--owner', 'a', '--reason', 'b'], 2, '--expires'],
    ['for nowhere', WHAT, 2, 'give exactly one of namespace and environment'],
    ['for an environment that is none', [...WHAT, '--environment', 'qa'], 2, 'Allowed choices'],
    ['for too long', [...WHERE, ...WHAT, '--expires', '400d'], 2, '400d'],
    ['to oneself in prod', [...WHAT, '--environment', 'prod', '--owner', 'erin'], 6, 'in prod'],
  ])('exits with what it is, %s', async (_name, options, exit, message) => {
    const run = await plura('allow', `checkout@${DIGEST}`, ...options);

    expect(run.exit).toBe(exit);
    expect(run.stderr).toContain(message);
  });

  it('exits with 2 for a tag and with 4 for a grant or a service that is none', async () => {
    const tag = await plura('allow', `${REPO}:1.0.0`, ...WHERE, ...WHAT);
    const grant = await plura('allow', 'revoke', 'x', '--reason', 'y');
    const service = await plura('allow', `nobody@${DIGEST}`, ...WHERE, ...WHAT);

    expect([tag.exit, grant.exit, service.exit]).toEqual([2, 4, 4]);
  });
});

describe('plura reg deny', () => {
  it('denies, lists and lifts', async () => {
    const denied = await plura('deny', `checkout@${DIGEST}`, '--reason', 'leaks data');
    const listed = await plura('deny', 'list');
    const lifted = await plura('deny', 'lift', DIGEST, '--reason', 'mended');

    expect(denied.stdout).toBe(`${DIGEST} may run nowhere since ${NOW} (erin): leaks data\n`);
    expect(cellsOf(listed.stdout)).toEqual([[DIGEST, REPO, 'leaks data', 'erin', NOW, '-']]);
    expect(lifted).toMatchObject({
      exit: 0,
      stdout: `${DIGEST} may run again where something else lets it in\n`,
    });
  });

  it('takes a digest alone', async () => {
    const { stdout } = await plura('deny', DIGEST, '--reason', 'leaks data', '--json');

    expect(JSON.parse(stdout)).toMatchObject({ digest: DIGEST, repository: null });
  });

  it('asks before it lifts, in a terminal', async () => {
    await plura('deny', DIGEST, '--reason', 'leaks data');

    const { exit } = await runPlura(api, ['reg', 'deny', 'lift', DIGEST, '--reason', 'x'], {
      ...ERIN,
      over: { confirm: () => Promise.resolve(false) },
    });

    expect(exit).toBe(2);
    expect((await plura('deny', 'list')).stdout).toContain(DIGEST);
  });
});

describe('plura reg why', () => {
  const why = (...options: readonly string[]): Promise<CliRun> =>
    plura('why', `checkout@${DIGEST}`, '--namespace', 'shop-prod', ...options);

  it('prints the whole chain', async () => {
    await release();

    const { exit, stdout } = await why();

    expect(exit).toBe(0);
    expect(stdout).toBe(
      [
        `${REPO}@${DIGEST}`,
        'may run in shop-prod (prod)',
        '    registry    names none: taken for registry.example:5000 or registry.alias, which a workload has to name',
        '  ✓ digest      named by its digest',
        '  ✓ namespace   shop-prod belongs to prod',
        '    quarantine  not quarantined, nor what holds it or is held by it',
        '    denial      nobody denied it',
        `  ✓ binding     it belongs to ${REPO}`,
        `  ✓ channel     prod:stable of checkout points at it since ${NOW}`,
        '    window      not in the rollback window of prod:stable',
        '    hold        nobody holds it',
        '    grant       no grant for it in this repository',
        '    system      no system image of the policy',
        '    cve         no release of it was scanned',
        '    signature   no release recorded its signature',
        '    sbom        no release recorded its SBOM',
        '    provenance  no release recorded its provenance',
        '',
      ].join('\n'),
    );
  });

  it('exits with 3 when it may not run, and says what blocks', async () => {
    await release();
    await plura('deny', DIGEST, '--reason', 'leaks data');

    const { exit, stdout } = await why();

    expect(exit).toBe(3);
    expect(stdout).toContain('may not run in shop-prod (prod)');
    expect(stdout).toMatch(/ ✗ denial +it is denied since .* by erin, by sha256:.*: leaks data/);
  });

  it('exits with 3 for an image of another registry, as admission refuses it', async () => {
    const { exit, stdout } = await plura(
      'why',
      `evil.example/${REPO}@${DIGEST}`,
      '--namespace',
      'shop-prod',
    );
    const tag = await plura('why', 'docker.io/library/nginx:1.29', '--namespace', 'shop-prod');

    expect(exit).toBe(3);
    expect(stdout).toBe(
      [
        `${REPO}@${DIGEST}`,
        'may not run in shop-prod (prod)',
        '  ✗ registry    The registry evil.example is not ours: write ours in its place: registry.example:5000 or registry.alias.',
        '',
      ].join('\n'),
    );
    expect(tag.exit).toBe(3);
    expect(tag.stdout.split('\n')[0]).toBe('docker.io/library/nginx:1.29');
  });

  it('prints the same as JSON', async () => {
    const { exit, stdout } = await why('--json');

    expect(exit).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      repository: REPO,
      allowed: false,
      steps: expect.arrayContaining([
        expect.objectContaining({ check: 'binding', state: 'lacks' }),
      ]) as unknown,
    });
  });

  it('shows until when a grant lets it in', async () => {
    await grantId();

    const { stdout } = await plura('why', `${REPO}@${DIGEST}`, '--namespace', 'load-test-dev');

    expect(stdout).toContain(`may run in load-test-dev (dev) until ${END}`);
  });

  it('takes a namespace, and a name of one', async () => {
    const none = await plura('why', `checkout@${DIGEST}`);
    const odd = await plura('why', `checkout@${DIGEST}`, '--namespace', 'a/b');

    expect([none.exit, odd.exit]).toEqual([2, 2]);
  });
});

describe('plura reg why, of the evidence', () => {
  const told = (state: 'ok' | 'lacks' | 'unknown', text: string): Promise<CliRun> => {
    Object.assign(api.deps, {
      explainEvidence: () => Promise.resolve([{ check: 'signature', state, text }]),
    });
    return plura('why', `checkout@${DIGEST}`, '--namespace', 'shop-prod');
  };

  it.each([
    ['ok', 'signed by version 1', 0, 'may run in shop-prod'],
    ['lacks', 'no signature', 3, 'may not run in shop-prod'],
    [
      'unknown',
      'the registry did not answer',
      7,
      'nobody can tell whether it may run in shop-prod (prod): signature could not be found out, and admission lets nothing in by that',
    ],
  ] as const)('says what was looked at now: %s', async (state, text, exit, answer) => {
    await release();

    const run = await told(state, text);

    expect(run.exit).toBe(exit);
    expect(run.stdout).toContain(answer);
    expect(run.stdout).toContain(text);
  });

  it('exits with 3 where what could not be asked does not matter', async () => {
    const run = await told('unknown', 'the registry did not answer');

    expect(run.exit).toBe(3);
    expect(run.stdout).toContain('may not run in shop-prod (prod)\n');
  });
});
