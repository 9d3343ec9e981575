import { deadlineOf, parseGoDuration, within } from '../../../src/admission/time-limit';

it.each([
  ['10s', 10_000],
  ['2.5s', 2_500],
  ['500ms', 500],
  ['1m30s', 90_000],
  ['1h', 3_600_000],
  ['250us', 0.25],
  ['', null],
  ['10', null],
  ['-1s', null],
  ['10s ', null],
  ['1e3s', null],
  ['s', null],
  ['1s'.repeat(40), null],
])('reads the duration "%s" as %s ms', (text, ms) => {
  expect(parseGoDuration(text)).toBe(ms);
});

it.each([
  ['10s', 8_000],
  ['5s', 4_500],
  ['1s', 500],
  ['100ms', 100],
  ['forever', 8_000],
  [undefined, 8_000],
  [['1s', '2s'], 8_000],
])('answers a timeout of %s within %s ms', (timeout, ms) => {
  expect(deadlineOf(timeout, 8_000)).toBe(ms);
});

it('gives up on what takes too long', async () => {
  await expect(within(new Promise(() => undefined), 5, 'The registry')).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: 'The registry did not answer within 5 ms',
  });
});

it('passes on what ends in time, well or badly', async () => {
  await expect(within(Promise.resolve(1), 1_000, 'It')).resolves.toBe(1);
  await expect(within(Promise.reject(new Error('no')), 1_000, 'It')).rejects.toThrow('no');
});
