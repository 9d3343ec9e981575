import { bar, scaleOf, sparkline } from '../../../src/cli/commands/verdict/chart';

const RISING = [0, 1, 2, 3, 4, 5, 6, 7];
const SCALE = { low: 0, high: 7 };
const UNICODE = { width: 40, unicode: true };
const ASCII = { width: 40, unicode: false };

describe('sparkline', () => {
  it('draws a value a character, in blocks or in ASCII', () => {
    expect(sparkline(RISING, SCALE, UNICODE)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline(RISING, SCALE, ASCII)).toBe('_.:-=+*#');
  });

  it('shows gaps as gaps, and what is no number as a question', () => {
    expect(sparkline([0, null, NaN, Infinity, 7], SCALE, ASCII)).toBe('_ ??#');
  });

  it('draws the means of parts where there are more values than room', () => {
    const values = [0, 0, 7, 7, NaN, 7];

    expect(sparkline(values, SCALE, { width: 3, unicode: false })).toBe('_##');
  });

  it('draws a constant low, and nothing of nothing', () => {
    expect(sparkline([5, 5], { low: 5, high: 5 }, ASCII)).toBe('__');
    expect(sparkline([], SCALE, ASCII)).toBe('');
  });
});

describe('scale', () => {
  it('covers both lines, numbers only', () => {
    expect(scaleOf([3, NaN, null], [1, -Infinity, 9])).toEqual({ low: 1, high: 9 });
    expect(scaleOf([null, NaN], [])).toBeNull();
  });
});

describe('bar', () => {
  it.each([
    [0, ''],
    [0.001, '#'],
    [0.5, '#####'],
    [1, '##########'],
    [2, '##########'],
  ])('of %d is "%s"', (share, drawn) => {
    expect(bar(share, { width: 10, unicode: false })).toBe(drawn);
  });
});
