import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { refused } from '../http/refused';

function hashed(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Same work whatever was sent: hashes have one length. @throws Refused 401; 404 where no notifications are taken */
export function assertBearer(request: IncomingMessage, secret: string | undefined): void {
  if (secret === undefined || secret === '') {
    throw refused({
      code: 'NAME_UNKNOWN',
      rule: 'no-such-path',
      message: 'No notifications are taken here',
      remedy: 'configure a notification secret',
    });
  }
  const [, shown = ''] =
    /^Bearer ([^\s]{1,4096})$/i.exec(request.headers.authorization ?? '') ?? [];
  if (timingSafeEqual(hashed(shown), hashed(secret))) return;
  throw refused(
    {
      code: 'UNAUTHORIZED',
      rule: 'notification-secret',
      message: 'Only the registry behind the gateway may notify it',
      remedy: "set the header Authorization of the registry's endpoint to Bearer and the secret",
    },
    { 'www-authenticate': 'Bearer realm="notifications"' },
  );
}
