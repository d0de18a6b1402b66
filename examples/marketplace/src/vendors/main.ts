import { readSettings } from '../http/environment.ts';
import { serve } from '../http/serve.ts';
import { readOnboardingDeadline } from '../onboarding/onboarding-deadline.ts';
import { VendorsModule } from './vendors.module.ts';

const settings = readSettings(process.env, { port: 3002 });
const { natsServers } = settings;
const module = VendorsModule.with({
  events: { servers: [...natsServers] },
  onboardingDeadlineMs: readOnboardingDeadline(process.env),
});
await serve('vendors', module, settings, { queries: natsServers });
