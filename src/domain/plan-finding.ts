/** Something in a plan that does not work, or likely isn't meant. */
export interface PlanFinding {
  /** As in a plan file, e.g. `canary.steps[0].window`. */
  readonly path: string;
  /** An error is a plan that a promotion must refuse. */
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly remedy: string;
}

/** A ratio as people read it. */
export function percentText(ratio: number): string {
  return `${Number((ratio * 100).toFixed(3))} %`;
}
