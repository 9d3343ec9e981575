/** Verdicts of the gates `canary` and `observation` that judge no window: before it, and beside it. */
const ASIDES = ['power', 'rollout'] as const;

export function asideOf(subject: string, aside: (typeof ASIDES)[number]): string {
  return `${subject}, ${aside}`;
}

export function isAside(subject: string): boolean {
  return ASIDES.some((aside) => subject.endsWith(asideOf('', aside)));
}
