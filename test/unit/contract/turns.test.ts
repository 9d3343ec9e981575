import { createTurns } from '../../../src/contract/turns';

interface Job {
  readonly run: () => Promise<number>;
  readonly end: (result: number | Error) => void;
}

function createJobs(count: number, begun: number[]): readonly Job[] {
  return Array.from({ length: count }, (_, index) => {
    let end: Job['end'] = () => undefined;
    const ended = new Promise<number>((resolve, reject) => {
      end = (result) => {
        if (typeof result === 'number') resolve(result);
        else reject(result);
      };
    });
    return {
      run: () => {
        begun.push(index);
        return ended;
      },
      end,
    };
  });
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('runs no more than so many at a time, the others in order', async () => {
  const begun: number[] = [];
  const jobs = createJobs(4, begun);
  const turns = createTurns(2);

  const all = Promise.all(jobs.map(({ run }) => turns(run)));
  await settle();
  expect(begun).toEqual([0, 1]);
  jobs[1]?.end(1);
  await settle();
  expect(begun).toEqual([0, 1, 2]);
  for (const [index, job] of jobs.entries()) job.end(index);

  expect(await all).toEqual([0, 1, 2, 3]);
  expect(begun).toEqual([0, 1, 2, 3]);
});

it('goes on after one that fails', async () => {
  const [bad, good] = createJobs(2, []);
  const turns = createTurns(1);

  const failing = turns(bad!.run);
  const next = turns(good!.run);
  bad!.end(new Error('broken'));
  good!.end(7);

  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe(7);
});
