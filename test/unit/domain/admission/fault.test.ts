import { earlier } from '../../../../src/domain/admission/fault';

const MONDAY = '2026-03-02T00:00:00Z';
const TUESDAY = '2026-03-03T00:00:00Z';

it.each([
  [null, null, null],
  [null, MONDAY, MONDAY],
  [MONDAY, null, MONDAY],
  [MONDAY, TUESDAY, MONDAY],
  [TUESDAY, MONDAY, MONDAY],
])('of %s and %s the earlier is %s', (one, two, first) => {
  expect(earlier(one, two)).toBe(first);
});

it('takes what can not be read for past', () => {
  expect(earlier(MONDAY, 'soon')).toBe('soon');
  expect(earlier('soon', MONDAY)).toBe('soon');
});
