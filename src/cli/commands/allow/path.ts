export const GRANTS = '/v1/registry/grants';
