import { ApiQuery } from '@nestjs/swagger';

/** The tenant as a parameter beside a body. */
export function tenantQuery(description = 'The tenant; default unless given.'): MethodDecorator {
  return ApiQuery({ name: 'tenantId', required: false, description });
}
