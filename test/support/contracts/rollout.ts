import type { ImageRef } from '../../../src/domain/reference';
import type { Rollout, RolloutState } from '../../../src/ports/rollout';

export interface RolloutFixture {
  readonly rollout: Rollout;
  /** Three images that get ready at `healthPath`, and one that never does. */
  readonly images: readonly [ImageRef, ImageRef, ImageRef];
  readonly broken: ImageRef;
  readonly healthPath: string;
  /** A former stable is kept running. */
  readonly keepsWarm: boolean;
  /** Makes the container of a service's candidate in stg end by itself; resolves when the target may know it. */
  readonly crashCandidate?: (svc: string, image: ImageRef) => Promise<void>;
}

const READY_MS = 10_000;
const VERY_LONG_MS = 600_000;
const BROKEN_READY_MS = 1_000;

/** What every Rollout does, with services of its own so that tests don't meet. */
export function describeRolloutContract(
  name: string,
  create: () => RolloutFixture | Promise<RolloutFixture>,
): void {
  describe(`${name} keeps the contract of Rollout`, () => {
    let fixture: RolloutFixture;
    let number = 0;
    let svc = '';
    const write = (epoch: number) => ({ svc, env: 'stg' as const, epoch });
    const start = (epoch: number, image: ImageRef, readyMs = READY_MS): Promise<RolloutState> =>
      fixture.rollout.startCandidate(write(epoch), image, fixture.healthPath, readyMs);
    const pin = (epoch: number, image: ImageRef): Promise<RolloutState> =>
      fixture.rollout.makeStable(write(epoch), image, fixture.healthPath, READY_MS);

    beforeAll(async () => {
      fixture = await create();
    });
    beforeEach(() => {
      number += 1;
      svc = `contract-${number}`;
    });

    it('has nothing for a service it never heard of', async () => {
      const state = await fixture.rollout.getState(svc, 'stg');

      expect(state).toMatchObject({ svc, env: 'stg', stable: null, candidate: null });
      await expect(fixture.rollout.trackUrl(svc, 'stg', 'stable')).resolves.toBeNull();
    });

    it('gives a candidate all traffic where there is no stable', async () => {
      const [a] = fixture.images;

      const state = await start(1, a);

      expect(state).toMatchObject({ candidate: a.digest, candidatePercent: 100, stable: null });
      await expect(fixture.rollout.trackUrl(svc, 'stg', 'candidate')).resolves.toMatch(/^http:/);
    });

    it('asks before a first candidate gets all traffic, and gives it no place where that is refused', async () => {
      const [a] = fixture.images;
      const startAsked = (beforeServing: () => Promise<void>): Promise<RolloutState> =>
        fixture.rollout.startCandidate(
          { ...write(1), beforeServing },
          a,
          fixture.healthPath,
          READY_MS,
        );

      await expect(startAsked(() => Promise.reject(new Error('closed')))).rejects.toThrow('closed');
      const refused = await fixture.rollout.getState(svc, 'stg');
      const started = await startAsked(() => Promise.resolve());

      expect(refused).toMatchObject({ stable: null, candidate: null });
      expect(started).toMatchObject({ candidate: a.digest, candidatePercent: 100 });
    });

    it('asks nobody before a candidate gets its place beside the stable', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      const beforeServing = jest.fn(() => Promise.resolve());

      const state = await fixture.rollout.startCandidate(
        { ...write(1), beforeServing },
        b,
        fixture.healthPath,
        READY_MS,
      );

      expect(state).toMatchObject({ candidate: b.digest, candidatePercent: 0 });
      expect(beforeServing).not.toHaveBeenCalled();
    });

    it('starts a candidate beside the stable without traffic, then shifts it', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);

      const started = await start(2, b);
      const shifted = await fixture.rollout.setCandidatePercent(write(2), b.digest, 25);

      expect(started).toMatchObject({
        stable: a.digest,
        candidate: b.digest,
        candidatePercent: 0,
        epoch: 2,
      });
      expect(shifted).toMatchObject({ candidatePercent: 25 });
      await expect(fixture.rollout.getState(svc, 'stg')).resolves.toEqual(shifted);
    });

    it('makes the candidate the stable, which ends the candidate track', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      await start(2, b);

      const state = await pin(2, b);

      expect(state).toMatchObject({ stable: b.digest, candidate: null, candidatePercent: 0 });
      await expect(fixture.rollout.trackUrl(svc, 'stg', 'candidate')).resolves.toBeNull();
    });

    it('goes back to the former stable', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      await pin(2, b);

      const state = await pin(3, a);

      expect(state).toMatchObject({ stable: a.digest, candidate: null, epoch: 3 });
    });

    it('says what it keeps running of former stables, and keeps nothing of what it was told to stop', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);

      const forward = await pin(2, b);
      const back = await fixture.rollout.makeStable(
        { ...write(3), former: 'stop' },
        a,
        fixture.healthPath,
        READY_MS,
      );

      expect(forward.warm ?? []).toEqual(fixture.keepsWarm ? [a.digest] : []);
      expect(back).toMatchObject({ stable: a.digest });
      expect(back.warm ?? []).toEqual([]);
      await expect(fixture.rollout.getState(svc, 'stg')).resolves.toEqual(back);
    });

    it('answers a repeated write as the first one', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      await start(2, b);
      const shifted = await fixture.rollout.setCandidatePercent(write(2), b.digest, 5);

      const again = await start(2, b);
      const same = await fixture.rollout.setCandidatePercent(write(2), b.digest, 5);

      expect(again).toEqual(shifted);
      expect(same).toEqual(shifted);
    });

    it('starts a newer run of the same candidate without traffic', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      await start(2, b);
      await fixture.rollout.setCandidatePercent(write(2), b.digest, 25);

      await expect(start(3, b)).resolves.toMatchObject({ candidatePercent: 0 });
    });

    it('takes the candidate away, once and again', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      await start(2, b);

      const gone = await fixture.rollout.withdrawCandidate(write(2));
      const again = await fixture.rollout.withdrawCandidate(write(2));

      expect(gone).toMatchObject({ stable: a.digest, candidate: null, candidatePercent: 0 });
      expect(again).toEqual(gone);
    });

    it('takes the stable track away, once and again', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);

      const gone = await fixture.rollout.clearStable(write(1));
      const again = await fixture.rollout.clearStable(write(1));

      expect(gone).toMatchObject({ stable: null, candidate: null, candidatePercent: 0 });
      expect(again).toEqual(gone);
      await expect(fixture.rollout.trackUrl(svc, 'stg', 'stable')).resolves.toBeNull();
      await expect(start(2, b)).resolves.toMatchObject({ candidatePercent: 100 });
    });

    it('leaves all traffic to the candidate when the stable track goes', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      await start(2, b);

      await expect(fixture.rollout.clearStable(write(2))).resolves.toMatchObject({
        stable: null,
        candidate: b.digest,
        candidatePercent: 100,
      });
    });

    it('refuses every write of an older epoch', async () => {
      const [a, b, c] = fixture.images;
      await pin(5, a);
      await start(5, b);
      const before = await fixture.rollout.getState(svc, 'stg');
      const fenced = { code: 'FENCED' };

      await expect(start(4, c)).rejects.toMatchObject(fenced);
      await expect(pin(4, c)).rejects.toMatchObject(fenced);
      await expect(
        fixture.rollout.setCandidatePercent(write(4), b.digest, 50),
      ).rejects.toMatchObject(fenced);
      await expect(fixture.rollout.withdrawCandidate(write(4))).rejects.toMatchObject(fenced);
      await expect(fixture.rollout.clearStable(write(4))).rejects.toMatchObject(fenced);
      await expect(fixture.rollout.getState(svc, 'stg')).resolves.toEqual(before);
    });

    it('reports an image that does not get ready and leaves the tracks alone', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);
      await start(2, b);

      await expect(start(2, fixture.broken, BROKEN_READY_MS)).rejects.toMatchObject({
        code: 'ROLLOUT_FAILED',
      });

      await expect(fixture.rollout.getState(svc, 'stg')).resolves.toMatchObject({
        stable: a.digest,
        candidate: b.digest,
      });
    });

    it('waits no longer for an image when it is told to stop, and gives it no place', async () => {
      const [a] = fixture.images;
      await pin(1, a);
      const stop = new AbortController();
      const target = { ...write(2), signal: stop.signal };
      const starting = fixture.rollout
        .startCandidate(target, fixture.broken, fixture.healthPath, VERY_LONG_MS)
        .then(
          () => 'started',
          () => 'stopped',
        );

      setTimeout(() => {
        stop.abort();
      }, 100);

      expect(await starting).toBe('stopped');
      await expect(fixture.rollout.withdrawCandidate(write(2))).resolves.toMatchObject({
        stable: a.digest,
        candidate: null,
      });
    });

    it('tells of a candidate that ended by itself, and of nothing where it runs', async () => {
      if (!fixture.crashCandidate) return;
      const [a, b] = fixture.images;
      const since = new Date().toISOString();
      await pin(1, a);
      await start(2, b);
      const before = await fixture.rollout.getState(svc, 'stg', since);

      await fixture.crashCandidate(svc, b);

      const after = await fixture.rollout.getState(svc, 'stg', since);
      expect(before.trouble).toBeUndefined();
      expect(after.trouble).toMatch(/ended/);
      await expect(fixture.rollout.withdrawCandidate(write(2))).resolves.not.toHaveProperty(
        'trouble',
      );
    });

    it('shifts traffic to the candidate only', async () => {
      const [a, b] = fixture.images;
      await pin(1, a);

      await expect(
        fixture.rollout.setCandidatePercent(write(1), b.digest, 5),
      ).rejects.toMatchObject({ code: 'ROLLOUT_FAILED' });
    });

    it.each([-1, 101, 2.5])('refuses a share of %d %%', async (percent) => {
      const [a] = fixture.images;
      await start(1, a);

      await expect(
        fixture.rollout.setCandidatePercent(write(1), a.digest, percent),
      ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    });

    it('keeps environments apart', async () => {
      const [a] = fixture.images;
      await pin(7, a);

      await expect(fixture.rollout.getState(svc, 'prod')).resolves.toMatchObject({
        stable: null,
        epoch: 0,
      });
    });
  });
}
