import { pino } from 'pino';
import { createUseRecorder } from '../../../../src/gateway/auth/use-recorder';
import { AUTH_NOW } from '../../../support/gateway-identity';

const now = (): Date => new Date(AUTH_NOW);
const log = pino({ level: 'silent' });

afterEach(() => {
  jest.useRealTimers();
});

it('writes five seconds after the first use, once', async () => {
  jest.useFakeTimers();
  const recordUse = jest.fn().mockResolvedValue(undefined);
  const recorder = createUseRecorder({ robots: { recordUse }, log, now });

  recorder.used('ci');
  recorder.used('ci');
  recorder.used('cluster');
  await jest.advanceTimersByTimeAsync(4999);
  expect(recordUse).not.toHaveBeenCalled();
  await jest.advanceTimersByTimeAsync(1);

  expect(recordUse.mock.calls).toEqual([
    [
      [
        { name: 'ci', at: AUTH_NOW },
        { name: 'cluster', at: AUTH_NOW },
      ],
    ],
  ]);
});

it('keeps what could not be written for the next time', async () => {
  const recordUse = jest
    .fn()
    .mockRejectedValueOnce(new Error('the database is away'))
    .mockResolvedValue(undefined);
  const recorder = createUseRecorder({ robots: { recordUse }, log, now });

  recorder.used('ci');
  await recorder.close();
  await recorder.close();
  await recorder.close();

  expect(recordUse.mock.calls).toEqual([
    [[{ name: 'ci', at: AUTH_NOW }]],
    [[{ name: 'ci', at: AUTH_NOW }]],
  ]);
});
