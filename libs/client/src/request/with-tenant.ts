/** Fills in the client's tenant where a call names none. */
export function withTenant<Query extends { readonly tenantId?: string | undefined }>(
  query: Query,
  tenantId: string | undefined,
): Query {
  return query.tenantId === undefined && tenantId !== undefined ? { ...query, tenantId } : query;
}
