import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeRolloutContract } from '../../../support/contracts/rollout';
import { createFakeContainerRuntime } from '../../../support/fakes/container-runtime';
import {
  a,
  at,
  b,
  broken,
  c,
  closeTargets,
  d,
  idOf,
  start,
  tracksOf,
  until,
} from '../../../support/target-fixtures';
import { startTestTarget, TARGET_TOKEN, type TestTarget } from '../../../support/target-process';

afterEach(closeTargets);

describe('with containers of its own', () => {
  let target: TestTarget;
  afterAll(() => target.close());

  describeRolloutContract('the rollout target', async () => {
    const runtime = createFakeContainerRuntime();
    runtime.serve(broken, (_request, answer) => answer.writeHead(500).end());
    target = await startTestTarget(runtime);
    const { rollout } = target;
    return {
      rollout,
      images: [a, b, c],
      broken,
      healthPath: '/healthz',
      keepsWarm: true,
      crashCandidate: async (svc, { digest }) => {
        await runtime.crash(`stg.${svc}.${digest.slice(7, 23)}`);
        await until(async () => (await rollout.getState(svc, 'stg')).trouble !== undefined);
      },
    };
  });
});

describe('the router', () => {
  it.each([5, 25, 100])('sends %d of each hundred requests to the candidate', async (percent) => {
    const { rollout } = await start(createFakeContainerRuntime());
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.startCandidate(at(1), b, '/', 5_000);
    const { url } = await rollout.setCandidatePercent(at(1), b.digest, percent);

    const counts = await tracksOf(url, 200);

    const expected = { 'stable 200': 200 - 2 * percent, 'candidate 200': 2 * percent };
    expect(counts).toEqual(
      Object.fromEntries(Object.entries(expected).filter(([, count]) => count > 0)),
    );
  });

  it('answers 503 where nothing runs', async () => {
    const { rollout } = await start(createFakeContainerRuntime());
    const { url } = await rollout.getState('shop', 'prod');

    expect(await tracksOf(url, 1)).toEqual({ 'none 503': 1 });
  });

  it('passes method, path, body and headers through and streams the answer', async () => {
    const runtime = createFakeContainerRuntime();
    runtime.serve(b, (request, answer) => {
      answer.writeHead(request.url === '/' ? 200 : 201, {
        'x-path': request.url,
        'x-custom': request.headers['x-custom'] ?? '',
      });
      request.pipe(answer);
    });
    const { rollout } = await start(runtime);
    const { url } = await rollout.makeStable(at(1), b, '/', 5_000);
    const body = 'x'.repeat(200_000);

    const response = await fetch(`${url}/cart?q=1`, {
      method: 'POST',
      body,
      headers: { 'x-custom': 'kept' },
    });

    expect(response.status).toBe(201);
    expect(response.headers.get('x-path')).toBe('/cart?q=1');
    expect(response.headers.get('x-custom')).toBe('kept');
    expect(await response.text()).toBe(body);
  });

  it('counts requests, errors and dead containers by track and digest', async () => {
    const runtime = createFakeContainerRuntime();
    let broken = false;
    runtime.serve(a, (_request, answer) => answer.writeHead(broken ? 500 : 200).end());
    const { rollout, url: target } = await start(runtime);
    const { url } = await rollout.makeStable(at(1), a, '/', 5_000);
    await tracksOf(url, 3);
    broken = true;
    await tracksOf(url, 2);
    await runtime.crash(idOf(a));
    await tracksOf(url, 1);

    const metrics = await (await fetch(`${target}/metrics`)).text();

    const series = (code: number): string =>
      `plura_router_requests_total{svc="shop",env="prod",track="stable",digest="${a.digest}",code="${code}"}`;
    expect(metrics).toContain(`${series(200)} 3\n`);
    expect(metrics).toContain(`${series(500)} 2\n`);
    expect(metrics).toContain(`${series(502)} 1\n`);
    expect(metrics).toContain('plura_router_request_duration_seconds_count');
  });

  it('counts a former stable no longer, and from zero once it is stable again', async () => {
    const { rollout, url: target } = await start(createFakeContainerRuntime());
    const { url } = await rollout.makeStable(at(1), a, '/', 5_000);
    await tracksOf(url, 3);
    const scrape = async (): Promise<string> => (await fetch(`${target}/metrics`)).text();

    await rollout.makeStable(at(2), b, '/', 5_000);
    const former = await scrape();
    await rollout.makeStable(at(3), a, '/', 5_000);
    const again = await scrape();

    expect(former).not.toContain(a.digest);
    expect(former).toContain(b.digest);
    expect(again).toContain(`track="stable",digest="${a.digest}",code="200"} 0\n`);
  });

  it('breaks the connection of an answer that its container broke off', async () => {
    const runtime = createFakeContainerRuntime();
    runtime.serve(a, (request, answer) => {
      if (request.url === '/half') {
        answer.writeHead(200, { 'content-length': 100 });
        answer.write('half');
        setTimeout(() => answer.destroy(), 20);
      } else {
        answer.end('ok');
      }
    });
    const { rollout, url: target } = await start(runtime);
    const { url } = await rollout.makeStable(at(1), a, '/', 5_000);

    await expect(fetch(`${url}/half`).then((response) => response.text())).rejects.toThrow();

    const metrics = await (await fetch(`${target}/metrics`)).text();
    expect(metrics).toMatch(/requests_total\{[^}]*code="502"\} 1\n/);
  });

  it('does not blame the track for a client that left', async () => {
    const runtime = createFakeContainerRuntime();
    let asked = false;
    runtime.serve(a, (request, answer) => {
      if (request.url === '/slow') {
        asked = true;
      } else {
        answer.end('ok');
      }
    });
    const { rollout, url: target } = await start(runtime);
    const { url } = await rollout.makeStable(at(1), a, '/', 5_000);
    const leaving = new AbortController();
    const gone = fetch(`${url}/slow`, { signal: leaving.signal }).catch(() => 'gone');
    await until(() => asked);

    leaving.abort();
    await gone;

    await until(async () => {
      const metrics = await (await fetch(`${target}/metrics`)).text();
      return /code="499"\} 1\n/.test(metrics);
    });
  });
});

describe('the way back', () => {
  it('keeps two former stables running and starts none of them again', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    for (const [epoch, one] of [a, b, c, d].entries()) {
      await rollout.makeStable(at(epoch), one, '/', 5_000);
    }
    await until(() => !runtime.running.has(idOf(a)));
    const before = runtime.log.length;

    const { url } = await rollout.makeStable(at(9), c, '/', 5_000);

    expect(runtime.log.slice(before)).toEqual([]);
    expect(await (await fetch(url)).text()).toBe(c.digest);
    expect([...runtime.running.keys()].sort()).toEqual([b, c, d].map(idOf).sort());
  });

  it('starts a former stable again when it is no longer healthy', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.makeStable(at(2), b, '/', 5_000);
    await runtime.crash(idOf(a));

    const { url } = await rollout.makeStable(at(3), a, '/', 5_000);

    expect(await (await fetch(url)).text()).toBe(a.digest);
  });

  it('does not wait for an older writer whose container is slow, and fences it', async () => {
    const runtime = createFakeContainerRuntime();
    let ready = false;
    runtime.serve(c, (_request, answer) => answer.writeHead(ready ? 200 : 503).end());
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.makeStable(at(2), b, '/', 5_000);
    const slow = rollout.startCandidate(at(2), c, '/', 10_000).catch((error: unknown) => error);
    await until(() => runtime.running.has(idOf(c)));

    const back = await rollout.makeStable(at(3), a, '/', 5_000);
    ready = true;

    expect(back).toMatchObject({ stable: a.digest, epoch: 3 });
    expect(await slow).toMatchObject({ code: 'FENCED' });
    await until(() => !runtime.running.has(idOf(c)));
  });
});

describe('a target that starts again', () => {
  it('takes over what still runs, starts what does not, and removes the rest', async () => {
    const runtime = createFakeContainerRuntime();
    const first = await start(runtime);
    await first.rollout.makeStable(at(1), a, '/', 5_000);
    await first.rollout.makeStable(at(2), b, '/', 5_000);
    await first.rollout.startCandidate(at(2), c, '/', 5_000);
    await first.rollout.setCandidatePercent(at(2), c.digest, 25);
    const before = await first.rollout.getState('shop', 'prod');
    // As after kill -9: the containers are there, the target's memory is not.
    await runtime.crash(idOf(c));
    await runtime.start({ id: 'prod.shop.stray', hostname: 'x', image: d, port: 0 });
    const started = runtime.log.length;

    const second = await start(runtime, first.stateDir);

    expect(await second.rollout.getState('shop', 'prod')).toMatchObject({
      stable: before.stable,
      candidate: before.candidate,
      candidatePercent: 25,
      epoch: 2,
    });
    const afterwards = runtime.log.slice(started);
    expect(afterwards).toContain('stop prod.shop.stray');
    expect(afterwards).toContain(`start ${idOf(c)}`);
    expect(afterwards).not.toContain(`start ${idOf(b)}`);
    await expect(second.rollout.withdrawCandidate(at(1))).rejects.toMatchObject({ code: 'FENCED' });
  });

  it('stops its containers when it ends and starts them next time at the same address', async () => {
    const runtime = createFakeContainerRuntime();
    const stateDir = await mkdtemp(join(tmpdir(), 'plura-target-'));
    const first = await startTestTarget(runtime, stateDir);
    const { url } = await first.rollout.makeStable(at(1), a, '/', 5_000);
    await first.close();
    const left = runtime.running.size;

    await start(runtime, stateDir);

    expect(left).toBe(0);
    expect(await (await fetch(url)).text()).toBe(a.digest);
    await rm(stateDir, { recursive: true });
  });
});

describe('the API', () => {
  it('needs its token under /v1 and nowhere else', async () => {
    const { url } = await start(createFakeContainerRuntime());

    const status = async (path: string, token?: string): Promise<number> =>
      (await fetch(url + path, token ? { headers: { authorization: `Bearer ${token}` } } : {}))
        .status;

    expect(await status('/v1/state')).toBe(401);
    expect(await status('/v1/state', 'wrong')).toBe(401);
    expect(await status('/v1/state', TARGET_TOKEN)).toBe(200);
    expect(await status('/healthz')).toBe(200);
    expect(await status('/metrics')).toBe(200);
  });

  it.each([
    ['epoch', { epoch: -1 }],
    ['image.digest', { image: { repository: 'apps/shop/web', digest: 'latest' } }],
    ['image.repository', { image: { repository: '../etc', digest: a.digest } }],
    ['healthPath', { healthPath: 'http://elsewhere/' }],
    ['readyTimeoutMs', { readyTimeoutMs: 1e9 }],
  ])('names the field %s that is wrong', async (field, change) => {
    const { url } = await start(createFakeContainerRuntime());
    const good = { epoch: 1, image: a, healthPath: '/', readyTimeoutMs: 1_000 };

    const response = await fetch(`${url}/v1/rollouts/shop/prod/candidate`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${TARGET_TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...good, ...change }),
    });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'INVALID_INPUT', details: { field } });
  });

  it('lists what runs, with container states', async () => {
    const { url, rollout } = await start(createFakeContainerRuntime());
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.makeStable(at(2), b, '/', 5_000);

    const headers = { authorization: `Bearer ${TARGET_TOKEN}` };
    const state: unknown = await (await fetch(`${url}/v1/state`, { headers })).json();

    expect(state).toMatchObject({
      placements: [
        {
          svc: 'shop',
          stable: b.digest,
          warm: [a.digest],
          containers: [
            { digest: b.digest, status: 'running' },
            { digest: a.digest, status: 'running' },
          ],
        },
      ],
    });
  });
});
