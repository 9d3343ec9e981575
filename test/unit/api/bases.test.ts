import type { Role } from '../../../src/domain/actor';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, POLICY } from '../../support/api-fixtures';
import { ALPINE, importReport } from '../../support/base-world';
import { importedBase } from '../../support/contracts/base-catalogue';

const BASES = '/v1/registry/bases';
const DIGEST = fakeDigest('alpine 3.22.2');

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi({ policy: { ...POLICY, bases: { families: [ALPINE] } } });
});

afterEach(async () => {
  await api.app.close();
});

interface Sent {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function send(
  method: 'GET' | 'POST',
  path: string,
  payload?: object,
  roles: readonly Role[] = ['viewer', 'security', 'operator'],
): Promise<Sent> {
  const answer = await api.app.inject({
    method,
    url: `${BASES}${path}`,
    headers: { authorization: `Bearer ${await api.token('erin', roles)}` },
    ...(payload && { payload }),
  });
  return { status: answer.statusCode, body: answer.json() };
}

it('lists families with what builds start from, and every import', async () => {
  const base = importedBase();
  await api.deps.baseCatalogue.add(base);
  await api.deps.baseCatalogue.add(importedBase({ family: 'gone', repository: 'bases/gone' }));

  const { body } = await send('GET', '');

  expect(body['families']).toEqual([
    {
      ...{ name: 'alpine', source: 'vendor.example/library/alpine', channel: '3.22.2' },
      ...{ signature: 'approval', newest: base },
    },
  ]);
  expect(body['bases']).toHaveLength(2);
  expect((await send('GET', '?family=nobody')).body).toEqual({ families: [], bases: [] });
});

it('starts an import by the policy, and shows how far it is', async () => {
  const order = { family: 'alpine', allowOlder: true };

  expect(await send('POST', '/imports', order)).toEqual({
    status: 202,
    body: { started: true, running: null },
  });
  expect(api.orchestrator.imports.asked).toEqual([
    {
      ...{ family: ALPINE, scan: POLICY.scan, allowOlder: true, requestedBy: 'erin' },
      transparencyLog: POLICY.signing.transparencyLog,
    },
  ]);
  expect(api.ledger.audit).toMatchObject([{ action: 'base.import', subject: 'alpine' }]);

  expect((await send('GET', '/imports/alpine')).body).toEqual({ import: null });
  const state = { workflowId: 'base-import/alpine', running: false, report: importReport() };
  api.orchestrator.imports.state = state;
  expect((await send('GET', '/imports/alpine')).body).toEqual({ import: state });
});

it('keeps an approval with who gave it', async () => {
  const approval = { family: 'alpine', digest: DIGEST, reason: 'as in the release notes' };

  expect(await send('POST', '/approvals', approval)).toMatchObject({ status: 201 });

  expect(await api.deps.baseCatalogue.findApproval('alpine', DIGEST)).toMatchObject({
    ...{ approvedBy: 'erin', acceptsFindings: false },
  });
  expect(api.ledger.audit).toMatchObject([
    { action: 'base.allow', actor: 'erin', subject: `alpine@${DIGEST}` },
  ]);
});

it('withdraws an import, again with the same answer, and none that there never was', async () => {
  const base = importedBase();
  await api.deps.baseCatalogue.add(base);
  const order = { family: 'alpine', digest: base.digest, reason: 'called back' };

  const first = await send('POST', '/withdrawals', order);

  expect(first).toMatchObject({ status: 200, body: { repository: 'bases/alpine' } });
  expect(await send('POST', '/withdrawals', order)).toEqual(first);
  expect(
    await send('POST', '/withdrawals', {
      ...order,
      digest: DIGEST.replace(/^sha256:./, 'sha256:f'),
    }),
  ).toMatchObject({
    status: 404,
  });
});

it.each([
  ['an unknown family', '/imports', { family: 'nobody' }, 404],
  [
    'an approval of one',
    '/approvals',
    { family: 'nobody', digest: DIGEST, reason: 'because' },
    404,
  ],
  [
    'a tag for a digest',
    '/approvals',
    { family: 'alpine', digest: '3.22.2', reason: 'because' },
    400,
  ],
  ['no reason', '/approvals', { family: 'alpine', digest: DIGEST }, 400],
])('refuses %s', async (_what, path, body, status) => {
  expect((await send('POST', path, body)).status).toBe(status);
});

it.each([
  ['/imports', { family: 'alpine' }, ['viewer', 'releaser', 'approver']],
  ['/approvals', { family: 'alpine', digest: DIGEST, reason: 'because' }, ['operator']],
  ['/withdrawals', { family: 'alpine', digest: DIGEST, reason: 'because' }, ['operator']],
] as const)('%s is not for everybody', async (path, body, roles) => {
  expect((await send('POST', path, body, roles)).status).toBe(403);
});
