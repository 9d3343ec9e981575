import type { Random } from './random';

export type Values = readonly (number | null)[];

/** How a service's metric comes out in one window. */
export type Draw = (random: Random) => Values;

export const SAMPLES = 60;

export interface Noise {
  readonly mean?: number;
  /** Standard deviation over mean. */
  readonly cv?: number;
  /** Of a sample with its predecessor. */
  readonly rho?: number;
  readonly n?: number;
}

/** First-order autoregression around a mean, from its stationary state. */
export function noise({ mean = 100, cv = 0.15, rho = 0, n = SAMPLES }: Noise = {}): Draw {
  return (random) => {
    let state = random.normal();
    return Array.from({ length: n }, () => {
      const value = mean * (1 + cv * state);
      state = rho * state + Math.sqrt(1 - rho * rho) * random.normal();
      return value;
    });
  };
}

/** Each value the mean of so many neighbours, as samples whose ranges overlap; so many fewer are left. */
export function overlapping(draw: Draw, width: number): Draw {
  return (random) => {
    const values = draw(random).map((value) => value ?? NaN);
    return values.slice(width - 1).map((_value, i) => {
      const part = values.slice(i, i + width);
      return part.reduce((sum, value) => sum + value, 0) / width;
    });
  };
}

export function constant(value: number, n = SAMPLES): Draw {
  return () => new Array<number>(n).fill(value);
}

/** Never negative, with a long tail upwards. */
export function lognormal(scale: number, sigma: number): Draw {
  return (random) =>
    Array.from({ length: SAMPLES }, () => scale * Math.exp(sigma * random.normal()));
}

/** One of two levels, with some noise on both. */
export function twoLevels(low: number, high: number, shareHigh: number): Draw {
  return (random) =>
    Array.from({ length: SAMPLES }, () => {
      const level = random.uniform() < shareHigh ? high : low;
      return level * (1 + 0.02 * random.normal());
    });
}

/** Zero but for a share of positive values. */
export function mostlyZero(sharePositive: number, size: number): Draw {
  return (random) =>
    Array.from({ length: SAMPLES }, () =>
      random.uniform() < sharePositive ? size * (0.5 + random.uniform()) : 0,
    );
}

export function times(draw: Draw, factor: number): Draw {
  return mapped(draw, (value) => value * factor);
}

/** Grows in a straight line by this share over the window. */
export function leaking(draw: Draw, by: number): Draw {
  return (random) => {
    const values = draw(random);
    return values.map((value, i) =>
      value === null ? null : value * (1 + (by * i) / (values.length - 1)),
    );
  };
}

/** Both tracks of a service under one load: pass the same amplitude and periods to both. */
export function swinging(draw: Draw, amplitude: number, periods: number): Draw {
  return (random) => {
    const values = draw(random);
    return values.map((value, i) =>
      value === null
        ? null
        : value * (1 + amplitude * Math.sin((2 * Math.PI * periods * i) / values.length)),
    );
  };
}

/** In steps, as quantiles of a coarse histogram. */
export function quantised(draw: Draw, step: number): Draw {
  return mapped(draw, (value) => Math.round(value / step) * step);
}

/** A share of the values at random is replaced. */
export function sprinkled(draw: Draw, share: number, by: (value: number) => number | null): Draw {
  return (random) =>
    draw(random).map((value) => (value !== null && random.uniform() < share ? by(value) : value));
}

/** What lies from one place (included) to another (not) is replaced. */
export function cut(draw: Draw, from: number, to: number, by: number | null = null): Draw {
  return (random) => draw(random).map((value, i) => (i >= from && i < to ? by : value));
}

function mapped(draw: Draw, change: (value: number) => number): Draw {
  return (random) => draw(random).map((value) => (value === null ? null : change(value)));
}
