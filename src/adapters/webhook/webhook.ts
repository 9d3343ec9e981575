import { createHmac } from 'node:crypto';
import { ReleaseError } from '../../contract/errors';
import type { Notification, Notifier } from '../../ports/notifier';

export interface WebhookOptions {
  readonly url: string;
  /** Shared with the receiver; `whsec_` and base64, as Standard Webhooks writes it, or any text. */
  readonly secret: string;
  readonly timeoutMs: number;
  readonly now?: () => Date;
}

const PREFIX = 'whsec_';

function keyOf(secret: string): Buffer {
  return secret.startsWith(PREFIX)
    ? Buffer.from(secret.slice(PREFIX.length), 'base64')
    : Buffer.from(secret);
}

/** Standard Webhooks 1.0, "Signature scheme": HMAC-SHA256 over `{id}.{timestamp}.{body}`. */
function sign(key: Buffer, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

function unavailable(why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('NOTIFIER_UNAVAILABLE', `The notification was not taken: ${why}`, {
    cause,
    details: { remedy: 'check that the webhook receiver runs and its address is right' },
  });
}

/**
 * Posts notifications as JSON, signed as Standard Webhooks has it. `webhook-id` is the notification's
 * id, so a receiver can drop what a retry sends again.
 */
export function createWebhookNotifier(options: WebhookOptions): Notifier {
  const key = keyOf(options.secret);
  const now = options.now ?? ((): Date => new Date());

  async function post(notification: Notification): Promise<Response> {
    const sentAt = now();
    const timestamp = String(Math.floor(sentAt.getTime() / 1000));
    const body = JSON.stringify({
      type: `plura.${notification.severity}`,
      timestamp: sentAt.toISOString(),
      data: notification,
    });
    const signal = AbortSignal.timeout(options.timeoutMs);
    try {
      return await fetch(options.url, {
        method: 'POST',
        redirect: 'error',
        signal,
        headers: {
          'content-type': 'application/json',
          'webhook-id': notification.id,
          'webhook-timestamp': timestamp,
          'webhook-signature': sign(key, notification.id, timestamp, body),
        },
        body,
      });
    } catch (error) {
      // The address may hold a token of the receiver's: it stays out of the message.
      const why = signal.aborted ? `no answer in ${options.timeoutMs} ms` : 'no connection';
      throw unavailable(why, error);
    }
  }

  return {
    send: async (notification) => {
      const answer = await post(notification);
      // Not read: what the receiver says is of no use, and may be endless.
      await answer.body?.cancel();
      if (!answer.ok) {
        throw unavailable(`the receiver answered ${answer.status}`);
      }
    },
  };
}
