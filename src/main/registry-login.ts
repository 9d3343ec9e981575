import { readFile } from 'node:fs/promises';
import { failureReason } from '../contract/error-reason';
import type { RegistryLogin } from '../config/registry-login';
import type { RegistryCredentials } from '../contract/docker-config';
import { ReleaseError } from '../contract/errors';

/**
 * The secret from its file, ready to be spread into an adapter's options; empty for a registry without login.
 *
 * @throws ReleaseError INVALID_INPUT that names the file, never what is in it
 */
export async function readLogin(
  login: RegistryLogin | null,
): Promise<{ readonly credentials?: RegistryCredentials }> {
  if (!login) return {};
  const { username, passwordFile } = login;
  const unusable = (why: string, cause?: unknown): ReleaseError =>
    new ReleaseError('INVALID_INPUT', `The secret of ${username} in ${passwordFile}: ${why}`, {
      cause,
      details: { field: passwordFile, remedy: 'write the secret that the robot was made with' },
    });
  let password: string;
  try {
    password = (await readFile(passwordFile, 'utf8')).trim();
  } catch (cause) {
    throw unusable(failureReason(cause), cause);
  }
  if (password === '') throw unusable('the file is empty');
  return { credentials: { username, password } };
}
