import { parseArgs } from 'node:util';
import { type SchemaVersionAudit, auditSchemaVersions, isAnnalsError } from '@annals/core';
import { natsAccessOptions, openJetStreamStore } from '@annals/events';
import { ConfigError } from '../config/config-error.ts';
import { readConfig } from '../config/read-config.ts';
import { loadStateModule } from '../state/load-state-module.ts';
import { auditBody } from './audit-lines.ts';

/** What the command's process gives it. */
export interface CommandHost {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The answer. */
  readonly say: (text: string) => void;
  /** Progress, and what went wrong. */
  readonly complain: (text: string) => void;
}

const USAGE = `Usage: npm run schema-versions -- [--module <path>] [--tenant <id>] [--json]

Reads the log of the nats-server at NATS_URL once, and lists which schema versions are stored of each event type, and
whether the registry of the module (STATE_MODULE unless given) has a way from each to the current one.

Ends with code 0 when every stored event can be read, 1 when not, 2 when that could not be found out.
`;

/** Audits the stored schema versions. @returns the exit code */
export async function runSchemaVersionCommand(host: CommandHost): Promise<0 | 1 | 2> {
  try {
    const { values } = parseArgs({
      args: [...host.args],
      options: {
        module: { type: 'string' },
        tenant: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      host.say(USAGE);
      return 0;
    }
    const audit = await auditWith(host, values);
    host.say(values.json ? `${JSON.stringify(auditBody(audit), undefined, 2)}\n` : tableOf(audit));
    return audit.complete ? 0 : 1;
  } catch (error) {
    host.complain(`${reasonOf(error)}\n`);
    return 2;
  }
}

async function auditWith(
  { env, complain }: CommandHost,
  { module: path, tenant: tenantId }: { readonly module?: string | undefined; readonly tenant?: string | undefined },
): Promise<SchemaVersionAudit> {
  const config = readConfig(path === undefined ? env : { ...env, STATE_MODULE: path });
  const { registry } = await loadStateModule(config.stateModule);
  const store = await openJetStreamStore({
    servers: config.natsUrls,
    connectionOptions: { ...natsAccessOptions(config.natsAccess), name: 'annals-schema-versions' },
    topology: config.topology.length > 0 ? { streams: config.topology } : undefined,
    // Only looks: what is not there yet is not made.
    provisioning: 'verify',
  });
  try {
    const onProgress = (events: number): void => complain(`${events} events read\n`);
    return await auditSchemaVersions(store, registry, { tenantId, onProgress });
  } finally {
    await store.close();
  }
}

function tableOf({ events, versions, complete }: SchemaVersionAudit): string {
  const rows = versions.map(({ eventType, schemaVersion, currentVersion, way, count, first, last }) => [
    eventType,
    String(schemaVersion),
    currentVersion === undefined ? '-' : String(currentVersion),
    way,
    String(count),
    `${first.stream}:${first.sequence}`,
    `${last.stream}:${last.sequence}`,
  ]);
  const table = [['event type', 'stored', 'current', 'way', 'events', 'first', 'last'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
  const verdict = complete
    ? `All of the ${events} stored events can be read.`
    : 'What has no-way cannot be read: add a migration from the stored version.';
  return `${lines.join('\n')}\n\n${verdict}\n`;
}

function reasonOf(error: unknown): string {
  if (error instanceof ConfigError || isAnnalsError(error)) return error.message;
  const { code, message } = error as { code?: unknown; message?: string };
  if (typeof code === 'string' && code.startsWith('ERR_PARSE_ARGS')) return `${message}\n\n${USAGE}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
