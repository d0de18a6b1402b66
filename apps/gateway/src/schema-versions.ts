import 'reflect-metadata';
import { runSchemaVersionCommand } from './upcast/schema-version-command.ts';

// The command of `npm run schema-versions`; like main.ts the one place where it touches its process.
process.exitCode = await runSchemaVersionCommand({
  args: process.argv.slice(2),
  env: process.env,
  say: (text) => process.stdout.write(text),
  complain: (text) => process.stderr.write(text),
});
