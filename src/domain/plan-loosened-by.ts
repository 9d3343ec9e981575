/** Where a plan lets through what another would not. */
export interface Loosened {
  /** As in a plan file, e.g. `canary.guardrails.maxErrorRatio`. */
  readonly path: string;
  readonly message: string;
}

type Text = (value: number) => string;

export function more(
  path: string,
  own: number,
  standard: number,
  text: Text = String,
): readonly Loosened[] {
  return own > standard ? [{ path, message: `${text(own)} is more than ${text(standard)}` }] : [];
}

export function less(
  path: string,
  own: number,
  standard: number,
  text: Text = String,
): readonly Loosened[] {
  return own < standard ? [{ path, message: `${text(own)} is less than ${text(standard)}` }] : [];
}

/** For what is easier one way or the other. */
export function other(
  path: string,
  own: number,
  standard: number,
  text: Text = String,
): readonly Loosened[] {
  return own === standard ? [] : [{ path, message: `${text(own)} is not ${text(standard)}` }];
}
