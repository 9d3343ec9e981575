import type { BinaryName } from '../toolchain/catalogue';

/** A process of the stack, or a step that runs once at each start. */
export interface PartPlan {
  readonly kind: 'process' | 'step';
  /** Parts that must be ready before. */
  readonly needs: readonly PartName[];
  readonly binaries: readonly BinaryName[];
}

/**
 * Everything that `npm start` brings up. A part starts as soon as its needs and binaries are there, so on
 * a new machine the API answers while the slower tools are still being built.
 */
export const PARTS = {
  keys: { kind: 'step', needs: [], binaries: [] },
  postgres: { kind: 'process', needs: [], binaries: [] },
  schema: { kind: 'step', needs: ['postgres'], binaries: [] },
  robots: { kind: 'step', needs: ['schema'], binaries: [] },
  /** Behind the gateway; nothing else speaks to it. Its notifications need the gateway's secret. */
  registry: { kind: 'process', needs: ['keys'], binaries: ['registry'] },
  gateway: { kind: 'process', needs: ['keys', 'robots', 'registry'], binaries: [] },
  /** Nothing asks it by itself: it is there to be tried, and to be asked by a cluster's API server. */
  admission: { kind: 'process', needs: ['keys', 'gateway'], binaries: [] },
  temporal: { kind: 'process', needs: [], binaries: ['temporal'] },
  rekor: { kind: 'process', needs: ['keys'], binaries: ['rekor-server'] },
  seed: { kind: 'step', needs: ['keys', 'gateway', 'rekor'], binaries: ['bolt-fixtures'] },
  buildkitd: { kind: 'process', needs: [], binaries: ['buildkitd', 'buildctl', 'runc'] },
  prometheus: { kind: 'process', needs: [], binaries: ['prometheus'] },
  issuer: { kind: 'process', needs: [], binaries: [] },
  target: { kind: 'process', needs: ['gateway'], binaries: ['runc'] },
  api: {
    kind: 'process',
    // Not the registry and the seed: it answers, and says what is missing, while those are being made.
    needs: ['keys', 'robots', 'temporal', 'issuer'],
    binaries: [],
  },
  'worker-control': {
    kind: 'process',
    needs: ['keys', 'gateway', 'temporal', 'rekor', 'seed', 'target'],
    binaries: [],
  },
  'worker-release': {
    kind: 'process',
    needs: ['keys', 'gateway', 'temporal', 'rekor', 'seed', 'buildkitd', 'target'],
    binaries: ['trivy'],
  },
  traffic: { kind: 'process', needs: ['target'], binaries: [] },
} as const satisfies Record<string, PlanRow>;

interface PlanRow {
  readonly kind: 'process' | 'step';
  readonly needs: readonly string[];
  readonly binaries: readonly BinaryName[];
}

export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

export function isPartName(text: string): text is PartName {
  return Object.hasOwn(PARTS, text);
}

export function planOf(name: PartName): PartPlan {
  return PARTS[name];
}

/** The parts asked for and all they need, in an order in which each comes after its needs. */
export function withNeeds(wanted: readonly PartName[]): readonly PartName[] {
  const chosen = new Set<PartName>();
  const choose = (name: PartName): void => {
    if (!chosen.has(name)) {
      planOf(name).needs.forEach(choose);
      chosen.add(name);
    }
  };
  wanted.forEach(choose);
  return [...chosen];
}
