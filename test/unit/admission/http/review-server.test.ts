import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLoadGate, type LoadGate } from '../../../../src/admission/http/load-gate';
import {
  createReviewServer,
  type ReviewServer,
} from '../../../../src/admission/http/review-server';
import { podOf, requestFor } from '../../../support/admission-pods';
import {
  createAdmissionWorld,
  nameOf,
  type AdmissionWorld,
} from '../../../support/admission-world';

const MIB = 1024 * 1024;

let world: AdmissionWorld;
let gate: LoadGate;
let app: ReviewServer;
let image: string;

beforeEach(async () => {
  world = await createAdmissionWorld();
  image = nameOf(await world.release());
  gate = createLoadGate(world.deps.settings.limits);
  app = createReviewServer({ deps: world.deps, gate, tls: {} });
});

afterEach(async () => {
  await app.close();
});

function reviewOf(object: Readonly<Record<string, unknown>>, over: object = {}): object {
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: { ...requestFor(object), ...over },
  };
}

async function post(
  payload: unknown,
  { url = '/validate?timeout=10s', type = 'application/json' } = {},
): Promise<{ readonly status: number; readonly body: string }> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const { statusCode, body } = await app.inject({
    method: 'POST',
    url,
    headers: { 'content-type': type },
    payload: text,
  });
  return { status: statusCode, body };
}

it('answers with the uid of the request', async () => {
  const { status, body } = await post(reviewOf(podOf(image), { uid: 'f0-0f' }));

  expect(status).toBe(200);
  expect(JSON.parse(body)).toEqual({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    response: { uid: 'f0-0f', allowed: true },
  });
});

it('lets fields pass that it does not know', async () => {
  const { body } = await post({
    ...reviewOf(podOf(image), { requestKind: {}, options: { kind: 'CreateOptions' } }),
    response: null,
  });

  expect(body).toContain('"allowed":true');
});

it('takes an object of 3 MB', async () => {
  const annotations = { big: 'x'.repeat(3 * MIB) };

  expect((await post(reviewOf(podOf(image, { annotations })))).body).toContain('"allowed":true');
});

it('counts what a slow body takes, so that the API server hears before it gives up', async () => {
  const { deps } = await createAdmissionWorld({ settings: { deadlineMs: 1_000 } });
  const hangs = { verify: () => new Promise<never>(() => undefined) };
  const slow = createReviewServer({ deps: { ...deps, verifier: hangs }, gate, tls: {} });
  async function* body(): AsyncGenerator<string> {
    await sleep(700);
    yield JSON.stringify(reviewOf(podOf(image)));
  }
  const headers = { 'content-type': 'application/json' };

  const from = performance.now();
  const answer = await slow.inject({
    method: 'POST',
    url: '/validate',
    headers,
    payload: Readable.from(body()),
  });
  const tookMs = performance.now() - from;
  await slow.close();

  expect(answer.body).toContain('[deadline]');
  expect(tookMs).toBeLessThan(1_500);
  expect(await deps.metrics.registry.metrics()).toMatch(
    /plura_admission_review_seconds_sum\{webhook="validate"\} (?:0\.9|1\.)/,
  );
});

it.each<[string, unknown, RegExp]>([
  ['no JSON', '{', /JSON/],
  ['nothing', '', /body|JSON/i],
  ['a list', [], /AdmissionReview/],
  ['null', 'null', /AdmissionReview/],
  [
    'another version',
    { ...reviewOf({}), apiVersion: 'admission.k8s.io/v1beta1' },
    /only admission.k8s.io\/v1/,
  ],
  ['another kind', { ...reviewOf({}), kind: 'Pod' }, /kind/],
  ['no request', { ...reviewOf({}), request: undefined }, /request/],
  ['no uid', reviewOf({}, { uid: '' }), /request.uid/],
  ['a uid that is none', reviewOf({}, { uid: 7 }), /request.uid/],
  ['no kind', reviewOf({}, { kind: undefined }), /request.kind/],
  ['an unknown operation', reviewOf({}, { operation: 'PATCH' }), /request.operation/],
  ['no user', reviewOf({}, { userInfo: undefined }), /request.userInfo/],
  ['an object that is a list', reviewOf({}, { object: [] }), /request.object/],
  ['an object that is text', reviewOf({}, { object: 'pod' }), /request.object/],
  ['a prototype', '{"__proto__":{"allowed":true}}', /not valid JSON/],
  ['a prototype in disguise', '{"\\u005f_proto__":{"allowed":true}}', /not valid JSON/],
  ['a constructor', '{"constructor":{"prototype":{"allowed":true}}}', /not valid JSON/],
])('answers 400 to %s', async (_what, payload, text) => {
  const { status, body } = await post(payload);

  expect(status).toBe(400);
  expect(body).toMatch(text);
});

it('answers 413 to what is larger than 8 MB', async () => {
  const { status, body } = await post(reviewOf(podOf('x'.repeat(8 * MIB))));

  expect(status).toBe(413);
  expect(body).toMatch(/larger than 8388608 bytes/);
});

it.each(['text/plain', 'application/yaml', 'application/x-www-form-urlencoded'])(
  'answers 415 to %s',
  async (type) => {
    expect((await post(reviewOf(podOf(image)), { type })).status).toBe(415);
  },
);

it.each([
  ['GET', '/validate', 404],
  ['POST', '/', 404],
  ['POST', '/metrics', 404],
  ['DELETE', '/mutate', 404],
] as const)('has nothing at %s %s', async (method, url, status) => {
  expect((await app.inject({ method, url })).statusCode).toBe(status);
});

it('turns away what is too much at a time, and takes on again later', async () => {
  const leaves = Array.from({ length: 8 }, () => gate.enter(0));

  const turnedAway = await post(reviewOf(podOf(image)));
  leaves[0]?.();

  expect(turnedAway).toEqual({ status: 503, body: 'Too many reviews at a time; try again' });
  expect((await post(reviewOf(podOf(image)))).status).toBe(200);
  expect(gate.inProgress()).toBe(7);
});

it('answers in time, whatever hangs', async () => {
  world.deps.verifier.verify = () => new Promise(() => undefined);

  const { status, body } = await post(reviewOf(podOf(image)), { url: '/validate?timeout=550ms' });

  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({
    response: {
      allowed: false,
      status: { code: 503, message: expect.stringMatching(/\[deadline\]/) as string },
    },
  });
});

it('denies when the review itself fails', async () => {
  world.deps.workloads.podTemplateOf = () => {
    throw new TypeError('a bug');
  };

  const { status, body } = await post(reviewOf(podOf(image)));

  expect(status).toBe(200);
  expect(body).toMatch(/"allowed":false.*\[internal\]/);
});

it('writes digests at /mutate', async () => {
  const { body } = await post(reviewOf(podOf('registry.alias/apps/checkout/checkout:9')), {
    url: '/mutate',
  });

  expect(JSON.parse(body)).toMatchObject({
    response: { allowed: true, warnings: [expect.any(String)] },
  });
});

it('counts what it answers', async () => {
  await post(reviewOf(podOf(image)));
  await post(reviewOf(podOf('nginx')));
  await post('{');

  const { values } = await world.deps.metrics.reviews.get();
  expect(values.map(({ labels, value }) => [labels.webhook, labels.verdict, value])).toEqual([
    ['validate', 'admitted', 1],
    ['validate', 'denied', 1],
    ['validate', 'refused', 1],
  ]);
});
