import { z } from 'zod';
import { failureReason } from '../error-reason';
import { ReleaseError } from '../errors';

const texts = z
  .array(z.string())
  .nullish()
  .transform((given) => given ?? []);

/** image-spec, config.md: what could be configuration of a service. */
const imageConfig = z.looseObject({
  config: z.looseObject({ Env: texts, Entrypoint: texts, Cmd: texts }).nullish(),
  history: z
    .array(z.looseObject({ created_by: z.string().nullish() }))
    .max(1000)
    .nullish(),
});

/** @throws ReleaseError INVALID_INPUT when the bytes are no image config. */
export function parseImageConfig(bytes: Buffer): {
  readonly env: readonly string[];
  readonly command: readonly string[];
  readonly history: readonly string[];
} {
  try {
    const { config, history } = imageConfig.parse(JSON.parse(bytes.toString('utf8')));
    return {
      env: config?.Env ?? [],
      command: [...(config?.Entrypoint ?? []), ...(config?.Cmd ?? [])],
      history: (history ?? []).flatMap(({ created_by: by }) => by ?? []),
    };
  } catch (cause) {
    throw new ReleaseError('INVALID_INPUT', `not an image config: ${failureReason(cause)}`, {
      cause,
    });
  }
}
