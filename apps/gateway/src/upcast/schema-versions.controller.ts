import { EVENT_BASES } from '@annals/contract';
import { auditSchemaVersions } from '@annals/core';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { ApiSchemaVersions } from '../openapi/schema-version.docs.ts';
import { ListAnswers } from '../read/list-answers.ts';
import { Name } from '../read/rules.ts';
import { StateModule } from '../state/state-module.ts';
import { wantsNdjson } from '../stream/ndjson-response.ts';
import { auditBody, auditLines } from './audit-lines.ts';

/** The query of `GET /events/schema-versions`. */
class SchemaVersionsQueryDto {
  @Name('The tenant; all unless given.')
  tenantId?: string;
}

const QUERY = new DtoPipe(SchemaVersionsQueryDto, 'a parameter of this route');

/** `GET /events/schema-versions`. */
@Controller([...EVENT_BASES])
export class SchemaVersionsController {
  constructor(
    @Inject(Answers) private readonly answers: Answers,
    @Inject(ListAnswers) private readonly lists: ListAnswers,
    @Inject(StateModule) private readonly module: StateModule,
  ) {}

  /** Reads the whole log: as JSON it must end within the time of a request, as NDJSON it takes what it takes. */
  @Get('schema-versions')
  @ApiSchemaVersions()
  async schemaVersions(
    @Query(QUERY) { tenantId }: SchemaVersionsQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { module } = this;
    if (wantsNdjson(request.headers.accept)) {
      await this.lists.stream(
        request,
        reply,
        (store, signal) => Promise.resolve(auditLines(store, module, tenantId, signal)),
        (line) => line,
      );
      return;
    }
    const audit = await this.answers.run((store, signal) =>
      auditSchemaVersions(store, module.registry, { tenantId, signal }),
    );
    void reply.header('vary', 'accept').send(auditBody(audit));
  }
}
