import { createDeniedReader } from '../../../../src/admission/state/denied';
import type { Revisions } from '../../../../src/ports/allow-list';
import { denialOf } from '../../../support/contracts/allow-list';
import { A, T1 } from '../../../support/contracts/ledger-builders';
import { createFakeAllowList, type FakeAllowList } from '../../../support/fakes/allow-list';

let list: FakeAllowList;
const lists = jest.fn(() => list.listDenied());
let clockMs: number;
let read: ReturnType<typeof createDeniedReader>;

beforeEach(() => {
  clockMs = 0;
  list = createFakeAllowList();
  lists.mockClear();
  const revisions = (): Promise<Revisions> => list.revisions();
  read = createDeniedReader({ revisions, listDenied: lists }, () => clockMs);
});

it('has what is denied as soon as the revision moved, and no more when it is lifted', async () => {
  const before = await read();
  await list.addDenial(denialOf());
  const between = await read();
  await list.liftDenial(A, 'frank', 'false alarm', T1);
  const after = await read();

  expect([before, between, after].map(({ denied }) => [...denied.keys()])).toEqual([[], [A], []]);
  expect(after.allowRevision).toBeGreaterThan(between.allowRevision);
});

it('does not read denials again while the revision stays, for 10 s', async () => {
  await read();
  clockMs = 10_000;
  await read();
  expect(lists).toHaveBeenCalledTimes(1);

  clockMs = 10_001;
  await read();
  expect(lists).toHaveBeenCalledTimes(2);
});

it('reads again what came between the revision and the denials', async () => {
  lists.mockImplementationOnce(async () => {
    await list.addDenial(denialOf());
    return [];
  });
  await read();

  expect((await read()).denied.has(A)).toBe(true);
});

it('asks again after a failure', async () => {
  list.fail('LEDGER_UNAVAILABLE', 1);
  await expect(read()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  lists.mockRejectedValueOnce(new Error('gone'));
  await expect(read()).rejects.toThrow('gone');

  expect((await read()).denied.size).toBe(0);
  expect(lists).toHaveBeenCalledTimes(2);
});
