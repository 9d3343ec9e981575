import { describeFailure, rethrowCancellation } from './failure';

export type Attempt<T> =
  | { readonly stopped: null; readonly value: T }
  /** Why it could not be done. */
  | { readonly stopped: string };

/** For work whose failure is an answer. Throws only when it is cancelled. */
export async function attempt<T>(work: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { stopped: null, value: await work() };
  } catch (error) {
    rethrowCancellation(error);
    return { stopped: describeFailure(error).message };
  }
}
