import type { Digest } from './digest';
import type { WindowMeasurement } from './guardrails';
import type { WindowAnswer, WindowInput } from './judge/window-input';
import type { Guardrails } from './policy';
import type { Json } from './verdict';

/** Tells evidence that can be judged again from that of other gates and of earlier versions. */
export const WINDOW_EVIDENCE_TYPE = 'plura.reg/window-evidence/v1';

/** What a reader takes of one window; more is unreadable, so that no file can exhaust whoever replays it. */
export const WINDOW_EVIDENCE_LIMITS = {
  metrics: 50,
  /** Of one series; Prometheus answers a range query with 11,000 points at most. */
  samples: 11_000,
  queries: 200,
  /** Characters of a query. */
  exprChars: 16_384,
} as const;

/** A query as it was sent, its placeholders resolved. */
export interface EvidenceQuery {
  readonly metric: string;
  readonly track: 'candidate' | 'stable';
  readonly expr: string;
}

/** What a canary or observation verdict rests on: enough to judge again without a server. */
export interface WindowEvidence {
  readonly type: typeof WINDOW_EVIDENCE_TYPE;
  readonly input: WindowInput;
  readonly answer: WindowAnswer;
  readonly queries: readonly EvidenceQuery[];
  readonly policyHash: string;
  /** `sha256:` of the merged plan; evidence of earlier versions has none. */
  readonly planHash?: string;
  /** RFC 3339: the measured range. */
  readonly from: string;
  readonly to: string;
  /** RFC 3339: since when a track was counted, where nothing was stored before the window. */
  readonly countedFrom?: Readonly<Partial<Record<EvidenceQuery['track'], string>>>;
  readonly digests: { readonly candidate: Digest; readonly stable: Digest | null };
}

/** Evidence of a verdict, as far as it can be judged again. */
export type ReadEvidence =
  | { readonly kind: 'window'; readonly evidence: WindowEvidence }
  /** Of 0.1 and 0.2: the measurement of the candidate alone, which guardrails can judge. */
  | {
      readonly kind: 'measurement';
      readonly sample: WindowMeasurement;
      readonly guardrails: Guardrails;
      readonly staleAfterMs: number;
    }
  /** Of a gate that judges no window. */
  | { readonly kind: 'other' }
  /** It says it is a window's evidence and does not keep the schema. */
  | { readonly kind: 'unreadable'; readonly why: string };

/** JSON has no NaN and no infinities, and would quietly store null: they travel as text. */
function encode(value: unknown): Json {
  if (typeof value === 'number') {
    return Number.isFinite(value) ? value : String(value);
  }
  if (Array.isArray(value)) {
    return (value as readonly unknown[]).map((member) => encode(member));
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value as Readonly<Record<string, unknown>>);
    return Object.fromEntries(
      members
        .filter(([, member]) => member !== undefined)
        .map(([key, member]) => [key, encode(member)]),
    );
  }
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

/** As it goes into a verdict; `contract/schema/window-evidence` reads it back. */
export function encodeWindowEvidence(evidence: Omit<WindowEvidence, 'type'>): Json {
  return encode({ ...evidence, type: WINDOW_EVIDENCE_TYPE });
}
