import { readSettings } from '../http/environment.ts';
import { serve } from '../http/serve.ts';
import { VendorsModule } from './vendors.module.ts';

const settings = readSettings(process.env, {
  port: 3002,
  peerVariable: 'USERS_URL',
  peerUrl: 'http://127.0.0.1:3001',
});
const module = VendorsModule.with({ events: { servers: [...settings.natsServers] }, usersUrl: settings.peerUrl });
await serve('vendors', module, settings);
