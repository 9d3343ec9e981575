import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { DatabaseView } from '../../src/contract/schema/api-database';
import { RevertKeyAnswer } from '../../src/contract/schema/api-release';
import { HistoryAnswer } from '../../src/contract/schema/api-service';
import { DATABASE_LAYOUTS } from '../../src/domain/advisories/database-mirror';
import { VENDOR_REPOSITORY } from '../../src/local/seed/vendor-database';
import { cosignAs } from '../support/cosign';
import { REVISION, startE2eStack, type E2eStack } from '../support/e2e-stack';

jest.setTimeout(300_000);

let e2e: E2eStack;

beforeAll(async () => {
  e2e = await startE2eStack({ mirrorsDatabase: true });
});
afterAll(async () => {
  await e2e.stop();
});

describe('a service from its first release to a rollback', () => {
  let first: string;
  let second: string;

  it('takes the first release from source to prod:stable and tells so by exit code 0', async () => {
    const args = ['--source', 'checkout', '--version', '1.0.0', '--revision', REVISION, '--wait'];
    const run = await e2e.plura('alice', 'reg', 'promote', 'checkout', ...args);

    expect(run).toMatchObject({ code: 0 });
    const release = await e2e.release(`checkout/1.0.0_${REVISION}`);
    expect(release).toMatchObject({ outcome: 'released', requestedBy: 'alice' });
    first = release.digest!;
    await expect(e2e.channels('checkout')).resolves.toMatchObject({ 'prod:stable': first });
  });

  it('was scanned with what the mirror brought from its vendor and the custodian signed', async () => {
    const { tag, repository } = DATABASE_LAYOUTS.vulnerabilities;
    const vendor = await e2e.registryAs('demo').resolve(VENDOR_REPOSITORY, tag);

    const { code, stdout } = await e2e.plura('dave', 'reg', 'database', 'show', '--json');
    const { verdicts } = await e2e.release(`checkout/1.0.0_${REVISION}`);

    const { databases } = DatabaseView.parse(JSON.parse(stdout));
    expect(code).toBe(0);
    expect(databases).toMatchObject([
      { kind: 'vulnerabilities', repository, digest: vendor?.digest, signed: true, age: 'fresh' },
    ]);
    // The mirror's alone: where the seed's folder is otherwise, there is none.
    expect(existsSync(`${e2e.stateDir}/trivy/db`)).toBe(false);
    const { fileDigest: digest, updatedAt } = databases[0]!;
    expect(verdicts.find(({ gate }) => gate === 'scan')).toMatchObject({
      outcome: 'pass',
      evidence: { database: { digest, updatedAt } },
    });
  });

  it('holds what stock cosign and our own verify accept', async () => {
    const image = `${new URL(e2e.addresses.registry).host}/apps/checkout/checkout@${first}`;

    const trust = `${e2e.stateDir}/trust`;
    const keys = ['--key', `${trust}/release_eu-west-1.pub`, '--allow-http-registry'];
    const args = [...keys, '--trusted-root', `${trust}/trusted_root.json`, image];

    const login = await e2e.dockerConfig('demo');
    const stock = await cosignAs(login, 'verify', ...args);
    const provenance = await cosignAs(
      login,
      'verify-attestation',
      '--type',
      'https://slsa.dev/provenance/v1',
      ...args,
    );
    const own = await e2e.plura('dave', 'reg', 'verify', 'checkout', 'prod:stable', '--json');

    expect([stock.code, provenance.code, own.code]).toEqual([0, 0, 0]);
  });

  it('gives the same answer for the same release again, without a second run', async () => {
    const args = ['--source', 'checkout', '--version', '1.0.0', '--revision', REVISION, '--json'];

    const again = await e2e.plura('alice', 'reg', 'promote', 'checkout', ...args);
    const byDigest = await e2e.plura(
      'alice',
      'reg',
      'promote',
      'checkout',
      '--digest',
      first,
      '--json',
    );

    expect(JSON.parse(again.stdout)).toMatchObject({ existing: true });
    expect(JSON.parse(byDigest.stdout)).toMatchObject({ existing: true });
  });

  it('queues a second release of the service behind the first, and both end right', async () => {
    const one = await e2e.promote('checkout', 'checkout', '1.1.0');
    const two = await e2e.promote('checkout', 'checkout', '1.2.0');

    const queued = await e2e.service('checkout');

    expect(queued.lane?.running?.releaseId).toBe(one);
    expect(queued.lane?.queued.map(({ releaseId }) => releaseId)).toEqual([two]);
    await expect(e2e.waitForEnd(one)).resolves.toMatchObject({ outcome: 'released' });
    const last = await e2e.waitForEnd(two);
    expect(last.outcome).toBe('released');
    second = last.digest!;
    const { stdout } = await e2e.plura('dave', 'reg', 'history', 'checkout', '--json');
    const pins = HistoryAnswer.parse(JSON.parse(stdout)).history.filter(
      ({ channel }) => channel === 'prod:stable',
    );
    expect(pins.map(({ releaseId }) => releaseId)).toEqual([
      two,
      one,
      `checkout/1.0.0_${REVISION}`,
    ]);
  });

  it('catches a release that answers 500 in the canary and takes everything back', async () => {
    const before = await e2e.channels('checkout');

    const id = await e2e.promote('checkout', 'checkout-broken', '1.3.0');
    const broken = await e2e.waitForEnd(id);

    expect(broken.outcome).toBe('rejected');
    expect(broken.verdicts).toContainEqual(
      expect.objectContaining({ gate: 'canary', outcome: 'fail' }),
    );
    expect(broken.steps.filter(({ state }) => state === 'compensation-failed')).toEqual([]);
    await expect(e2e.channels('checkout')).resolves.toEqual(before);
  });

  it('stops a release with a High vulnerability at the scan, by exit code 8', async () => {
    const args = ['--source', 'checkout-vulnerable', '--version', '1.4.0', '--revision', REVISION];

    const run = await e2e.plura('alice', 'reg', 'promote', 'checkout', ...args, '--wait', '--json');

    expect(run.code).toBe(8);
    expect(JSON.parse(run.stdout)).toMatchObject({ outcome: 'rejected' });
    expect(run.stdout).toMatch(/CVE-\d{4}-\d+ \(HIGH\)/);
  });

  it('goes back by revert key once, holds the lane and remembers the bad digest', async () => {
    const keyRun = await e2e.plura(
      'carol',
      'reg',
      'revert-key',
      `checkout/1.2.0_${REVISION}`,
      '--json',
    );
    const { revertKey, to } = RevertKeyAnswer.parse(JSON.parse(keyRun.stdout));
    const rollback = ['reg', 'rollback', 'checkout', '--revert-key', revertKey, '--yes', '--json'];

    const back = await e2e.plura('carol', ...rollback, '--reason', 'e2e');
    const again = await e2e.plura('carol', ...rollback, '--reason', 'e2e');

    expect(JSON.parse(back.stdout)).toMatchObject({ from: second, to, held: true });
    expect(again.code).toBe(6);
    const service = await e2e.service('checkout');
    expect(service.lane?.hold).not.toBeNull();
    expect(service.badDigests.map(({ digest }) => digest)).toContain(second);
    await expect(e2e.channels('checkout')).resolves.toMatchObject({ 'prod:stable': to });
  });

  it('refuses the bad digest until someone releases it by name', async () => {
    await e2e.plura('carol', 'reg', 'resume', 'checkout', '--reason', 'mended');
    const promote = ['reg', 'promote', 'checkout', '--digest', second, '--json'];

    const refused = await e2e.plura('alice', ...promote);
    await e2e.plura('carol', 'reg', 'unblock', 'checkout', second, '--reason', 'was the network');
    const accepted = await e2e.plura('alice', ...promote);

    expect(refused.code).toBe(3);
    expect(JSON.parse(refused.stderr)).toMatchObject({ code: 'BAD_DIGEST' });
    expect(accepted.code).toBe(0);
    const adopted = await e2e.waitForEnd(`checkout/1.2.0_${REVISION}`);
    expect(adopted).toMatchObject({ outcome: 'released', digest: second });
  });
});

describe('bad input', () => {
  const absent = `sha256:${'0'.repeat(64)}`;
  it.each([
    ['an unknown service', ['nosuch', '--digest', absent], 'UNKNOWN_SERVICE', 4],
    ['a malformed digest', ['payments', '--digest', 'sha256:12'], 'INVALID_INPUT', 2],
    ['a digest that is not there', ['payments', '--digest', absent], 'DIGEST_NOT_FOUND', 4],
    ['the tag latest', ['apps/payments/payments:latest'], 'LATEST_REFUSED', 3],
    [
      'a version that is none',
      ['payments', '--source', 'payments', '--version', 'one', '--revision', REVISION],
      'INVALID_INPUT',
      2,
    ],
    [
      'a folder outside the source root',
      ['payments', '--source', '../../..', '--version', '1.0.0', '--revision', REVISION],
      'SOURCE_NOT_FOUND',
      4,
    ],
  ])('refuses %s and starts nothing', async (_name, args, code, exit) => {
    const run = await e2e.plura('alice', 'reg', 'promote', ...args, '--json');

    expect(run.code).toBe(exit);
    expect(JSON.parse(run.stderr)).toMatchObject({ code });
    const { lane } = await e2e.service('payments');
    expect(lane?.running ?? null).toBeNull();
  });

  it('refuses a viewer, and people who are not logged in', async () => {
    const viewer = await e2e.plura('dave', 'reg', 'promote', 'payments', '--digest', absent);
    await e2e.plura('erin', 'whoami');
    await rm(`${e2e.stateDir}/erin.json`);
    const nobody = await e2e.plura('erin', 'reg', 'list');

    expect([viewer.code, nobody.code]).toEqual([6, 6]);
  });
});
