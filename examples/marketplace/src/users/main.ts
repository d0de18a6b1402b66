import { readSettings } from '../http/environment.ts';
import { serve } from '../http/serve.ts';
import { UsersModule } from './users.module.ts';

const settings = readSettings(process.env, {
  port: 3001,
  peer: { variable: 'VENDORS_URL', url: 'http://127.0.0.1:3002' },
});
const { natsServers, mailUrl } = settings;
const module = UsersModule.with({
  events: { servers: [...natsServers] },
  natsServers,
  vendorsUrl: settings.peerUrl!,
  mailUrl,
});
await serve('users', module, settings);
