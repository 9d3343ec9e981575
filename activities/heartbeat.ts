import { Context } from '@temporalio/activity';

const EVERY_MS = 2_000;

/** For long work: its cancellation arrives as `signal`, and its heartbeats say how far it is. */
export async function heartbeating<T>(
  work: (signal: AbortSignal, note: (text: string) => void) => Promise<T>,
): Promise<T> {
  const context = Context.current();
  let text = 'started';
  const timer = setInterval(() => {
    context.heartbeat(text);
  }, EVERY_MS);
  try {
    context.heartbeat(text);
    return await work(context.cancellationSignal, (next) => {
      text = next.slice(0, 200);
    });
  } finally {
    clearInterval(timer);
  }
}
