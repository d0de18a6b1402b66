import { defineEvents } from '@annals/events';
import { LocationData } from '../location/location-data.ts';

/** The first release called a longitude `lng`. */
const location = { class: LocationData, version: 2, migrations: { 1: { rename: { lng: 'long' } } } } as const;

/** All events of the marketplace: both services write some and read those of the other. */
export const marketplaceEvents = defineEvents({
  'user.created': {},
  'user.updated': {},
  'user.deleted': {},
  'user.location.updated': location,
  'user.integration.created': {},
  'user.integration.deleted': {},
  'vendor.created': {},
  'vendor.updated': {},
  'vendor.deleted': {},
  'vendor.location.updated': location,
  'websocket.user.connected': {},
  'websocket.user.disconnected': {},
  'websocket.vendor.connected': {},
  'websocket.vendor.disconnected': {},
});
