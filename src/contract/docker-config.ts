export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
}

/**
 * `config.json` of the folder that `DOCKER_CONFIG` names, as `docker login` writes it without a credential store: buildctl,
 * trivy, crane, cosign, helm and oras all read it. `host` is `host:port` as image references start.
 */
export function dockerConfig(host: string, { username, password }: RegistryCredentials): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  return `${JSON.stringify({ auths: { [host]: { auth } } })}\n`;
}
