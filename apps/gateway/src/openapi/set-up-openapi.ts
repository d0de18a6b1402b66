import { EVENT_BASES, ROUTES } from '@annals/contract';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** Serves the OpenAPI document and Swagger UI, whose files come with the package: nothing is fetched from elsewhere. */
export function setUpOpenApi(app: NestFastifyApplication): void {
  SwaggerModule.setup(ROUTES.docs.slice(1), app, () => createDocument(app), {
    jsonDocumentUrl: ROUTES.openApi.slice(1),
    customSiteTitle: 'Annals HTTP API',
    raw: ['json'],
  });
}

function createDocument(app: NestFastifyApplication): OpenAPIObject {
  const [base, otherBase] = EVENT_BASES;
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Annals')
    .setDescription(
      `Events on NATS JetStream over HTTP. Every route below ${base} is served below ${otherBase} as well. ` +
        'Failures are problem documents (RFC 9457) with a stable code.',
    )
    .setVersion('0.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(app, config, { autoTagControllers: false });
  const paths = Object.entries(document.paths).filter(([path]) => !path.startsWith(otherBase));
  for (const [, item] of paths) for (const operation of Object.values(item)) requirePath(operation as Operation);
  return { ...document, paths: Object.fromEntries(paths) };
}

interface Operation {
  readonly parameters?: { readonly in?: string; required?: boolean }[];
}

/** OpenAPI has no optional part of a path; the rules of fields, which queries share, say no such thing. */
function requirePath({ parameters }: Operation): void {
  for (const parameter of parameters ?? []) if (parameter.in === 'path') parameter.required = true;
}
