import { readFileSync } from 'node:fs';
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dockerConfig, type RegistryCredentials } from '../../contract/docker-config';
import type { LocalRobotName } from '../seed/robots';

/** Secrets of the stack's robots, one file each; only its owner may enter. */
export function robotsDir(stateDir: string): string {
  return join(stateDir, 'robots');
}

export function robotSecretFile(stateDir: string, name: LocalRobotName): string {
  return join(robotsDir(stateDir), name);
}

/** In a folder of its own, so that the webhook can be given this one and no other. */
export function admissionSecretFile(stateDir: string): string {
  return join(stateDir, 'admission-robot', 'secret');
}

/** After the secrets were made; safe to repeat. */
export async function giveAdmissionItsSecret(stateDir: string): Promise<void> {
  const file = admissionSecretFile(stateDir);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await copyFile(robotSecretFile(stateDir, 'admission'), `${file}.new`);
  await rename(`${file}.new`, file);
}

export function robotCredentials(stateDir: string, name: LocalRobotName): RegistryCredentials {
  const password = readFileSync(robotSecretFile(stateDir, name), 'utf8').trim();
  return { username: name, password };
}

/** A folder for `DOCKER_CONFIG`: with it stock tools (crane, cosign, buildctl, helm) are this robot. */
export async function writeDockerConfig(
  stateDir: string,
  registryUrl: string,
  name: LocalRobotName,
): Promise<string> {
  const folder = join(robotsDir(stateDir), 'docker', name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(folder, 'config.json.new');
  const text = dockerConfig(new URL(registryUrl).host, robotCredentials(stateDir, name));
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, join(folder, 'config.json'));
  return folder;
}
