import { z } from 'zod';

/** Names of a page (distribution-spec, "Content Discovery"). Registries write null for an empty list. */
export const TagPage = z
  .object({ tags: z.array(z.string().max(128)).nullish() })
  .transform(({ tags }) => tags ?? []);
export const CatalogPage = z
  .object({ repositories: z.array(z.string().max(255)).nullish() })
  .transform(({ repositories }) => repositories ?? []);
