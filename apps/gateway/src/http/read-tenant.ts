import { ValidationError, type ValidationProblem, nameProblem } from '@annals/core';

/**
 * The tenant of a route whose only parameter is `tenantId`, which may also stand in the body.
 *
 * @throws ValidationError for other parameters, and where query and body disagree
 */
export function readTenant(query: unknown, inBody?: string): string | undefined {
  const problems: ValidationProblem[] = [];
  let tenantId = inBody;
  for (const [name, value] of Object.entries(query as Record<string, unknown>)) {
    const problem = name === 'tenantId' ? tenantProblem(value, inBody) : 'is not a parameter of this route';
    if (problem !== undefined) problems.push({ path: name, message: problem });
    else tenantId = value as string;
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return tenantId;
}

function tenantProblem(value: unknown, inBody: string | undefined): string | undefined {
  if (Array.isArray(value)) return 'must be given once';
  if (inBody !== undefined && value !== inBody) return 'differs from tenantId in the body';
  return nameProblem(value);
}
