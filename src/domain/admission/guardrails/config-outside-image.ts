import { containersOf, type PlacedContainer } from '../containers';
import { matchesGlob } from '../glob';
import type { GuardrailSettings } from './config';
import type { Breach, Guardrail } from './guardrail';
import { envNamesOf, pathsOf, type ImageConfig } from './image-config';

export const configOutsideImage: Guardrail = {
  id: 'config-outside-image',
  title: 'Configuration, flags and secrets are not in the image',
  why: 'One digest goes through all environments; what differs between them, or is secret, comes from outside.',
  remedy:
    'take it out of the Dockerfile; give it by env, a ConfigMap, a Secret or a mounted volume',
  readsFacts: true,
  judge({ template, facts }, { image }) {
    return containersOf(template).flatMap((placed) =>
      judgeContainer(placed, facts.imageConfigs.get(placed.container.image) ?? [], image),
    );
  },
};

function judgeContainer(
  { container, pointer }: PlacedContainer,
  configs: readonly ImageConfig[],
  forbidden: GuardrailSettings['image'],
): readonly Breach[] {
  const breach = (message: string): Breach => ({
    rule: 'config-outside-image',
    pointer: pointer('image'),
    message,
  });
  if (configs.length === 0) {
    return [breach(`the config of the image of container ${container.name} is not known`)];
  }
  const found = (texts: readonly string[], globs: readonly string[]): readonly string[] => [
    ...new Set(texts.filter((text) => globs.some((glob) => matchesGlob(glob, text)))),
  ];
  const env = found(configs.flatMap(envNamesOf), forbidden.forbiddenEnv);
  const paths = found(configs.flatMap(pathsOf), forbidden.forbiddenPaths);
  return [
    ...env.map((name) => breach(`the image of container ${container.name} sets ${name}`)),
    ...paths.map((path) => breach(`the image of container ${container.name} holds ${path}`)),
  ];
}
