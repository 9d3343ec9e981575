import { createFakeContainerRuntime } from '../../../support/fakes/container-runtime';
import {
  a,
  at,
  b,
  broken,
  c,
  closeTargets,
  idOf,
  start,
  tracksOf,
  until,
} from '../../../support/target-fixtures';
afterEach(closeTargets);

describe('containers', () => {
  it('stops a withdrawn candidate once its last request is answered', async () => {
    const runtime = createFakeContainerRuntime();
    let finish = (): void => undefined;
    runtime.serve(b, (request, answer) => {
      if (request.url === '/slow') {
        finish = () => answer.end('done');
      } else {
        answer.end('ok');
      }
    });
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.startCandidate(at(1), b, '/', 5_000);
    const { url } = await rollout.setCandidatePercent(at(1), b.digest, 100);
    const last = fetch(`${url}/slow`).then((response) => response.text());
    await until(() => finish.toString().includes('done'));

    await rollout.withdrawCandidate(at(1));
    expect(await tracksOf(url, 1)).toEqual({ 'stable 200': 1 });
    expect(runtime.running.has(idOf(b))).toBe(true);
    finish();

    expect(await last).toBe('done');
    await until(() => !runtime.running.has(idOf(b)));
  });

  it('keeps a container that is wanted again before it was stopped', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.startCandidate(at(1), b, '/', 5_000);

    await rollout.withdrawCandidate(at(1));
    await rollout.startCandidate(at(1), b, '/', 5_000);
    await new Promise((resolve) => setTimeout(resolve, 200));

    await expect(rollout.trackUrl('shop', 'prod', 'candidate')).resolves.not.toBeNull();
    expect(runtime.running.has(idOf(b))).toBe(true);
  });

  it('starts a container again that ended by itself', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    const { url } = await rollout.makeStable(at(1), a, '/', 5_000);

    await runtime.crash(idOf(a));

    await until(async () => (await fetch(url)).status === 200);
    expect(runtime.log.filter((line) => line === `start ${idOf(a)}`)).toHaveLength(2);
  });

  it('says what a container that does not get ready wrote last', async () => {
    const runtime = createFakeContainerRuntime();
    runtime.serve(broken, (_request, answer) => answer.writeHead(500).end());
    const { rollout } = await start(runtime);

    const refusal = rollout.startCandidate(at(1), broken, '/healthz', 2_000);

    await expect(refusal).rejects.toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringMatching(/healthz answered 500.*a last line/) as string,
    });
    expect(runtime.running.size).toBe(0);
  });
});

describe('a candidate', () => {
  it('that ended by itself is told of with its last lines, though it runs again', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.startCandidate(at(1), b, '/', 5_000);

    await runtime.crash(idOf(b));

    await until(() => runtime.log.filter((line) => line === `start ${idOf(b)}`).length === 2);
    await until(async () => (await rollout.trackUrl('shop', 'prod', 'candidate')) !== null);
    await expect(rollout.getState('shop', 'prod')).resolves.toMatchObject({
      candidate: b.digest,
      trouble:
        "the candidate's container of shop in prod ended by itself once; its last lines: a last line",
    });
  });

  it('is not blamed for how it ended before it was asked for again', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    await rollout.startCandidate(at(1), b, '/', 5_000);
    await runtime.crash(idOf(b));
    await until(async () => (await rollout.getState('shop', 'prod')).trouble !== undefined);

    await rollout.startCandidate(at(2), b, '/', 5_000);

    await expect(rollout.getState('shop', 'prod')).resolves.not.toHaveProperty('trouble');
  });

  it('that is withdrawn while it gets ready is not started afterwards', async () => {
    const runtime = createFakeContainerRuntime();
    let ready = false;
    runtime.serve(c, (_request, answer) => answer.writeHead(ready ? 200 : 503).end());
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    const slow = rollout.startCandidate(at(1), c, '/', 600_000).catch((error: unknown) => error);
    await until(() => runtime.running.has(idOf(c)));

    await rollout.withdrawCandidate(at(1));
    ready = true;

    expect(await slow).toMatchObject({
      code: 'ROLLOUT_FAILED',
      message: expect.stringContaining('a later write') as string,
    });
    await expect(rollout.getState('shop', 'prod')).resolves.toMatchObject({ candidate: null });
    await until(() => !runtime.running.has(idOf(c)));
  });

  it('whose caller leaves while it gets ready is stopped', async () => {
    const runtime = createFakeContainerRuntime();
    runtime.serve(c, (_request, answer) => answer.writeHead(503).end());
    const { rollout } = await start(runtime);
    const leaving = new AbortController();
    const write = { ...at(1), signal: leaving.signal };
    const slow = rollout.startCandidate(write, c, '/', 600_000).catch(() => 'left');
    await until(() => runtime.running.has(idOf(c)));

    leaving.abort();

    expect(await slow).toBe('left');
    await until(() => !runtime.running.has(idOf(c)));
  });

  it('that is made stable too late takes no traffic from what was put back meanwhile', async () => {
    const runtime = createFakeContainerRuntime();
    let ready = false;
    runtime.serve(c, (_request, answer) => answer.writeHead(ready ? 200 : 503).end());
    const { rollout } = await start(runtime);
    await rollout.makeStable(at(1), a, '/', 5_000);
    const slow = rollout.makeStable(at(1), c, '/', 600_000).catch((error: unknown) => error);
    await until(() => runtime.running.has(idOf(c)));

    await rollout.makeStable(at(1), a, '/', 5_000);
    ready = true;

    expect(await slow).toMatchObject({ code: 'ROLLOUT_FAILED' });
    await expect(rollout.getState('shop', 'prod')).resolves.toMatchObject({ stable: a.digest });
  });

  it('of a first candidate are kept ready where it is told to wait, and take no traffic', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    const refuse = (): Promise<void> => Promise.reject(new Error('closed'));
    const asked = { ...at(1), beforeServing: refuse };
    await rollout.startCandidate(asked, a, '/', 5_000).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));

    const kept = runtime.running.has(idOf(a));
    const { candidate } = await rollout.getState('shop', 'prod');
    await rollout.withdrawCandidate(at(1));

    expect([kept, candidate]).toEqual([true, null]);
    await until(() => !runtime.running.has(idOf(a)));
  });

  it('that were kept ready are stopped once another candidate is', async () => {
    const runtime = createFakeContainerRuntime();
    const { rollout } = await start(runtime);
    const asked = { ...at(1), beforeServing: () => Promise.reject(new Error('closed')) };
    await rollout.startCandidate(asked, a, '/', 5_000).catch(() => undefined);

    await rollout.startCandidate(at(2), b, '/', 5_000);

    await until(() => !runtime.running.has(idOf(a)));
    expect(runtime.running.has(idOf(b))).toBe(true);
  });
});
