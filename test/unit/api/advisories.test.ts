import type { DatabaseMirrorReport } from '../../../src/contract/database-messages';
import type { Role } from '../../../src/domain/actor';
import type { Exception } from '../../../src/domain/exceptions/exception';
import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';
import { ADVISORY, caseOf, hitOf } from '../../support/contracts/advisory-cases';
import { mirrorOf } from '../../support/contracts/database-mirrors';
import { A, B } from '../../support/contracts/ledger-builders';
import { npm } from '../../support/component-builders';
import { exceptionOf } from '../../support/exceptions';
import { containing } from '../../support/matchers';

/** It is 2026-03-01T12:00:00Z in these tests. */
const OPENED = '2026-03-01T00:00:00.000Z';
const DUE = '2026-03-02T00:00:00.000Z';
const CASES = '/v1/registry/advisories';
const CLOSE = { justification: 'vulnerable_code_not_present', reason: 'not compiled in' };

const UNTIL = '2026-03-02T00:00:00.000Z';
const BY_EXCEPTION = { justification: 'exception', reason: 'exc-1', until: UNTIL };
const EXCEPTED: Partial<Exception> = {
  ...{ kind: 'break-glass', vulnerabilityId: ADVISORY, packageName: 'pkg:npm/qs', svc: 'shop' },
  expiresAt: UNTIL,
};

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

interface Sent {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function post(
  path: string,
  payload: object,
  roles: readonly Role[] = ['viewer', 'security'],
  key = 'one',
): Promise<Sent> {
  const answer = await api.app.inject({
    method: 'POST',
    url: `${CASES}${path}`,
    headers: {
      authorization: `Bearer ${await api.token('erin', roles)}`,
      'idempotency-key': key,
    },
    payload,
  });
  return { status: answer.statusCode, body: answer.json() };
}

async function openCase(): Promise<void> {
  await api.advisoryCases.open(caseOf({ openedAt: OPENED, dueAt: DUE }), [hitOf()]);
}

async function grant(one: Exception): Promise<void> {
  await api.exceptions.request(one);
  if (one.approvedAt !== null) await api.exceptions.approve(one.id, 'sam', one.approvedAt);
  if (one.revokedAt !== null) await api.exceptions.revoke(one.id, 'sam', 'out', one.revokedAt);
}

const plura = (...args: readonly string[]): Promise<CliRun> =>
  runPlura(api, ['reg', ...args], { as: 'erin', roles: ['viewer', 'security', 'operator'] });

describe('cases', () => {
  it.each([
    ['notes', { text: 'x' }, ['viewer']],
    ['extend', { by: '1h', reason: 'x' }, ['viewer', 'operator']],
    ['close', CLOSE, ['viewer', 'operator']],
  ] as const)('are not for everyone to change: %s', async (verb, body, roles) => {
    await openCase();

    expect((await post(`/${ADVISORY}/${verb}`, body, roles)).status).toBe(403);
    expect(await api.advisoryCases.timeline(ADVISORY)).toEqual([]);
  });

  it.each([
    ['an exception without an end', 'close', { ...CLOSE, justification: 'exception' }],
    ['an end that is over', 'close', { ...CLOSE, until: '2026-01-01T00:00:00Z' }],
    ['a justification of its own', 'close', { ...CLOSE, justification: 'trust me' }],
    ['no reason', 'close', { ...CLOSE, reason: ' ' }],
    ['more than the policy adds', 'extend', { by: '25h', reason: 'x' }],
    ['a note without a word', 'notes', { text: '' }],
  ])('refuse %s', async (_name, verb, body) => {
    await openCase();

    expect((await post(`/${ADVISORY}/${verb}`, body)).status).toBe(400);
    expect(await api.advisoryCases.read(ADVISORY)).toMatchObject({ closedAt: null, dueAt: DUE });
  });

  it('say so when there is none', async () => {
    expect(await post('/CVE-2026-9/notes', { text: 'x' })).toMatchObject({
      status: 404,
      body: { code: 'CASE_NOT_FOUND' },
    });
    expect((await post('/..%2Flane/notes', { text: 'x' })).status).toBe(400);
  });

  it('are extended once, and a repeated request is the same one', async () => {
    await openCase();
    const ask = { by: '12h', reason: 'no fix yet' };

    const first = await post(`/${ADVISORY}/extend`, ask);
    const again = await post(`/${ADVISORY}/extend`, ask);
    const other = await post(
      `/${ADVISORY}/extend`,
      { ...ask, reason: 'still none' },
      undefined,
      'b',
    );

    const dueAt = '2026-03-02T12:00:00.000Z';
    expect(first).toMatchObject({ status: 200, body: { dueAt, extension: { by: 'erin' } } });
    expect(again).toMatchObject({ status: 200, body: { dueAt } });
    expect(other).toMatchObject({ status: 409, body: { code: 'CASE_EXTENDED' } });
    expect(api.ledger.audit).toMatchObject([{ action: 'advisory.extend', subject: ADVISORY }]);
    expect(api.orchestrator.advised.woken).toContain(ADVISORY);
  });

  it('are closed by a decision that counts, also while Temporal is away', async () => {
    await openCase();
    api.orchestrator.fail('ORCHESTRATOR_UNAVAILABLE', 9);

    const closed = await post(`/${ADVISORY}/close`, CLOSE);
    const again = await post(`/${ADVISORY}/close`, CLOSE);
    const other = await post(`/${ADVISORY}/close`, { ...CLOSE, reason: 'else' }, undefined, 'b');
    const late = await post(`/${ADVISORY}/extend`, { by: '1h', reason: 'x' });

    expect([closed.status, again.status, other.status, late.status]).toEqual([200, 200, 409, 409]);
    expect(closed.body).toMatchObject({ resolution: { kind: 'not-affected', by: 'erin' } });
    expect(api.ledger.audit).toMatchObject([{ action: 'advisory.close', subject: ADVISORY }]);
    const events = await api.advisoryCases.timeline(ADVISORY);
    expect(events).toMatchObject([
      { kind: 'closed', actor: 'erin', text: containing('not compiled') },
    ]);
  });

  it('are listed with what is left of their time, and an overdue one is an exit code', async () => {
    expect(await plura('cve', 'open')).toMatchObject({ exit: 0, stdout: 'no case is open\n' });
    await openCase();
    const place = { svc: 'shop', digest: A, where: 'prod:stable', prod: true };
    const look = {
      at: OPENED,
      affected: [place],
      more: 2,
      unknown: ['what cart runs'],
      todo: ['x'],
    };
    await api.advisoryCases.saveLook(ADVISORY, look);

    const open = await plura('cve', 'open');
    await api.advisoryCases.open(caseOf({ advisory: 'CVE-2026-2', dueAt: OPENED }), [hitOf()]);
    const overdue = await plura('cve', 'open');

    expect(open).toMatchObject({ exit: 0, stdout: containing('12 h left') });
    expect(open.stdout).toContain('3 places, 1 not known');
    expect(overdue).toMatchObject({ exit: 8, stdout: containing('overdue by 12 h') });
  });

  it('show what was hit, done and said', async () => {
    await openCase();
    await api.advisoryCases.recordAct(ADVISORY, A, 'denied', OPENED);

    const noted = await plura('cve', 'note', ADVISORY, 'fixed upstream');
    const { stdout } = await plura('cve', 'timeline', ADVISORY);
    const json = await plura('cve', 'timeline', ADVISORY, '--json');
    const missing = await plura('cve', 'timeline', 'CVE-2026-9');

    expect(noted.exit).toBe(0);
    for (const text of [
      '12 h left',
      'pkg:npm/qs@6.5.2',
      '6.5.3',
      'denied',
      'fixed upstream',
      'erin',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(JSON.parse(json.stdout)).toMatchObject({ hitCount: 1, hits: [{ acts: ['denied'] }] });
    expect(missing).toMatchObject({ exit: 4, stderr: containing('There is no case') });
  });

  it('show what can be pulled until when, and when it was cut off', async () => {
    await openCase();
    const look = { at: OPENED, affected: [], more: 0, unknown: [], todo: [] };
    const pulls = { until: 'due', open: 1, cutOff: 0, cutAt: null } as const;
    await api.advisoryCases.saveLook(ADVISORY, { ...look, pulls });
    const before = await plura('cve', 'timeline', ADVISORY);
    await api.advisoryCases.recordAct(ADVISORY, A, 'quarantined', UNTIL);
    const cut = { until: 'cut', open: 0, cutOff: 1, cutAt: UNTIL } as const;
    await api.advisoryCases.saveLook(ADVISORY, { ...look, pulls: cut });

    const after = await plura('cve', 'timeline', ADVISORY);
    const json = await plura('cve', 'timeline', ADVISORY, '--json');

    expect(before.stdout).toContain(`at the latest until ${DUE}`);
    expect(after.stdout).toContain(`Cut off from pulls: 1 digest, the last at ${UNTIL}.`);
    expect(after.stdout).toContain(`quarantined at ${UNTIL}`);
    expect(JSON.parse(json.stdout)).toMatchObject({
      look: { pulls: cut },
      hits: [{ cutAt: UNTIL }],
    });
  });

  it.each([
    ['nobody asked for', null],
    ['nobody approved', exceptionOf({ ...EXCEPTED, approvedBy: null, approvedAt: null })],
    ['is for Medium', exceptionOf({ ...EXCEPTED, kind: 'standard' })],
    ['is for another package', exceptionOf({ ...EXCEPTED, packageName: 'pkg:npm/qss' })],
    ['is for another service', exceptionOf({ ...EXCEPTED, svc: 'cart' })],
    ['ends before', exceptionOf({ ...EXCEPTED, expiresAt: '2026-03-01T23:00:00.000Z' })],
    ['was revoked', exceptionOf({ ...EXCEPTED, revokedAt: OPENED, revokedBy: 'sam' })],
  ])('stay open by an exception that %s', async (_, exception) => {
    await openCase();
    if (exception) await grant(exception);

    const refused = await post(`/${ADVISORY}/close`, BY_EXCEPTION);

    expect(refused).toMatchObject({ status: 400, body: { code: 'INVALID_INPUT' } });
    expect(await api.advisoryCases.read(ADVISORY)).toMatchObject({ closedAt: null });
  });

  it.each(['pkg:npm/qs', 'qs'])('are closed by an exception for %s', async (packageName) => {
    await openCase();
    await grant(exceptionOf({ ...EXCEPTED, packageName }));

    const closed = await post(`/${ADVISORY}/close`, BY_EXCEPTION);

    expect(closed).toMatchObject({ status: 200, body: { resolution: { until: UNTIL } } });
  });

  it('stay open by an exception for one package where another is hit too', async () => {
    await openCase();
    await grant(exceptionOf(EXCEPTED));
    const components = [npm('qs', '6.5.2'), npm('qs-esm', '6.5.2')];
    await api.componentIndex.put({
      ...{ digest: A, sbom: A, uncovered: [], at: OPENED, components },
    });
    const packages = await api.advisoryMatches.packages({
      unmatched: false,
      after: null,
      limit: 9,
    });
    const database = { digest: B, updatedAt: OPENED };
    await api.advisoryMatches.begin(database, OPENED);
    const matched = packages.map(({ id, components: made }) => ({
      ...{ id, advisories: 'aa', components: made.map((one) => one.id) },
      matches: made.map(({ id: component }) => ({
        ...({ component, advisory: ADVISORY, severity: 'HIGH', fixedVersion: null } as const),
      })),
    }));
    await api.advisoryMatches.settle(database, matched, OPENED);

    const refused = await post(`/${ADVISORY}/close`, BY_EXCEPTION);

    expect(refused).toMatchObject({ status: 400, body: { detail: containing('qs-esm') } });
  });

  it('are not closed by a slip of the hand', async () => {
    await openCase();
    const args = ['cve', 'close', ADVISORY, '--justification', 'component_not_present'];

    const refused = await runPlura(api, ['reg', ...args, '--reason', 'x'], {
      ...{ as: 'erin', roles: ['viewer', 'security'], tty: true },
      over: { confirm: () => Promise.resolve(false) },
    });

    expect(refused.exit).not.toBe(0);
    expect(await api.advisoryCases.read(ADVISORY)).toMatchObject({ closedAt: null });
  });
});

describe('the scanner’s databases', () => {
  it('are shown with their age, and one that is too old is an exit code', async () => {
    const fresh = mirrorOf({ updatedAt: '2026-03-01T11:00:00.000Z' });
    await api.databaseMirrors.add(fresh);
    const good = await plura('database', 'show');
    await api.databaseMirrors.add(mirrorOf({ kind: 'java', digest: B }));
    const old = await plura('database', 'show');

    expect(good).toMatchObject({ exit: 0, stdout: containing('1 h (fresh)') });
    expect(good.stdout).toContain('the release worker makes it');
    expect(good.stdout).toContain('matched   never');
    expect(old).toMatchObject({ exit: 8, stdout: containing('(stale)') });
  });

  it('tell why the source was refused, and whether a run was started', async () => {
    const line = { kind: 'vulnerabilities', outcome: 'refused', reason: 'It is older' } as const;
    const report: DatabaseMirrorReport = {
      ...{ startedAt: OPENED, endedAt: OPENED, outcome: line.outcome, watchStarted: false },
      lines: [{ ...line, updatedAt: null, age: null }],
    };
    const last = { workflowId: 'database-mirror-1', report };
    api.orchestrator.mirrored.overview = { schedule: null, running: null, last };

    expect((await plura('database', 'show')).stdout).toContain('refused: It is older');
    expect(await plura('database', 'mirror')).toMatchObject({
      exit: 0,
      stdout: containing('Started'),
    });
    expect(api.ledger.audit).toMatchObject([{ action: 'database.mirror', actor: 'erin' }]);
  });
});
