import type { ToldError } from '../../contract/told-error';
import type {
  DiffOrder,
  ExplainOrder,
  GcPlanner,
  LiveFacts,
  PlanOrder,
} from '../../ports/gc-planner';

export type Job =
  | { readonly kind: 'plan'; readonly order: PlanOrder }
  | { readonly kind: 'explain'; readonly order: ExplainOrder }
  | { readonly kind: 'diff'; readonly order: DiffOrder };

/** By the kind of its job. */
export interface Answers {
  readonly plan: Awaited<ReturnType<GcPlanner['plan']>>;
  readonly explain: Awaited<ReturnType<GcPlanner['explain']>>;
  readonly diff: Awaited<ReturnType<GcPlanner['diff']>>;
}

/** What the thread is given. `connection` is for its entry point. */
export interface ThreadData {
  readonly job: Job;
  readonly connection: string;
}

export type FromThread =
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'ask-live' }
  | { readonly kind: 'done'; readonly answer: Answers[Job['kind']] }
  | { readonly kind: 'failed'; readonly error: ToldError };

export type ToThread =
  | { readonly kind: 'live'; readonly facts: LiveFacts }
  | { readonly kind: 'no-live'; readonly error: ToldError };
