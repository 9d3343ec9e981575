import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { connectionConfig, type PostgresOptions } from './database';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;

/** What the triggers of the schema notify. */
type NotifyChannel = 'plura_registry' | 'plura_allow_list' | 'plura_key_revocations';

/** Listens until the connection or the signal ends. False when it never came to listen. */
async function listen(
  channel: NotifyChannel,
  options: PostgresOptions,
  onChange: () => void,
  signal: AbortSignal,
): Promise<boolean> {
  const client = new Client(connectionConfig(options));
  const ended = new Promise<void>((resolve) => client.once('end', resolve));
  const stop = (): void => {
    void client.end().catch(() => undefined);
  };
  client.on('error', (error) => options.onConnectionLost?.(error));
  client.on('notification', () => {
    if (!signal.aborted) onChange();
  });
  signal.addEventListener('abort', stop, { once: true });
  let listening = false;
  try {
    await client.connect();
    await client.query(`LISTEN ${channel}`);
    listening = true;
    if (!signal.aborted) onChange();
    await ended;
  } catch {
    // Down or gone: the caller tries again, and the slow poll of who listens covers the time between.
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
  return listening;
}

async function keepListening(
  channel: NotifyChannel,
  options: PostgresOptions,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const listened = await listen(channel, options, onChange, signal);
    pauseMs = listened ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    // Ends at once when aborted; the loop then ends too.
    await delay(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

/** On a connection of its own, made again for as long as the signal allows. */
export function listenFor(
  channel: NotifyChannel,
  options: PostgresOptions,
  onChange: () => void,
  signal: AbortSignal,
): void {
  void keepListening(channel, options, onChange, signal);
}
