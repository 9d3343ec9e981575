import { describeFailure, SetupError } from '../../../../src/local/process/setup-error';

test('what is wrong and what to do stand on one line', () => {
  const text = describeFailure(new SetupError('Go was not found.', 'Install Go.'));

  expect(text).toBe('Go was not found. Install Go.');
});

test('the last lines of a log come before it', () => {
  const text = describeFailure(new SetupError('It failed.', 'Try again.', 'line 1\nline 2\n'));

  expect(text.split('\n')).toEqual(['line 1', 'line 2', 'It failed. Try again.']);
});
