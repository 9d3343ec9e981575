export const BASES = '/v1/registry/bases';
