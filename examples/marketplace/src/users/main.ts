import { readSettings } from '../http/environment.ts';
import { serve } from '../http/serve.ts';
import { UsersModule } from './users.module.ts';

const settings = readSettings(process.env, {
  port: 3001,
  peerVariable: 'VENDORS_URL',
  peerUrl: 'http://127.0.0.1:3002',
});
const module = UsersModule.with({ events: { servers: [...settings.natsServers] }, vendorsUrl: settings.peerUrl });
await serve('users', module, settings);
