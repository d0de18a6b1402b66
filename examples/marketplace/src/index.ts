export { type AtomicGroup, type EventToLoad } from './load/event-to-load.ts';
export { loadEvents, type LoadOptions } from './load/load-events.ts';
export { type LoadProgress, type LoadReport } from './load/load-report.ts';
export { verifyLoad, type Discrepancy } from './load/verify-load.ts';
export { DATA_SETS, readSampleData, type DataSet } from './sample-data/read-sample-data.ts';
export { driveTraffic, type TrafficOptions, type TrafficReport } from './traffic/drive-traffic.ts';
export { type MarketplaceUrls } from './traffic/marketplace-client.ts';
